using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using Praman.Billing.Suppliers;
using Praman.Billing.Tariffs;
using Praman.Testing;

namespace Praman.Billing.Tests.Suppliers;

/// <summary>What suppliers state of themselves, as data; and the dates that follow from it.</summary>
public sealed class SupplierTests
{
    private const string Whole = """
        {"format": "praman-supplier/1", "id": "s", "name": "S Limited", "names": ["S"], "country": "IN", "sources": {"law": {"title": "t", "url": "https://law.example", "publisher": "p", "date": "2003", "kind": "primary"}},
         "contact": {"telephones": ["1912"], "sources": ["law"]}, "payment": [{"text": "cash", "sources": ["law"]}],
         "due": [{"days": 10, "from": "reading", "clause": "c", "valid_from": "2014-04-01", "sources": ["law"]}],
         "disconnection": [{"clear_days": 15, "clause": "s. 56(1)", "valid_from": "2003-06-10", "sources": ["law"]}],
         "forum": {"name": "forum", "sources": ["law"]}, "ombudsman": {"name": "ombudsman", "sources": ["law"]}}
        """;

    private static string Folder => TestFiles.InRepository("suppliers");

    [Fact]
    public void EveryFileIsReadAndNamedAfterItsSupplier()
    {
        Assert.True(SupplierSet.TryLoad(Folder, out SupplierSet? set, out IReadOnlyList<TariffFault> faults), string.Join('\n', faults));
        Assert.Equal(Directory.EnumerateFiles(Folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal), set.Suppliers.Keys.Order(StringComparer.Ordinal));
        foreach (Supplier supplier in set.Suppliers.Values)
        {
            // Of a supplier in India the law says these, whatever else it states.
            Assert.Equal(15, supplier.DisconnectionRuleOn(new LocalDate(2026, 5, 3))!.ClearDays);
            Assert.Equal(("Electricity Act 2003, s. 42(5)", "Electricity Act 2003, s. 42(6)"), (supplier.Forum!.Clause, supplier.Ombudsman!.Clause));
        }
    }

    /// <summary>A name that no tariff writes would never be found; a tariff whose supplier has no file is no fault: adding a State is one file.</summary>
    [Fact]
    public void EveryNameStandsInATariffOfItsState()
    {
        Assert.True(SupplierSet.TryLoad(Folder, out SupplierSet? suppliers, out _));
        Assert.True(TariffSet.TryLoad(TestFiles.InRepository("tariffs"), out TariffSet? tariffs, out _));
        foreach (Supplier supplier in suppliers.Suppliers.Values)
        {
            foreach (string name in supplier.Names)
            {
                Tariff[] of = [.. tariffs.Tariffs.Values.Where(tariff => tariff.Utilities.Contains(name))];
                Assert.True(of.Length > 0, name);
                Assert.All(of, tariff => Assert.Equal((supplier.Country, supplier.State), (tariff.Country, tariff.State)));
                Assert.Same(supplier, suppliers.Find(name));
            }
        }
        Assert.NotNull(suppliers.Find(tariffs.Tariffs["in-gj-rgp-urban"].Utilities[0]));
    }

    [Fact]
    public void AWholeDocumentIsRead()
    {
        Assert.True(SupplierSet.TryParse(Encoding.UTF8.GetBytes(Whole), null, out SupplierSet? set, out IReadOnlyList<TariffFault> faults), string.Join('\n', faults));
        Supplier supplier = set.Find("S")!;
        Assert.Equal(("s", "S Limited", "1912", "cash", "forum", "ombudsman"),
            (supplier.Id, supplier.Name, supplier.Contact!.Telephones.Single(), supplier.PaymentWays.Single().Text, supplier.Forum!.Name, supplier.Ombudsman!.Name));
        DueRule due = supplier.DueRules.Single();
        Assert.Equal((10, DueFrom.Reading, "c", new RuleSpan(new LocalDate(2014, 4, 1), null), "https://law.example"), (due.Days, due.From, due.Clause, due.Span, due.Sources.Single().Url));
        Assert.Null(set.Find("S Limited"));
    }

