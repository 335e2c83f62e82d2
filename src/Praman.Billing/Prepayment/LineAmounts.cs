using Praman.Billing.Rating;

namespace Praman.Billing.Prepayment;

/// <summary>The lines of a bill to date as amounts alone, which is all that a day's deduction is made of. It is filled anew for each day, in place.</summary>
internal sealed class LineAmounts
{
    private PostingLine[] _lines = [];
    private int _count;

    /// <summary>Before the first day: nothing was charged.</summary>
    public LineAmounts()
    {
    }

    public LineAmounts(RatedBill bill)
    {
        _lines = new PostingLine[bill.Lines.Count];
        _count = _lines.Length;
        for (int i = 0; i < _count; i++) _lines[i] = new(bill.Lines[i].Id, bill.Lines[i].Group, bill.Lines[i].Amount);
    }

    /// <summary>Units by which the same days may be judged without another line or amount; see <see cref="RatingRun.SameUpTo"/>.</summary>
    public decimal SameUpTo { get; private set; }

    public decimal Total
    {
        get
        {
            decimal sum = 0;
            foreach (ref readonly PostingLine line in Lines) sum += line.Amount;
            return sum;
        }
    }

    private ReadOnlySpan<PostingLine> Lines => _lines.AsSpan(0, _count);

    /// <summary>Rates days 1 to k as <see cref="RatingEngine.RateToDate"/> does.</summary>
    /// <param name="net">Net of the bill.</param>
    /// <returns>Null, or why there is no bill or a line of it is open; then nothing was taken.</returns>
    public RatingRefusal? Rate(CompiledTariff tariff, BillingDeterminants period, ReadOnlyMemory<decimal> kwhByDay, decimal? judgedKwh, IReadOnlyList<IntervalEnergy>? intervals, out decimal net)
    {
        net = 0;
        RatingRun run = RatingRun.Begin(tariff, period, TraceDetail.None);
        try
        {
            run.IsForAmounts = true;
            run.GoTo(period.Period!.Value.From.PlusDays(kwhByDay.Length - 1), kwhByDay, judgedKwh, intervals);
            if (!run.TryRate()) return run.Refusal;
            if (run.Net is not { } known) return OpenLine(run.FirstOpen!);
            net = known;
            Take(run);
            return null;
        }
        catch (OverflowException)
        {
            return RatingEngine.TooManyDigits;
        }
        finally
        {
            run.End();
        }
    }

    /// <summary>Why a day is not deducted where a line of the bill cannot be computed.</summary>
    public static RatingRefusal OpenLine(string line) => new(RefusalCodes.InputInvalid, $"Line '{line}' cannot be computed from the inputs, and a day is not deducted in part.", line);

    /// <summary>These less those of <paramref name="before"/>, line by line; a line that only one side has counts as zero on the other.</summary>
    /// <returns>Lines whose amount is not zero.</returns>
    public IReadOnlyList<PostingLine> Less(LineAmounts before)
    {
        int count = 0;
        for (int i = 0; i < _count; i++) count += _lines[i].Amount != before.AmountOf(_lines[i].Id, i) ? 1 : 0;
        foreach (ref readonly PostingLine line in before.Lines) count += line.Amount != 0 && IndexOf(line.Id, 0) < 0 ? 1 : 0;
        if (count == 0) return [];
        PostingLine[] lines = new PostingLine[count];
        count = 0;
        for (int i = 0; i < _count; i++)
        {
            decimal amount = _lines[i].Amount - before.AmountOf(_lines[i].Id, i);
            if (amount != 0) lines[count++] = _lines[i] with { Amount = amount };
        }
        foreach (ref readonly PostingLine line in before.Lines)
        {
            if (line.Amount != 0 && IndexOf(line.Id, 0) < 0) lines[count++] = line with { Amount = -line.Amount };
        }
        return lines;
    }

    /// <summary>Takes the lines of another one.</summary>
    public void Take(LineAmounts other)
    {
        Room(other._count);
        other.Lines.CopyTo(_lines);
        (_count, SameUpTo) = (other._count, other.SameUpTo);
    }

    private void Take(RatingRun run)
    {
        Room(run.LineCount);
        for (int i = 0; i < run.LineCount; i++) _lines[i] = run.AmountOf(i);
        (_count, SameUpTo) = (run.LineCount, run.SameUpTo);
    }

    private void Room(int count)
    {
        if (_lines.Length < count) _lines = new PostingLine[count];
    }

    private decimal AmountOf(string id, int near) => IndexOf(id, near) is >= 0 and var at ? _lines[at].Amount : 0;

    /// <summary>Where a line stands: nearly always where it stood the day before.</summary>
    private int IndexOf(string id, int near)
    {
        if (near < _count && string.Equals(_lines[near].Id, id, StringComparison.Ordinal)) return near;
        for (int i = 0; i < _count; i++)
        {
            if (string.Equals(_lines[i].Id, id, StringComparison.Ordinal)) return i;
        }
        return -1;
    }
}
