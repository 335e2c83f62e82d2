using System.IO.Compression;
using System.Text;
using Praman.MeterData.Imports;

namespace Praman.MeterData.Tests.Imports;

/// <summary>A whole gzip file is read whole, and a cut or damaged one never passes for a shorter one.</summary>
public sealed class WholeGzipStreamTests
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(
        "meter,ts,wh\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"A,2026-04-{1 + (i / 48):00}T{i % 48 / 2:00}:{i % 2 * 30:00},{i * 7919 % 541}\n")));

    [Theory]
    [InlineData(CompressionLevel.Optimal, 1)]
    [InlineData(CompressionLevel.Optimal, 3)]
    [InlineData(CompressionLevel.NoCompression, 2)]
    public void AWholeFileComesBackWhateverItsMembers(CompressionLevel level, int members)
    {
        byte[] packed = Packed(level, members);
        Assert.Equal(Text, Read(packed, 1));
        Assert.Equal(Text, Read(packed, 70_000));
    }

    [Fact]
    public void AFileLargerThanTheWindowComesBack()
    {
        byte[] large = [.. Enumerable.Range(0, 400_000).Select(i => (byte)((i * 31) ^ (i >> 7)))];
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) zip.Write(large);
        Assert.Equal(large, Read(packed.ToArray(), 1_000));
    }

    [Theory]
    [InlineData(CompressionLevel.Optimal, 1)]
    [InlineData(CompressionLevel.NoCompression, 1)]
    [InlineData(CompressionLevel.Optimal, 2)]
    public void EveryCutIsRefusedAndSaysWhere(CompressionLevel level, int members)
    {
        byte[] packed = Packed(level, members);
        int whole = members == 1 ? 0 : Packed(level, members, only: 1).Length; // a cut between members is the end of a file
        for (int length = 1; length < packed.Length; length++)
        {
            if (length == whole) continue;
            InvalidDataException fault = Assert.Throws<InvalidDataException>(() => Read(packed[..length], 4_096));
            Assert.Contains($"break off at octet {length}, after line ", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ChangedOctetsAreRefused()
    {
        byte[] packed = Packed(CompressionLevel.Optimal, 1);
        for (int at = 10; at < packed.Length; at++) // before that stand time, level and system, which change nothing
        {
            byte[] changed = [.. packed];
            changed[at] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => Read(changed, 4_096));
        }
    }

    [Fact]
    public void WhatIsNoGzipIsNamed()
    {
        InvalidDataException fault = Assert.Throws<InvalidDataException>(() => Read(Text, 4_096));
        Assert.Contains("no gzip data", fault.Message, StringComparison.Ordinal);
    }

    private static byte[] Packed(CompressionLevel level, int members, int? only = null)
    {
        using var packed = new MemoryStream();
        for (int i = 0; i < (only ?? members); i++)
        {
            using var zip = new GZipStream(packed, level, leaveOpen: true);
            zip.Write(Text.AsSpan(Text.Length * i / members, (Text.Length * (i + 1) / members) - (Text.Length * i / members)));
        }
        return packed.ToArray();
    }

    private static byte[] Read(byte[] packed, int step)
    {
        using var stream = new WholeGzipStream(new MemoryStream(packed));
        using var all = new MemoryStream();
        byte[] buffer = new byte[step];
        for (int read; (read = stream.Read(buffer)) > 0;) all.Write(buffer, 0, read);
        return all.ToArray();
    }
}
