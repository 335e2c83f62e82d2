using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Ledger;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.Billing.Invoicing;

/// <summary>
/// Makes invoices of one tariff: rates the usage and writes canonical bill.json (docs/reference/proof-format.md). Keeps its buffers, so one
/// writer serves any number of bills, one at a time; each thread has its own.
/// </summary>
public sealed class InvoiceWriter
{
    private readonly CompiledTariff _tariff;
    private readonly ArrayBufferWriter<byte> _buffer = new(8 * 1024);
    private readonly CanonicalJsonWriter _json;
    private readonly char[] _text = new char[LineFormula.LengthUsual]; // a formula or a figure on its way into the bill
    private readonly Dictionary<string, byte[]> _inputsOfLines;
    private readonly (string Id, string Sha256)[] _series;

    private static readonly string ImportRegister = ReadingType.ImportRegister.Obis().ToString();

    private readonly RatingRefusal? _partial;
    private readonly bool _goesByTime;

    /// <param name="allowsPartial">Also a tariff in which lines of the real bill are missing: to try things out, never to ask for money.</param>
    public InvoiceWriter(CompiledTariff tariff, bool allowsPartial = false)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        _tariff = tariff;
        _partial = allowsPartial ? null : PartialTariff.RefusalOf(tariff.Tariff);
        _goesByTime = DayBlockEnergy.IsAskedForBy(tariff.Tariff);
        _json = new CanonicalJsonWriter(_buffer);
        _inputsOfLines = LineInputs.Of(tariff.Tariff).ToDictionary(line => line.Key, line => InputsOf(line.Value), StringComparer.Ordinal);
        _series = [.. tariff.Series.OrderBy(series => series.Id, StringComparer.Ordinal).Select(series => (series.Id, series.Hash.ToString()))];
    }

    /// <summary>Rates and writes one bill.</summary>
    /// <param name="readingsHash">SHA-256 of the leaf hashes of the evidence's blocks, in its order.</param>
    /// <returns>No invoice, and the reason, where the gate is closed or a number of the tariff is missing.</returns>
    public InvoiceResult Write(InvoiceRequest request, in Digest readingsHash)
    {
        ArgumentNullException.ThrowIfNull(request);
        BillableUsage usage = request.Usage;
        if (usage.Gate == BillingGate.Blocked)
        {
            return new(null, new RatingRefusal("GATE-BLOCKED", $"The readings of {usage.UsagePoint} may not be billed: {string.Join("; ", usage.Reasons)}.", "readings"));
        }
        if (!RegisterSegment.AreExplained(usage.Segments, usage.IntervalsWh))
        {
            string message = string.Create(CultureInfo.InvariantCulture, $"The readings of {usage.UsagePoint} may not be billed: registers and intervals are {usage.EnergyWh - usage.IntervalsWh} Wh apart.");
            return new(null, new RatingRefusal("GATE-UNASSIGNED", message, "readings"));
        }
        if (_partial is not null) return new(null, _partial);
        if (request.Stated.FirstThatCannotBeStated() is { } name)
        {
            return new(null, new RatingRefusal(RefusalCodes.InputInvalid, $"Input '{name}': expected {DecimalText.Expectation}, and no amount below 0.", name));
        }
        UsagePoint point = request.UsagePoint;
        BillingDeterminants determinants = request.Stated.AddTo(new BillingDeterminants
        {
            Period = new BillingPeriod(usage.Period.Start, usage.Period.End),
            BillDate = request.Issued,
            Kwh = usage.EnergyWh / 1000m,
            KwhImport = usage.EnergyWh / 1000m,
            SanctionedLoadKw = point.SanctionedLoadW / 1000m,
            Phase = point.PhaseCount == 3 ? SupplyPhase.Three : SupplyPhase.Single,
            Flags = point.BillingFlags,
            External = request.External,
        });
        if (_goesByTime)
        {
            IReadOnlyList<IntervalEnergy> intervals = DayBlockEnergy.Of(usage.Blocks, DateTimeZoneProviders.Tzdb[point.TimeZone], request.Stated.Prices);
            determinants = determinants with { Intervals = intervals, UnassignedKwh = determinants.Kwh!.Value - intervals.Sum(interval => interval.Kwh) };
        }
        RatingResult result = RatingEngine.Rate(_tariff, determinants);
        if (!result.IsRated) return new(null, result.Refusal);
        RatedBill bill = result.Bill;
        if (bill.Warnings.FirstOrDefault(warning => warning.Code == "TARIFF-NOT-IN-FORCE") is { } notInForce)
        {
            return new(null, new RatingRefusal(notInForce.Code, notInForce.Message, "tariff"));
        }
        if (bill.Total is null || bill.Net is null || bill.Gross is null)
        {
            RatedLine? open = bill.Lines.FirstOrDefault(line => line.IsOpen);
            return new(null, new RatingRefusal(RefusalCodes.InputInvalid, $"Line '{open?.Id}' is not computed: an input that it needs is not known.", open?.Id ?? "inputs"));
        }

        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        Write(request, bill, readingsHash);
        return new(new Invoice(request.BillNo, point.Id, usage.Period, bill, _buffer.WrittenSpan.ToArray()), null);
    }

    private void Write(InvoiceRequest request, RatedBill bill, in Digest readingsHash)
    {
        UsagePoint point = request.UsagePoint;
        BillableUsage usage = request.Usage;
        _json.StartObject();
        _json.Member("bill_no"u8, request.BillNo);
        _json.Member("currency"u8, bill.Currency);
        _json.Member("gate"u8, usage.Gate == BillingGate.Final ? "final"u8 : "provisional"u8);
        _json.Member("gross_paise"u8, Paise(bill.Gross!.Value));
        WriteInputs(request);
        _json.Member("issued"u8, request.Issued);
        WriteLines(bill);
        _json.Member("net_paise"u8, Paise(bill.Net!.Value));
        _json.Name("period"u8);
        _json.StartObject();
        _json.Member("from"u8, usage.Period.Start);
        _json.Member("to"u8, usage.Period.End);
        _json.EndObject();
        WriteReadings(usage, readingsHash);
        if (request.Revises is { } before) WriteRevised(RevisedBill.Of(before, Paise(bill.Total!.Value)));
        _json.Member("rounding_paise"u8, Paise(bill.Rounding!.Value));
        _json.Name("rules"u8);
        WriteHashed(usage.RuleSetId, usage.RuleSetSha256);
        _json.Name("series"u8);
        _json.StartArray();
        foreach ((string id, string sha256) in _series) WriteHashed(id, sha256);
        _json.EndArray();
        _json.Member("service_point"u8, point.ServicePoint);
        _json.Name("tariff"u8);
        WriteHashed(_tariff.Tariff.Id, _tariff.Tariff.Hash);
        _json.Member("time_zone"u8, point.TimeZone);
        _json.Member("total_paise"u8, Paise(bill.Total!.Value));
        _json.Member("type"u8, "praman-bill/1"u8);
        _json.Member("usage_point"u8, point.Id.ToString());
        _json.Member("utility"u8, request.Utility);
        _json.EndObject();
    }

    private void WriteInputs(InvoiceRequest request)
    {
        UsagePoint point = request.UsagePoint;
        StatedInputs stated = request.Stated;
        _json.Name("inputs"u8);
        _json.StartObject();
        MemberIfStated("billing_months"u8, stated.BillingMonths);
        _json.Name("external"u8);
        _json.StartObject();
        if (request.External is { Count: > 0 } external)
        {
            foreach ((string name, decimal value) in external.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                _json.Name(name);
                _json.String(DecimalText.AsGiven(value));
            }
        }
        _json.EndObject();
        _json.Name("flags"u8);
        _json.StartArray();
        if (point.BillingFlags.Count > 0)
        {
            foreach (string flag in point.BillingFlags.Order(StringComparer.Ordinal)) _json.String(flag);
        }
        _json.EndArray();
        if (stated.Holidays is { } holidays) WriteList("holidays"u8, holidays, LocalDatePattern.Iso.Format);
        MemberIfStated("kvah"u8, stated.Kvah);
        MemberIfStated("kw_max"u8, stated.KwMax);
        MemberIfStated("kwh_carried_in"u8, stated.KwhCarriedIn);
        MemberIfStated("kwh_export"u8, stated.KwhExport);
        MemberIfStated("max_demand_kw"u8, stated.MaxDemandKw);
        _json.Member("phase"u8, point.PhaseCount == 3 ? "three"u8 : "single"u8);
        if (stated.Prices is { } prices) WriteList("prices"u8, prices, DecimalText.AsGiven);
        _json.Member("sanctioned_load_kw"u8, DecimalText.Trimmed(point.SanctionedLoadW / 1000m));
        if (stated.Season is { } season) _json.Member("season"u8, season);
        _json.EndObject();
    }

    private void MemberIfStated(ReadOnlySpan<byte> name, decimal? value)
    {
        if (value is { } stated) _json.Member(name, DecimalText.AsGiven(stated));
    }

    private void WriteList<T>(ReadOnlySpan<byte> name, IReadOnlyList<T> items, Func<T, string> text)
    {
        _json.Name(name);
        _json.StartArray();
        foreach (T item in items) _json.String(text(item));
        _json.EndArray();
    }

    private void WriteLines(RatedBill bill)
    {
        _json.Name("lines"u8);
        _json.StartArray();
        foreach (RatedLine line in bill.Lines)
        {
            _json.StartObject();
            MemberFormula(line);
            _json.Member("group"u8, GroupName(line.Group));
            _json.Member("id"u8, line.Id);
            _json.Name("inputs"u8);
            _json.Raw(_inputsOfLines[line.Id]);
            _json.Member("label"u8, line.Label);
            _json.Member("paise"u8, Paise(line.Amount));
            _json.Name("parts"u8);
            _json.StartArray();
            foreach (RatedPart part in line.Parts)
            {
                _json.StartObject();
                _json.Member("paise"u8, Paise(part.Amount));
                MemberRate(part.Rate);
                MemberExact("units"u8, part.Units);
                _json.EndObject();
            }
            _json.EndArray();
            MemberExact("quantity"u8, line.Quantity);
            MemberRate(line.Rate);
            _json.Name("sources"u8);
            WriteTexts(line.Sources);
            _json.Member("unit"u8, line.Unit);
            _json.EndObject();
        }
        _json.EndArray();
    }

    private void MemberFormula(RatedLine line)
    {
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, _text);
        LineFormula.Append(ref text, line);
        _json.Name("formula"u8);
        _json.String(text.Text);
        text.Clear();
    }

    private void MemberRate(decimal? rate)
    {
        _json.Name("rate"u8);
        _json.String(_text.AsSpan(0, rate is { } known ? DecimalText.WriteAsGiven(known, _text) : 0));
    }

    private void MemberExact(ReadOnlySpan<byte> name, ExactFraction value)
    {
        _json.Name(name);
        _json.String(_text.AsSpan(0, value.Write(_text)));
    }

    private void WriteReadings(BillableUsage usage, in Digest readingsHash)
    {
        _json.Name("readings"u8);
        _json.StartObject();
        _json.Member("edited_intervals"u8, usage.EditedCount);
        _json.Member("edited_registers"u8, usage.EditedRegisterCount);
        _json.Member("energy_wh"u8, usage.EnergyWh);
        _json.Member("estimated_intervals"u8, usage.EstimatedCount);
        _json.Member("estimated_wh"u8, usage.EstimatedWh);
        _json.Member("intervals"u8, usage.IntervalCount);
        _json.Member("register"u8, ImportRegister);
        _json.Name("segments"u8);
        _json.StartArray();
        foreach (RegisterSegment segment in usage.Segments)
        {
            _json.StartObject();
            _json.Member("closing"u8, segment.Closing.Value);
            _json.MemberSeconds("closing_at"u8, segment.Closing.At);
            _json.Member("device"u8, segment.EndDevice.Serial);
            _json.Member("digits"u8, segment.RegisterDigits);
            _json.Member("energy_wh"u8, segment.EnergyWh);
            _json.Member("multiplier"u8, segment.Multiplier);
            _json.Member("opening"u8, segment.Opening.Value);
            _json.MemberSeconds("opening_at"u8, segment.Opening.At);
            _json.EndObject();
        }
        _json.EndArray();
        _json.MemberHex("sha256"u8, readingsHash.Octets);
        _json.Member("unassigned_wh"u8, usage.EnergyWh - usage.IntervalsWh);
        _json.EndObject();
    }

    private void WriteRevised(RevisedBill revised)
    {
        _json.Name("revises"u8);
        _json.StartObject();
        _json.Member("bill_no"u8, revised.BillNo);
        _json.Member("difference_paise"u8, revised.DifferencePaise);
        _json.Name("lines"u8);
        _json.StartArray();
        foreach (RevisedLine line in revised.Lines)
        {
            _json.StartObject();
            _json.Member("id"u8, line.Id);
            _json.Member("paise"u8, line.Paise);
            _json.EndObject();
        }
        _json.EndArray();
        _json.Member("rounding_paise"u8, revised.RoundingPaise);
        _json.MemberHex("sha256"u8, revised.Hash.Octets);
        _json.Member("total_paise"u8, revised.TotalPaise);
        _json.EndObject();
    }

    private void WriteHashed(string id, string sha256)
    {
        _json.StartObject();
        _json.Member("id"u8, id);
        _json.Member("sha256"u8, sha256);
        _json.EndObject();
    }

    private void WriteHashed(string id, in Digest hash)
    {
        _json.StartObject();
        _json.Member("id"u8, id);
        _json.MemberHex("sha256"u8, hash.Octets);
        _json.EndObject();
    }

    /// <summary>The inputs of a line as they stand in each bill of the tariff.</summary>
    private byte[] InputsOf(string[] inputs)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        WriteTexts(inputs);
        return _buffer.WrittenSpan.ToArray();
    }

    private void WriteTexts(IReadOnlyList<string> texts)
    {
        _json.StartArray();
        for (int i = 0; i < texts.Count; i++) _json.String(texts[i]);
        _json.EndArray();
    }

    private static long Paise(decimal amount) => decimal.ToInt64(amount * 100m);

    private static ReadOnlySpan<byte> GroupName(ChargeGroup group) => group switch
    {
        ChargeGroup.Energy => "energy"u8,
        ChargeGroup.Fixed => "fixed"u8,
        ChargeGroup.Surcharge => "surcharge"u8,
        ChargeGroup.Tax => "tax"u8,
        ChargeGroup.Rebate => "rebate"u8,
        _ => "subsidy"u8,
    };
}
