using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Metering;

namespace Praman.Billing.Verification;

/// <summary>Step 7: every line, part and total computed again and compared in paise.</summary>
internal sealed partial class VerificationRun
{
    private (Outcome, string) CheckSum()
    {
        long sum = 0;
        foreach (BillLine line in bill.Lines) sum += line.Paise;
        return sum == bill.TotalPaise
            ? (Outcome.Held, "the lines sum to the total; nothing to recompute them from")
            : Differs("total", Text(sum), Text(bill.TotalPaise));
    }

    /// <summary>What a bill tells of itself where nothing came that it could be recomputed from: parts sum to their line, lines to the net, and that with its rounding to the total.</summary>
    private (Outcome, string) CheckSums()
    {
        long net = 0;
        foreach (BillLine line in bill.Lines)
        {
            net += line.Paise;
            if (line.Parts.Count == 0) continue;
            long parts = 0;
            foreach (BillLinePart part in line.Parts) parts += part.Paise;
            if (parts != line.Paise) return Differs(bill.Text(line.Id), Text(parts), Text(line.Paise));
        }
        if (net != bill.NetPaise) return Differs("net", Text(net), Text(bill.NetPaise));
        long total = net + bill.RoundingPaise;
        return total == bill.TotalPaise
            ? (Outcome.Held, "parts, lines and total add up; nothing to recompute them from")
            : Differs("total", Text(total), Text(bill.TotalPaise));
    }

    /// <param name="readingsHold">Whether the blocks are those of the bill: what goes by the time of day is computed from them.</param>
    private (Outcome, string) CheckAmounts(bool readingsHold)
    {
        string used = string.Join(',', _tariff!.UsedSeries), listed = string.Join(',', bill.Series.Select(one => one.Id));
        if (used != listed) return Differs($"series/{(used.Length > 0 ? used : listed)}", used, listed);
        if (_tariff.Compiled is not { } compiled) return (Outcome.NotRun, "not checked: the tariff cannot be read");
        bool goesByTime = DayBlockEnergy.IsAskedForBy(compiled.Tariff);
        if (goesByTime && !readingsHold) return (Outcome.NotRun, "not checked: prices go by the time of day, and the readings do not hold");
        RatingResult result = RatingEngine.Rate(compiled, bill.Determinants(evidence!, goesByTime));
        if (!result.IsRated) return Differs("tariff", result.Refusal.Message, "a bill");
        RatedBill rated = result.Bill;
        if (rated.Warnings.FirstOrDefault(warning => warning.Code == "TARIFF-NOT-IN-FORCE") is { } outside) return Differs("tariff", "a tariff in force in the whole period", outside.Message);
        for (int i = 0; i < rated.Lines.Count; i++)
        {
            RatedLine ours = rated.Lines[i];
            if (i >= bill.Lines.Count) return Differs(ours.Id, DecimalText.Money(ours.Amount), "no such line");
            if (CheckLine(ours, bill.Lines[i]) is { } differs) return differs;
        }
        if (bill.Lines.Count > rated.Lines.Count)
        {
            BillLine extra = bill.Lines[rated.Lines.Count];
            return Differs(bill.Text(extra.Id), "no such line", Text(extra.Paise));
        }
        if (CheckTotals(rated) is { } total) return total;
        for (int i = 0; i < rated.Lines.Count; i++)
        {
            if (CheckWords(rated.Lines[i], bill.Lines[i]) is { } words) return words;
        }
        if (bill.Currency != rated.Currency) return Differs(TextPrefix + "currency", rated.Currency, bill.Currency);
        return (Outcome.Held, $"{Counted.Of(rated.Lines.Count, "line")}, total {bill.Currency} {DecimalText.Money(rated.Total ?? 0)}");
    }

    private (Outcome, string)? CheckTotals(RatedBill rated) =>
        Amount("gross", rated.Gross, bill.GrossPaise) ?? Amount("net", rated.Net, bill.NetPaise) ??
        Amount("rounding", rated.Rounding, bill.RoundingPaise) ?? Amount("total", rated.Total, bill.TotalPaise);

    private (Outcome, string)? Amount(string place, decimal? ours, long theirs) =>
        ours is { } amount && amount * 100m == theirs ? null : Differs(place, Paise(ours), Text(theirs));

