using System.Diagnostics.CodeAnalysis;
using NodaTime;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Metering;
using Praman.Proof;

namespace Praman.Billing.Verification;

/// <summary>Reads bill.json: exactly the members of <c>praman-bill/1</c>, in the long or in the short form.</summary>
internal static class BillDocumentReader
{
    private const int LineCountMax = 1_000, ListCountMax = 1_000, PartCountMax = 10_000, SegmentCountMax = 100, FlagCountMax = 100;

    /// <summary>Longest period, in days.</summary>
    public const int DaysMax = BillingPeriod.DaysMax;

    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out BillDocument? bill, [NotNullWhen(false)] out UnreadableFile? fault)
    {
        bill = new BillDocument(bytes);
        var json = new StrictJson(BillFiles.BillName, bytes.Span);
        json.Open();
        json.Name("bill_no"u8);
        bill.BillNo = json.String();
        json.Name("currency"u8);
        bill.Currency = json.String();
        bill.IsShort = json.Name("lines"u8, "gate"u8);
        if (bill.IsShort) ReadShort(ref json, bill);
        else ReadLong(ref json, bill);
        json.Close();
        json.End();
        fault = json.Fault;
        if (fault is not null) bill = null;
        return bill is not null;
    }

    private static void ReadLong(ref StrictJson json, BillDocument bill)
    {
        TextSlice gate = json.Formed(text => text.SequenceEqual("final"u8) || text.SequenceEqual("provisional"u8), "final or provisional");
        bill.IsProvisional = json.Ok && bill.Raw(gate).SequenceEqual("provisional"u8);
        json.Name("gross_paise"u8);
        bill.GrossPaise = json.Integer();
        json.Name("inputs"u8);
        ReadInputs(ref json, bill);
        json.Name("issued"u8);
        bill.Issued = json.Date();
        json.Name("lines"u8);
        ReadLines(ref json, bill);
        json.Name("net_paise"u8);
        bill.NetPaise = json.Integer();
        ReadPeriod(ref json, bill);
        json.Name("readings"u8);
        ReadReadings(ref json, bill.Readings);
        if (json.NameIfThere("reverses"u8)) bill.Reverses = ReadReversed(ref json);
        if (json.NameIfThere("revises"u8)) bill.Revises = ReadRevised(ref json);
        json.Name("rounding_paise"u8);
        bill.RoundingPaise = json.Integer();
        json.Name("rules"u8);
        json.Open();
        bill.Rules = ReadHashedMembers(ref json);
        json.Name("series"u8);
        json.OpenArray();
        while (json.MoreObjects(bill.Series.Count, ListCountMax)) bill.Series.Add(ReadHashedMembers(ref json));
        json.Name("service_point"u8);
        bill.ServicePoint = json.Text();
        json.Name("tariff"u8);
        (bill.TariffId, bill.TariffHash) = ReadHashed(ref json);
        json.Name("time_zone"u8);
        string zone = json.String();
        if (json.Ok && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is { } found) bill.Zone = found;
        else json.Fail($"a TZDB zone id is expected, not \"{zone}\"");
        json.Name("total_paise"u8);
        bill.TotalPaise = json.Integer();
        json.Name("type"u8);
        json.Constant("praman-bill/1"u8);
        json.Name("usage_point"u8);
        string usagePoint = json.String();
        if (json.Ok && UsagePointId.TryParse(usagePoint, null, out UsagePointId id) && id.ToString() == usagePoint) bill.UsagePoint = id;
        else json.Fail("a usage point, UP- and digits, is expected");
        json.Name("utility"u8);
        bill.Utility = json.Text();
    }

    private static ReversedBill ReadReversed(ref StrictJson json)
    {
        json.Open();
        json.Name("bill_no"u8);
        string billNo = json.String();
        json.Name("issued"u8);
        LocalDate issued = json.Date();
        json.Name("sha256"u8);
        var reversed = new ReversedBill(billNo, issued, json.Hex());
        json.Close();
        return reversed;
    }

    private static RevisedBill ReadRevised(ref StrictJson json)
    {
        json.Open();
        json.Name("bill_no"u8);
        string billNo = json.String();
        json.Name("difference_paise"u8);
        long difference = json.Integer();
        json.Name("lines"u8);
        json.OpenArray();
        var lines = new List<RevisedLine>();
        while (json.MoreObjects(lines.Count, LineCountMax))
        {
            json.Name("id"u8);
            string id = json.String();
            json.Name("paise"u8);
            lines.Add(new RevisedLine(id, json.Integer()));
            json.Close();
        }
        json.Name("rounding_paise"u8);
        long rounding = json.Integer();
        json.Name("sha256"u8);
        Digest hash = json.Hex();
        json.Name("total_paise"u8);
        var revised = new RevisedBill(billNo, difference, lines, rounding, hash, json.Integer());
        json.Close();
        return revised;
    }

    private static void ReadShort(ref StrictJson json, BillDocument bill)
    {
        json.OpenArray();
        while (json.MoreObjects(bill.Lines.Count, LineCountMax))
        {
            json.Name("id"u8);
            TextSlice id = json.Text();
            json.Name("paise"u8);
            bill.Lines.Add(new BillLine { Id = id, Paise = json.Integer() });
            json.Close();
        }
        ReadPeriod(ref json, bill);
        json.Name("readings"u8);
        json.Open();
        json.Name("closing"u8);
        json.Formed(TextForms.IsDecimal, "a decimal");
        json.Name("opening"u8);
        json.Formed(TextForms.IsDecimal, "a decimal");
        json.Name("register"u8);
        json.Text();
        json.Name("sha256"u8);
        json.Hex();
        json.Name("unit"u8);
        json.Text();
        json.Close();
        json.Name("service_point"u8);
        bill.ServicePoint = json.Text();
        json.Name("tariff"u8);
        (bill.TariffId, bill.TariffHash) = ReadHashed(ref json);
        json.Name("total_paise"u8);
        bill.TotalPaise = json.Integer();
        json.Name("type"u8);
        json.Constant("praman-bill/1"u8);
    }

    private static void ReadPeriod(ref StrictJson json, BillDocument bill)
    {
        json.Name("period"u8);
        json.Open();
        json.Name("from"u8);
        bill.From = json.Date();
        json.Name("to"u8);
        bill.To = json.Date();
        if (json.Ok && (bill.To < bill.From || Period.DaysBetween(bill.From, bill.To) >= DaysMax)) json.Fail($"a period of 1 to {DaysMax} days is expected");
        json.Close();
    }

    private static void ReadInputs(ref StrictJson json, BillDocument bill)
    {
        StatedInputs stated = StatedInputs.None;
        json.Open();
        if (json.NameIfThere("billing_months"u8)) stated = stated with { BillingMonths = ReadAmount(ref json, isZeroLeft: true) };
        json.Name("external"u8);
        json.Open();
        for (int count = 0; json.MoreMembers(count, ListCountMax, out string name); count++)
        {
            string value = json.String();
            if (json.Ok && DecimalText.TryParse(value, out decimal number)) (bill.External ??= new(StringComparer.Ordinal))[name] = number;
            else json.Fail($"{DecimalText.Expectation} is expected");
        }
        json.Name("flags"u8);
        json.OpenArray();
        while (json.MoreTexts(bill.Flags.Count, FlagCountMax, out TextSlice flag)) bill.Flags.Add(bill.Text(flag));
        if (json.NameIfThere("holidays"u8)) stated = stated with { Holidays = ReadHolidays(ref json, bill) };
        if (json.NameIfThere("kvah"u8)) stated = stated with { Kvah = ReadAmount(ref json) };
        if (json.NameIfThere("kw_max"u8)) stated = stated with { KwMax = ReadAmount(ref json) };
        if (json.NameIfThere("kwh_carried_in"u8)) stated = stated with { KwhCarriedIn = ReadAmount(ref json) };
        if (json.NameIfThere("kwh_export"u8)) stated = stated with { KwhExport = ReadAmount(ref json) };
        if (json.NameIfThere("max_demand_kw"u8)) stated = stated with { MaxDemandKw = ReadAmount(ref json) };
        json.Name("phase"u8);
        TextSlice phase = json.Formed(text => text.SequenceEqual("single"u8) || text.SequenceEqual("three"u8), "single or three");
        bill.Phase = json.Ok && bill.Raw(phase).SequenceEqual("three"u8) ? SupplyPhase.Three : SupplyPhase.Single;
        if (json.NameIfThere("prices"u8)) stated = stated with { Prices = ReadPrices(ref json, bill) };
        json.Name("sanctioned_load_kw"u8);
        bill.SanctionedLoadKw = Number(ref json, json.String());
        if (json.NameIfThere("season"u8)) stated = stated with { Season = json.String() };
        json.Close();
        bill.Stated = stated;
    }

    private static decimal Number(ref StrictJson json, string text)
    {
        if (!json.Ok || !DecimalText.TryParse(text, out decimal number))
        {
            json.Fail($"{DecimalText.Expectation} is expected");
            return 0;
        }
        return number;
    }

    /// <summary>An amount that is never below zero.</summary>
    private static decimal ReadAmount(ref StrictJson json, bool isZeroLeft = false)
    {
        string text = json.String();
        decimal amount = Number(ref json, text);
        if (json.Ok && (text.StartsWith('-') || (isZeroLeft && amount == 0))) json.Fail(isZeroLeft ? "an amount above 0 is expected" : "an amount of 0 or more is expected");
        return amount;
    }

    private static List<LocalDate> ReadHolidays(ref StrictJson json, BillDocument bill)
    {
        var dates = new List<LocalDate>();
        json.OpenArray();
        while (json.MoreTexts(dates.Count, ListCountMax, out TextSlice text))
        {
            if (!TextForms.TryDate(bill.Raw(text), out LocalDate date)) json.Fail("a date YYYY-MM-DD is expected");
            dates.Add(date);
        }
        return dates;
    }

    private static List<decimal> ReadPrices(ref StrictJson json, BillDocument bill)
    {
        var prices = new List<decimal>();
        json.OpenArray();
        while (json.MoreTexts(prices.Count, BillingInputs.IntervalCountMax, out TextSlice text)) prices.Add(Number(ref json, bill.Text(text)));
        return prices;
    }

    private static void ReadLines(ref StrictJson json, BillDocument bill)
    {
        json.OpenArray();
        while (json.MoreObjects(bill.Lines.Count, LineCountMax))
        {
            var line = new BillLine();
            bill.Lines.Add(line);
            json.Name("formula"u8);
            line.Formula = json.Text();
            json.Name("group"u8);
            line.Group = json.Formed(IsGroup, "energy, fixed, surcharge, tax, rebate or subsidy");
            json.Name("id"u8);
            line.Id = json.Text();
            json.Name("inputs"u8);
            ReadTexts(ref json, line.Inputs);
            json.Name("label"u8);
            line.Label = json.Text();
            json.Name("paise"u8);
            line.Paise = json.Integer();
            json.Name("parts"u8);
            json.OpenArray();
            while (json.MoreObjects(line.Parts.Count, PartCountMax)) line.Parts.Add(ReadPart(ref json));
            json.Name("quantity"u8);
            line.Quantity = json.Formed(TextForms.IsExact, "a decimal, or decimal/whole");
            json.Name("rate"u8);
            line.Rate = json.Formed(TextForms.IsDecimalOrEmpty, "a decimal, or nothing");
            json.Name("sources"u8);
            ReadTexts(ref json, line.Sources);
            json.Name("unit"u8);
            line.Unit = json.Text();
            json.Close();
        }
    }

    private static BillLinePart ReadPart(ref StrictJson json)
    {
        json.Name("paise"u8);
        long paise = json.Integer();
        json.Name("rate"u8);
        TextSlice rate = json.Formed(TextForms.IsDecimalOrEmpty, "a decimal, or nothing");
        json.Name("units"u8);
        TextSlice units = json.Formed(TextForms.IsExact, "a decimal, or decimal/whole");
        json.Close();
        return new(paise, rate, units);
    }

    private static void ReadTexts(ref StrictJson json, List<TextSlice> texts)
    {
        json.OpenArray();
        while (json.MoreTexts(texts.Count, ListCountMax, out TextSlice text)) texts.Add(text);
    }

    private static void ReadReadings(ref StrictJson json, BillReadings readings)
    {
        json.Open();
        json.Name("edited_intervals"u8);
        readings.EditedIntervals = json.Integer(0);
        json.Name("edited_registers"u8);
        readings.EditedRegisters = json.Integer(0);
        json.Name("energy_wh"u8);
        readings.EnergyWh = json.Integer(0);
        json.Name("estimated_intervals"u8);
        readings.EstimatedIntervals = json.Integer(0);
        json.Name("estimated_wh"u8);
        readings.EstimatedWh = json.Integer();
        json.Name("intervals"u8);
        readings.Intervals = json.Integer(0);
        json.Name("register"u8);
        json.Text();
        json.Name("segments"u8);
        json.OpenArray();
        while (json.MoreObjects(readings.Segments.Count, SegmentCountMax)) readings.Segments.Add(ReadSegment(ref json));
        json.Name("sha256"u8);
        readings.Hash = json.Hex();
        json.Name("unassigned_wh"u8);
        readings.UnassignedWh = json.Integer();
        json.Close();
    }

    private static BillSegment ReadSegment(ref StrictJson json)
    {
        json.Name("closing"u8);
        long closing = json.Integer(0);
        json.Name("closing_at"u8);
        Instant closingAt = json.Instant();
        json.Name("device"u8);
        string device = json.String();
        json.Name("digits"u8);
        long digits = json.Integer(0);
        if (json.Ok && digits > 12) json.Fail("at most 12 digits are expected");
        json.Name("energy_wh"u8);
        long energy = json.Integer(0);
        json.Name("multiplier"u8);
        long multiplier = json.Integer(0);
        if (json.Ok && multiplier is < 1 or > int.MaxValue) json.Fail($"a multiplier of 1 to {int.MaxValue} is expected");
        json.Name("opening"u8);
        long opening = json.Integer(0);
        json.Name("opening_at"u8);
        Instant openingAt = json.Instant();
        json.Close();
        return new(closing, closingAt, device, digits, energy, multiplier, opening, openingAt);
    }

    private static (string Id, Digest Hash) ReadHashed(ref StrictJson json)
    {
        json.Open();
        HashedId read = ReadHashedMembers(ref json);
        return (read.Id, read.Hash);
    }

    private static HashedId ReadHashedMembers(ref StrictJson json)
    {
        json.Name("id"u8);
        string id = json.String();
        json.Name("sha256"u8);
        Digest hash = json.Hex();
        json.Close();
        return new(id, hash);
    }

    private static bool IsGroup(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("energy"u8) || text.SequenceEqual("fixed"u8) || text.SequenceEqual("surcharge"u8) || text.SequenceEqual("tax"u8) ||
        text.SequenceEqual("rebate"u8) || text.SequenceEqual("subsidy"u8);
}
