using System.Buffers.Binary;
using NodaTime;
using Praman.MeterData.Ingest;

namespace Praman.Storage.Readings;

/// <summary>The billed versions of a period in one column: eight octets a day, little-endian, minutes from the period's start and the version.</summary>
internal static class BilledVersions
{
    private const int EntryLength = 8;

    public static byte[] Write(BilledPeriod period)
    {
        byte[] octets = new byte[period.Versions.Count * EntryLength];
        for (int i = 0; i < period.Versions.Count; i++)
        {
            Span<byte> entry = octets.AsSpan(i * EntryLength, EntryLength);
            BinaryPrimitives.WriteInt32LittleEndian(entry, checked((int)(period.Versions[i].DayStart - period.Start).TotalMinutes));
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], period.Versions[i].Version);
        }
        return octets;
    }

    public static IReadOnlyList<BilledVersion> Read(ReadOnlySpan<byte> octets, Instant start)
    {
        if (octets.IsEmpty) return [];
        if (octets.Length % EntryLength != 0) throw new StoreException(StoreFault.Damaged, $"the billed versions of a period have {octets.Length} octets: a multiple of {EntryLength} was expected");
        var versions = new BilledVersion[octets.Length / EntryLength];
        for (int i = 0; i < versions.Length; i++)
        {
            ReadOnlySpan<byte> entry = octets.Slice(i * EntryLength, EntryLength);
            versions[i] = new(start + Duration.FromMinutes(BinaryPrimitives.ReadInt32LittleEndian(entry)), BinaryPrimitives.ReadInt32LittleEndian(entry[4..]));
        }
        return versions;
    }
}
