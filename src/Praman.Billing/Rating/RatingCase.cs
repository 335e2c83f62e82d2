using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Praman.Billing.Rating;

/// <summary>One case of <c>praman rate</c>: the members of a worked bill. <c>check</c> says what is asked: one bill, the difference of two
/// (<c>delta</c>), or parts under several tariffs with one final rounding (<c>split</c>).</summary>
public sealed record RatingCase(string Id, string TariffId, RatingCheck Check, JsonElement Inputs, JsonElement InputsAfter, IReadOnlyList<(string TariffId, JsonElement Inputs)> Parts)
{
    private static readonly string[] Unused = ["origin", "sources", "expected", "tolerance", "steps", "note"];

    /// <summary>Ids of other versions of the tariff: the period is divided by the days on which each is in force.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>Most parts of a split bill, and most versions.</summary>
    public const int PartCountMax = 100;

    /// <summary>Reads a case.</summary>
    /// <param name="id">The case's id as far as it could be read, else empty.</param>
    /// <returns>False, with the field and what was expected of it.</returns>
    public static bool TryRead(JsonElement source, [NotNullWhen(true)] out RatingCase? read, out string id, [NotNullWhen(false)] out RatingRefusal? error)
    {
        read = null;
        id = "";
        error = null;
        if (source.ValueKind != JsonValueKind.Object)
        {
            error = Wrong("$", "expected an object with id, tariff and inputs");
            return false;
        }
        if (source.TryGetProperty("id", out JsonElement given) && given.ValueKind == JsonValueKind.String) id = given.GetString()!;
        else error = Wrong("id", "missing; expected a text");
        string? tariff = source.TryGetProperty("tariff", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        if (tariff is null) error ??= Wrong("tariff", "missing; expected the id of a tariff");
        if (!source.TryGetProperty("inputs", out JsonElement inputs)) error ??= Wrong("inputs", "missing; expected an object");
        RatingCheck check = ReadCheck(source, ref error);
        JsonElement after = default;
        List<(string, JsonElement)> parts = [];
        List<string> versions = [];
        foreach (JsonProperty member in source.EnumerateObject())
        {
            if (member.Name is "id" or "tariff" or "inputs" or "check" || Unused.Contains(member.Name)) continue;
            if (member.NameEquals("inputs_after")) after = member.Value;
            else if (member.NameEquals("parts")) ReadParts(member.Value, parts, ref error);
            else if (member.NameEquals("versions")) ReadVersions(member.Value, versions, ref error);
            else error ??= Wrong(member.Name, "unknown field");
        }
        if (versions.Count > 0 && check != RatingCheck.Engine) error ??= Wrong("versions", "belongs to a case of one bill");
        if (check == RatingCheck.Delta && after.ValueKind == JsonValueKind.Undefined) error ??= Wrong("inputs_after", "missing, and check is delta");
        if (check == RatingCheck.Split && parts.Count == 0) error ??= Wrong("parts", "missing, and check is split");
        if (error is null) read = new(id, tariff!, check, inputs, after, parts) { Versions = versions };
        return read is not null;
    }

    private static RatingCheck ReadCheck(JsonElement source, ref RatingRefusal? error)
    {
        if (!source.TryGetProperty("check", out JsonElement value)) return RatingCheck.Engine;
        string? word = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        switch (word)
        {
            case "engine" or "manual": return RatingCheck.Engine;
            case "delta": return RatingCheck.Delta;
            case "split": return RatingCheck.Split;
            default:
                error ??= Wrong("check", "expected one of engine, delta, split, manual");
                return RatingCheck.Engine;
        }
    }

    private static void ReadParts(JsonElement value, List<(string, JsonElement)> parts, ref RatingRefusal? error)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > PartCountMax)
        {
            error ??= Wrong("parts", $"expected a list of at most {PartCountMax} parts");
            return;
        }
        foreach (JsonElement part in value.EnumerateArray())
        {
            if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("tariff", out JsonElement name) && name.ValueKind == JsonValueKind.String &&
                part.TryGetProperty("inputs", out JsonElement inputs) && part.GetPropertyCount() == 2)
            {
                parts.Add((name.GetString()!, inputs));
            }
            else error ??= Wrong($"parts[{parts.Count}]", "expected an object with tariff and inputs alone");
        }
    }

    private static void ReadVersions(JsonElement value, List<string> versions, ref RatingRefusal? error)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > PartCountMax || value.EnumerateArray().Any(one => one.ValueKind != JsonValueKind.String))
        {
            error ??= Wrong("versions", $"expected a list of at most {PartCountMax} ids of tariffs");
            return;
        }
        foreach (JsonElement one in value.EnumerateArray()) versions.Add(one.GetString()!);
    }

    private static RatingRefusal Wrong(string name, string reason) => new(RefusalCodes.InputInvalid, $"Case member '{name}': {reason}.", name);

    /// <summary>Rates the case.</summary>
    public RatedCase Rate(TariffBook book, TraceDetail detail)
    {
        ArgumentNullException.ThrowIfNull(book);
        if (Check == RatingCheck.Split)
        {
            List<RatedBill> bills = [];
            foreach ((string tariff, JsonElement inputs) in Parts)
            {
                RatingResult part = RateOne(book, tariff, inputs, detail);
                if (!part.IsRated) return new(Id, part, null, null);
                bills.Add(part.Bill);
            }
            return new(Id, RatingResult.Of(SplitBill.Join(bills, book.Find(Parts[^1].TariffId)!.Tariff.Billing.TotalRounding)), null, null);
        }
        if (Versions.Count > 0) return new(Id, RateVersions(book, detail), null, null);
        RatingResult result = RateOne(book, TariffId, Inputs, detail);
        if (Check != RatingCheck.Delta || !result.IsRated) return new(Id, result, null, null);
        RatingResult after = RateOne(book, TariffId, InputsAfter, detail);
        return after.IsRated ? new(Id, result, after.Bill, result.Bill.Net - after.Bill.Net) : new(Id, after, null, null);
    }

    private RatingResult RateVersions(TariffBook book, TraceDetail detail)
    {
        List<CompiledTariff> versions = [];
        foreach (string id in Versions.Prepend(TariffId))
        {
            if (book.Find(id) is not { } tariff) return Unknown(id);
            versions.Add(tariff);
        }
        return BillingInputs.TryRead(Inputs, out BillingDeterminants? determinants, out RatingRefusal? error) ? VersionedRating.Rate(versions, determinants, detail) : RatingResult.Of(error);
    }

    private static RatingResult Unknown(string id) => RatingResult.Of(new RatingRefusal(RefusalCodes.TariffUnknown, $"No tariff '{id}' was loaded.", id));

    private static RatingResult RateOne(TariffBook book, string tariffId, JsonElement inputs, TraceDetail detail)
    {
        if (book.Find(tariffId) is not { } tariff) return Unknown(tariffId);
        return BillingInputs.TryRead(inputs, out BillingDeterminants? determinants, out RatingRefusal? error)
            ? RatingEngine.Rate(tariff, determinants, detail)
            : RatingResult.Of(error);
    }
}

/// <summary>What a case asks for.</summary>
public enum RatingCheck
{
    /// <summary>One bill.</summary>
    Engine,

    /// <summary>Net of one bill less net of another.</summary>
    Delta,

    /// <summary>Parts under several tariffs, rounded once at the end.</summary>
    Split,
}

/// <summary>A rated case.</summary>
/// <param name="After">The second bill of a difference.</param>
/// <param name="Difference">Net − net after.</param>
public sealed record RatedCase(string Id, RatingResult Result, RatedBill? After, decimal? Difference)
{
    /// <summary>A case that could not be read.</summary>
    public static RatedCase Refused(string id, RatingRefusal refusal) => new(id, RatingResult.Of(refusal), null, null);
}
