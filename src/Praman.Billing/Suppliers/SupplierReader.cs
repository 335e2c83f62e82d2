using System.Text.Json;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Suppliers;

/// <summary>Reads a document of the form <c>praman-supplier/1</c>, strictly: an unknown field, another type, a fact without a source are faults.</summary>
internal sealed class SupplierReader
{
    public const string Format = "praman-supplier/1";

    /// <summary>Most days that a rule may give: a longer time is a mistake in writing.</summary>
    private const int DaysMax = 366;

    private readonly Dictionary<string, TariffSource> _sources = new(StringComparer.Ordinal);

    private SupplierReader()
    {
    }

    /// <summary>The supplier; null, with a fault, where the document is not an object.</summary>
    public static Supplier? Read(JsonElement root, FaultList faults)
    {
        if (StrictObject.Open(root, "$", faults) is not { } document) return null;
        string format = document.Text("format");
        if (format != Format) document.Fault("format", $"expected \"{Format}\", found \"{format}\"");
        return new SupplierReader().Read(document);
    }

    private Supplier Read(StrictObject document)
    {
        document.OptionalDate("collected");
        TariffReader.ReadNamed(document, "sources", (id, source) => _sources[id] = TariffReader.SourceOf(id, source));
        var supplier = new Supplier
        {
            Id = Named(document, "id"),
            Name = Named(document, "name"),
            Names = document.Texts("names"),
            Country = Named(document, "country"),
            State = document.OptionalText("state"),
            Contact = ReadContact(document, "contact"),
            PaymentWays = [.. document.Objects("payment").Select(ReadWay)],
            DueRules = [.. document.Objects("due").Select(ReadDue)],
            DisconnectionRules = [.. document.Objects("disconnection").Select(ReadDisconnection)],
            Forum = ReadContact(document, "forum"),
            Ombudsman = ReadContact(document, "ombudsman"),
        };
        if (supplier.Names.Count == 0) document.Fault("names", "expected at least one name, as tariffs and bills write it");
        CheckOrder(document, "due", supplier.DueRules.Select(rule => rule.Span));
        CheckOrder(document, "disconnection", supplier.DisconnectionRules.Select(rule => rule.Span));
        document.Close();
        return supplier;
    }

    private ContactPoint? ReadContact(StrictObject document, string name)
    {
        if (document.OptionalObject(name) is not { } contact) return null;
        string? web = contact.OptionalText("web");
        if (web is not null && !(Uri.TryCreate(web, UriKind.Absolute, out Uri? address) && address.Scheme is "https" or "http"))
            contact.Fault("web", $"expected an address that begins with https:// or http://, found \"{web}\"");
        var read = new ContactPoint(
            contact.OptionalText("name"), contact.OptionalText("address"), contact.Texts("telephones"), contact.OptionalText("email"), web,
            contact.OptionalText("clause"), ReadSources(contact));
        if (read is { Name: null, Address: null, Email: null, Web: null, Clause: null, Telephones.Count: 0 })
            contact.Faults.Add(contact.Path, "states nothing; leave the member out instead");
        contact.Close();
        return read;
    }

    private PaymentWay ReadWay(StrictObject way)
    {
        var read = new PaymentWay(Named(way, "text"), ReadSources(way));
        way.Close();
        return read;
    }

    private DueRule ReadDue(StrictObject rule)
    {
        var read = new DueRule(
            rule.Integer("days", 0, DaysMax), rule.Choice("from", [("issue", DueFrom.Issue), ("reading", DueFrom.Reading)]), Named(rule, "clause"), ReadSpan(rule), ReadSources(rule));
        rule.Close();
        return read;
    }

    private DisconnectionRule ReadDisconnection(StrictObject rule)
    {
        var read = new DisconnectionRule(rule.Integer("clear_days", 0, DaysMax), Named(rule, "clause"), ReadSpan(rule), ReadSources(rule));
        rule.Close();
        return read;
    }

    private static RuleSpan ReadSpan(StrictObject rule)
    {
        var span = new RuleSpan(rule.OptionalDate("valid_from"), rule.OptionalDate("valid_to"));
        if (span.To < span.From) rule.Fault("valid_to", "expected a day not before valid_from");
        return span;
    }

    /// <summary>Of two rules that hold on one day, no reader could say which is meant.</summary>
    private static void CheckOrder(StrictObject document, string name, IEnumerable<RuleSpan> spans)
    {
        RuleSpan? before = null;
        foreach (RuleSpan span in spans)
        {
            if (before is { } earlier && !(earlier.To < span.From)) document.Fault(name, "expected rules by date, each with a valid_to before the next one's valid_from");
            before = span;
        }
    }

    /// <summary>Nothing is taken without its source.</summary>
    private List<TariffSource> ReadSources(StrictObject of)
    {
        List<TariffSource> sources = [];
        List<string> ids = of.Texts("sources");
        if (ids.Count == 0) of.Fault("sources", "expected at least one source, by its name in 'sources'");
        foreach (string id in ids)
        {
            if (_sources.TryGetValue(id, out TariffSource? source)) sources.Add(source);
            else of.Fault("sources", $"'{id}' is not among the sources of this file");
        }
        return sources;
    }

    private static string Named(StrictObject of, string name)
    {
        string text = of.Text(name);
        if (string.IsNullOrWhiteSpace(text) && of.Element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String)
            of.Fault(name, "expected a text that says something");
        return text;
    }
}
