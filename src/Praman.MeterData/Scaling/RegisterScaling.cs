namespace Praman.MeterData.Scaling;

/// <summary>Scales estimates so that they and what is known add up to the registers, to the Wh.</summary>
public static class RegisterScaling
{
    /// <summary>
    /// x(i) = e(i) × T / E in whole Wh by largest remainder (of equals the earlier interval), so that the sum is exactly T; shares alike
    /// where E is 0.
    /// </summary>
    /// <param name="estimates">e, none negative, Wh.</param>
    /// <param name="target">T: usage by the registers less what is known, Wh.</param>
    /// <param name="scaled">x, as many as estimates; may be the same memory.</param>
    /// <returns>False, with nothing written, where T is negative or there is nothing to scale.</returns>
    public static bool TryScale(ReadOnlySpan<long> estimates, long target, Span<long> scaled)
    {
        if (target < 0 || estimates.IsEmpty) return false;
        Int128 sum = 0;
        foreach (long estimate in estimates) sum += estimate;
        bool alike = sum <= 0;
        if (alike) sum = estimates.Length;

        var remainders = new Int128[estimates.Length];
        var order = new int[estimates.Length];
        long left = target;
        for (int i = 0; i < estimates.Length; i++)
        {
            (Int128 share, remainders[i]) = Int128.DivRem((alike ? 1 : (Int128)estimates[i]) * target, sum);
            scaled[i] = (long)share;
            left -= scaled[i];
            order[i] = i;
        }
        Array.Sort(order, (a, b) => remainders[a] != remainders[b] ? remainders[b].CompareTo(remainders[a]) : a.CompareTo(b));
        for (int i = 0; i < left; i++) scaled[order[i]]++;
        return true;
    }

    /// <summary>T / E; null where E is 0.</summary>
    public static decimal? Factor(ReadOnlySpan<long> estimates, long target)
    {
        decimal sum = 0;
        foreach (long estimate in estimates) sum += estimate;
        return sum > 0 ? target / sum : null;
    }
}
