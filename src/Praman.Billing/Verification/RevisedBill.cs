using NodaTime;
using Praman.Proof;

namespace Praman.Billing.Verification;

/// <summary>The bill that a reversal takes back.</summary>
/// <param name="Issued">Its own date of issue, by which it was rated.</param>
/// <param name="Hash">SHA-256 of its octets.</param>
public sealed record ReversedBill(string BillNo, LocalDate Issued, Digest Hash);

/// <summary>The bill that another one stands in the place of, and by how much they differ.</summary>
/// <param name="DifferencePaise">Total of the bill that says this, less <paramref name="TotalPaise"/>.</param>
/// <param name="Lines">What its lines were; with <paramref name="RoundingPaise"/> they sum to <paramref name="TotalPaise"/>.</param>
/// <param name="Hash">SHA-256 of its octets.</param>
public sealed record RevisedBill(string BillNo, long DifferencePaise, IReadOnlyList<RevisedLine> Lines, long RoundingPaise, Digest Hash, long TotalPaise)
{
    /// <summary>What a bill says of the one before it.</summary>
    /// <param name="before">The bill that is replaced.</param>
    /// <param name="totalPaise">The total of the bill in its place.</param>
    public static RevisedBill Of(BillDocument before, long totalPaise)
    {
        ArgumentNullException.ThrowIfNull(before);
        return new RevisedBill(
            before.BillNo, totalPaise - before.TotalPaise, [.. before.Lines.Select(line => new RevisedLine(before.Text(line.Id), line.Paise))], before.RoundingPaise,
            Digest.Sha256(before.Bytes.Span), before.TotalPaise);
    }
}

/// <summary>A line of the bill before.</summary>
public readonly record struct RevisedLine(string Id, long Paise);
