using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Prepayment;

/// <summary>Late data: what was posted is mirrored and posted anew, never edited.</summary>
public sealed partial class PeriodSettlement
{
    /// <summary>Replaces the use of posted days by what is now known. Each posting whose amounts change is reversed exactly and posted anew under its
    /// own date; that holds for later days too, since the units of a day decide in which slab the next ones fall.</summary>
    /// <param name="first">First day replaced; it and all the following ones were posted here.</param>
    /// <returns>The correction, or why the days cannot be rated; then nothing has changed.</returns>
    public Correction? Replace(LocalDate first, IReadOnlyList<DayUse> uses, out RatingRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(uses);
        refusal = null;
        int start = NodaTime.Period.DaysBetween(_dates.From, first);
        if (start < 0 || uses.Count == 0 || start + uses.Count > _days.Count || _standing[start] is null) throw new ArgumentException("Only days that were posted here are replaced.", nameof(first));
        DayUse[] held = [.. _days];
        for (int i = 0; i < uses.Count; i++) Set(start + i, uses[i]);
        LineAmounts toDate = new();
        if (start > 0) refusal = Rate(start, null, toDate, out _);
        List<(int Day, IReadOnlyList<PostingLine> Lines, IReadOnlyList<PostingLine> Repricing)> anew = [];
        for (int day = start + 1; day <= _days.Count && refusal is null; day++)
        {
            if (!TryDeduct(day, toDate, out IReadOnlyList<PostingLine> lines, out IReadOnlyList<PostingLine> repricing, out refusal)) break;
            DayPosting standing = _standing[day - 1]!;
            if (standing.Use != _days[day - 1] || !standing.Lines.SequenceEqual(lines) || !standing.Repricing.SequenceEqual(repricing)) anew.Add((day, lines, repricing));
        }
        if (refusal is not null)
        {
            for (int i = start; i < held.Length; i++) Set(i, held[i]);
            return null;
        }
        List<DayPosting> reversals = [], reposts = [];
        foreach ((int day, _, _) in anew)
        {
            DayPosting mirror = _standing[day - 1]!.Mirrored(_postings.Count + 1);
            _postings.Add(mirror);
            reversals.Add(mirror);
        }
        foreach ((int day, IReadOnlyList<PostingLine> lines, IReadOnlyList<PostingLine> repricing) in anew)
        {
            DayPosting posting = Add(day, lines, repricing);
            _standing[day - 1] = posting;
            reposts.Add(posting);
        }
        if (anew.Count > 0) _toDate = toDate;
        return new(reversals, reposts);
    }

    private void Set(int day, DayUse use)
    {
        _days[day] = use;
        _kwhByDay[day] = use.Kwh;
    }
}