    private static string Paise(decimal? amount) => amount is { } known ? DecimalText.Trimmed(known * 100m) : "not known";

    private (Outcome, string)? CheckLine(RatedLine ours, BillLine theirs)
    {
        string group = GroupWord(ours.Group);
        if (!bill.Is(theirs.Id, ours.Id) || !bill.Is(theirs.Group, group))
            return Differs(bill.Text(theirs.Id), $"{ours.Id} ({group})", $"{bill.Text(theirs.Id)} ({bill.Text(theirs.Group)})");
        if (!bill.Is(theirs.Label, ours.Label)) return Differs(ours.Id, ours.Label, bill.Text(theirs.Label));
        if (Amount(ours.Id, ours.Amount, theirs.Paise) is { } differs) return differs;
        for (int n = 0; n < ours.Parts.Length; n++)
        {
            if (n >= theirs.Parts.Count) return Differs(PartPlace(ours.Id, n), DecimalText.Money(ours.Parts[n].Amount), "no such part");
            if (CheckPart(ours.Id, n, ours.Parts[n], theirs.Parts[n]) is { } part) return part;
        }
        return theirs.Parts.Count == ours.Parts.Length ? null : Differs(ours.Id, $"{Text(ours.Parts.Length)} parts", Text(theirs.Parts.Count));
    }

    private static string PartPlace(string id, int part) => $"{id}.parts[{Text(part)}]";

    private (Outcome, string)? CheckPart(string id, int n, in RatedPart ours, in BillLinePart theirs)
    {
        if (ours.Amount * 100m != theirs.Paise) return Differs(PartPlace(id, n), Paise(ours.Amount), Text(theirs.Paise));
        if (!IsRate(ours.Rate, theirs.Rate)) return Differs(PartPlace(id, n), ours.Rate is { } rate ? DecimalText.AsGiven(rate) : "", bill.Text(theirs.Rate));
        return IsExact(ours.Units, theirs.Units) ? null : Differs(PartPlace(id, n), ours.Units.ToString(), bill.Text(theirs.Units));
    }

    private bool IsRate(decimal? ours, TextSlice theirs) => ours is { } rate ? TextForms.IsValue(bill.Raw(theirs), rate) : bill.Raw(theirs).IsEmpty;

    private bool IsExact(ExactFraction ours, TextSlice theirs) => TextForms.IsValue(bill.Raw(theirs), ours);

    /// <summary>What a line says beside its amounts: checked last, because a word that is not the logged one is found by the commitment first.</summary>
    private (Outcome, string)? CheckWords(RatedLine ours, BillLine theirs)
    {
        string place = TextPrefix + ours.Id;
        if (!IsExact(ours.Quantity, theirs.Quantity)) return Differs(place, ours.Quantity.ToString(), bill.Text(theirs.Quantity));
        if (!IsRate(ours.Rate, theirs.Rate)) return Differs(place, ours.Rate is { } rate ? DecimalText.AsGiven(rate) : "", bill.Text(theirs.Rate));
        if (!bill.Is(theirs.Unit, ours.Unit)) return Differs(place, ours.Unit, bill.Text(theirs.Unit));
        string formula = ours.Formula;
        // Bills were made before one month was written without its s; they stay right.
        if (!bill.Is(theirs.Formula, formula) && !bill.Is(theirs.Formula, LineFormula.WithOneAsMany(formula))) return Differs(place, formula, bill.Text(theirs.Formula));
        return CheckList(place, ours.Sources, theirs.Sources) ?? CheckList(place, _tariff!.InputsOfLines[ours.Id], theirs.Inputs);
    }

    private (Outcome, string)? CheckList(string place, IReadOnlyList<string> ours, List<TextSlice> theirs)
    {
        bool same = theirs.Count == ours.Count;
        for (int i = 0; same && i < ours.Count; i++) same = bill.Is(theirs[i], ours[i]);
        return same ? null : Differs(place, string.Join(", ", ours), string.Join(", ", theirs.Select(bill.Text)));
    }

    private static string GroupWord(ChargeGroup group) => group switch
    {
        ChargeGroup.Energy => "energy",
        ChargeGroup.Fixed => "fixed",
        ChargeGroup.Surcharge => "surcharge",
        ChargeGroup.Tax => "tax",
        ChargeGroup.Rebate => "rebate",
        _ => "subsidy",
    };
}