    [Theory]
    [InlineData("format", "\"praman-supplier/2\"", "$.format")]
    [InlineData("name", "\"\"", "$.name")]
    [InlineData("name", "null", "$.name")]
    [InlineData("names", "[]", "$.names")]
    [InlineData("fax", "\"1\"", "$.fax")]
    [InlineData("contact", "{\"sources\": [\"law\"]}", "$.contact")]
    [InlineData("contact", "{\"telephones\": [\"1912\"]}", "$.contact.sources")]
    [InlineData("contact", "{\"telephones\": [\"1912\"], \"sources\": [\"rumour\"]}", "$.contact.sources")]
    [InlineData("contact", "{\"web\": \"javascript:alert(1)\", \"sources\": [\"law\"]}", "$.contact.web")]
    [InlineData("contact", "{\"name\": \"n\", \"telephones\": [1912], \"sources\": [\"law\"]}", "$.contact.telephones[0]")]
    [InlineData("payment", "[{\"text\": \" \", \"sources\": [\"law\"]}]", "$.payment[0].text")]
    [InlineData("due", "[{\"days\": 400, \"from\": \"issue\", \"clause\": \"c\", \"sources\": [\"law\"]}]", "$.due[0].days")]
    [InlineData("due", "[{\"days\": 4, \"from\": \"receipt\", \"clause\": \"c\", \"sources\": [\"law\"]}]", "$.due[0].from")]
    [InlineData("due", "[{\"days\": 4, \"from\": \"issue\", \"sources\": [\"law\"]}]", "$.due[0].clause")]
    [InlineData("due", "[{\"days\": 4, \"from\": \"issue\", \"clause\": \"c\", \"valid_from\": \"2020-01-01\", \"valid_to\": \"2019-01-01\", \"sources\": [\"law\"]}]", "$.due[0].valid_to")]
    [InlineData("due", "[{\"days\": 4, \"from\": \"issue\", \"clause\": \"c\", \"sources\": [\"law\"]}, {\"days\": 5, \"from\": \"issue\", \"clause\": \"c\", \"valid_from\": \"2020-01-01\", \"sources\": [\"law\"]}]", "$.due")]
    [InlineData("disconnection", "[{\"clear_days\": -1, \"clause\": \"c\", \"sources\": [\"law\"]}]", "$.disconnection[0].clear_days")]
    [InlineData("disconnection", "[{\"clear_days\": 15, \"clause\": \"c\", \"days\": 1, \"sources\": [\"law\"]}]", "$.disconnection[0].days")]
    [InlineData("sources", "{\"law\": {\"title\": \"t\", \"url\": \"u\", \"publisher\": \"p\", \"date\": \"d\", \"kind\": \"hearsay\"}}", "$.sources.law.kind")]
    public void AWrongDocumentIsRefusedByPlace(string member, string json, string path)
    {
        JsonObject document = JsonNode.Parse(Whole)!.AsObject();
        document[member] = JsonNode.Parse(json);
        Assert.False(SupplierSet.TryParse(Encoding.UTF8.GetBytes(document.ToJsonString()), "s.json", out _, out IReadOnlyList<TariffFault> faults));
        Assert.Equal(("s.json", path), (faults[0].File, Assert.Single(faults).Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"format\": \"praman-supplier/1\", \"format\": \"praman-supplier/1\"}")]
    public void WhatIsNoDocumentIsRefused(string json) => Assert.False(SupplierSet.TryParse(Encoding.UTF8.GetBytes(json), null, out _, out _));

    [Fact]
    public void ASupplierThatStandsInTwoFilesIsRefused()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("praman-suppliers-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.json"), Whole);
            File.WriteAllText(Path.Combine(folder.FullName, "b.json"), Whole.Replace("\"id\": \"s\"", "\"id\": \"b\"", StringComparison.Ordinal));
            Assert.False(SupplierSet.TryLoad(folder.FullName, out _, out IReadOnlyList<TariffFault> faults));
            Assert.Equal("b.json: $.names: 'S' stands twice, here or in another file", Assert.Single(faults).ToString());
            Assert.False(SupplierSet.TryLoad(Path.Combine(folder.FullName, "none"), out _, out faults));
            Assert.Contains("expected a supplier file or a folder of them", Assert.Single(faults).Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Section 56(1): of the fifteen days neither that of service nor that of the cut counts, and no notice comes before the bill is neglected.</summary>
    [Fact]
    public void TheClearDaysLieBetweenTheNoticeAndTheCut()
    {
        Assert.True(SupplierSet.TryParse(Encoding.UTF8.GetBytes(Whole), null, out SupplierSet? set, out _));
        var terms = PaymentTerms.Of(set.Find("S"), new LocalDate(2026, 5, 3), new LocalDate(2026, 5, 1));
        Assert.Equal(new LocalDate(2026, 5, 11), terms.Due);
        LocalDate notice = terms.Due!.Value.PlusDays(1);
        Assert.Equal(new LocalDate(2026, 5, 28), terms.CutFrom);
        Assert.Equal(15, Period.DaysBetween(notice.PlusDays(1), terms.CutFrom!.Value));
        Assert.Equal(("c", "s. 56(1)"), (terms.DueRule!.Clause, terms.DisconnectionRule!.Clause));
    }

    [Theory]
    [InlineData("2014-03-31", null, null)] // the code is not in force yet, the Act is
    [InlineData("2014-04-01", "2014-04-07", "2014-04-24")]
    [InlineData("2014-04-20", "2014-04-20", "2014-05-07")] // issued after the tenth day: nobody pays before there is a bill
    public void ABillHasTheTermsOfItsDate(string issued, string? due, string? cut)
    {
        Assert.True(SupplierSet.TryParse(Encoding.UTF8.GetBytes(Whole), null, out SupplierSet? set, out _));
        var terms = PaymentTerms.Of(set.Find("S"), Day(issued)!.Value, new LocalDate(2014, 3, 28));
        Assert.Equal((Day(due), Day(cut)), (terms.Due, terms.CutFrom));
        Assert.NotNull(terms.DisconnectionRule);
        Assert.Equal(new PaymentTerms(null, null, null, null), PaymentTerms.Of(null, Day(issued)!.Value, Day(issued)!.Value));
    }

    [Fact]
    public void DatesOfPublishedRulesFollowFromTheirFiles()
    {
        Assert.True(SupplierSet.TryLoad(Folder, out SupplierSet? set, out _));
        // Kerala: the tenth day from the reading; Andhra Pradesh: fifteen days, the date of the bill among them.
        Assert.Equal(new LocalDate(2026, 5, 11), PaymentTerms.Of(set.Find("KSEB"), new LocalDate(2026, 5, 3), new LocalDate(2026, 5, 1)).Due);
        Assert.Equal(new LocalDate(2026, 5, 17), PaymentTerms.Of(set.Find("APCPDCL"), new LocalDate(2026, 5, 3), new LocalDate(2026, 5, 1)).Due);
        Assert.Null(PaymentTerms.Of(set.Find("MGVCL"), new LocalDate(2026, 5, 3), new LocalDate(2026, 5, 1)).Due); // not stated is not made up
    }

    private static LocalDate? Day(string? text) => text is null ? null : NodaTime.Text.LocalDatePattern.Iso.Parse(text).Value;
}
