using NodaTime;
using Praman.Proof;

namespace Praman.Billing.Tariffs;

/// <summary>Dated values of one number, such as a monthly fuel surcharge. A date that no point covers has no value: a gap is never filled.</summary>
public sealed record TariffSeries
{
    public required string Id { get; init; }
    public required string Unit { get; init; }

    /// <summary>True: looked up by the date of the bill; false: by the date of consumption.</summary>
    public required bool IsByBillDate { get; init; }

    /// <summary>By ascending start.</summary>
    public required IReadOnlyList<SeriesPoint> Points { get; init; }
    public string? Note { get; init; }

    /// <summary>Canonical JSON (RFC 8785) of the series object, as a bill's evidence carries it.</summary>
    public required ReadOnlyMemory<byte> Canonical { get; init; }

    /// <summary>What a bill cites: <see cref="HashOf"/> of the id and <see cref="Canonical"/>.</summary>
    public Digest Hash => HashOf(Id, Canonical.Span);

    /// <summary>SHA-256 of the id, a line feed and the canonical object: with the id in it, one series cannot stand in for another.</summary>
    public static Digest HashOf(string id, ReadOnlySpan<byte> canonical)
    {
        ArgumentNullException.ThrowIfNull(id);
        byte[] octets = new byte[System.Text.Encoding.UTF8.GetByteCount(id) + 1 + canonical.Length];
        int at = System.Text.Encoding.UTF8.GetBytes(id, octets);
        octets[at] = (byte)'\n';
        canonical.CopyTo(octets.AsSpan(at + 1));
        return Digest.Sha256(octets);
    }

    /// <summary>The point that holds on a date, or null.</summary>
    public SeriesPoint? PointOn(LocalDate date)
    {
        for (int i = Points.Count - 1; i >= 0; i--)
        {
            if (Points[i].From <= date) return Points[i].To is { } last && date > last ? null : Points[i];
        }
        return null;
    }
}

/// <summary>A value from a day on, until the next point or <paramref name="To"/>, included.</summary>
public sealed record SeriesPoint(LocalDate From, LocalDate? To, decimal Value, string Source, string? Note);
