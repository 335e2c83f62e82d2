using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;
using Praman.Dlms.Tests.Axdr;

namespace Praman.Dlms.Tests.Security;

/// <summary>The way of load profile rows out of secured answers, each meter with its key: nothing is allocated a row (P2).</summary>
public class SecuredRowsTests
{
    private const int MeterCount = 100, RowCount = 48, ColumnCount = 6;

    private static readonly byte[] ServerTitle = "PRM\0\0\0\0\u0001"u8.ToArray(), ClientTitle = "HES\0\0\0\0\u0001"u8.ToArray();

    [Fact]
    public void OpeningAndDecodingAllocateNothing()
    {
        byte[][] answers = new byte[MeterCount][];
        var contexts = new SecurityContext[MeterCount];
        byte[] plain = Answer();
        for (int i = 0; i < MeterCount; i++)
        {
            byte[] key = new byte[16];
            new Random(i).NextBytes(key);
            using var server = new SecurityContext(SecurityControl.AuthenticatedEncryption, ServerTitle, key, key) { SendCounter = (uint)i };
            byte[] place = new byte[plain.Length + 64];
            var writer = new AxdrWriter(place);
            Assert.Equal(SecurityOutcome.Success, server.Protect(Protection.ServiceGlobal, plain, ref writer));
            answers[i] = place[..writer.Length];
            contexts[i] = new SecurityContext(SecurityControl.AuthenticatedEncryption, ClientTitle, key, key);
            contexts[i].SetPeerSystemTitle(ServerTitle);
        }
        byte[] opened = new byte[plain.Length + 64];
        long rows = 0, sum = 0;
        long allocated = Allocation.Least(() => (rows, sum) = ReadAll(contexts, answers, opened));
        Assert.Equal(0, allocated);
        Assert.Equal(MeterCount * RowCount, rows);
        Assert.Equal(MeterCount * (long)Enumerable.Range(0, RowCount).Sum(), sum);
        foreach (SecurityContext context in contexts) context.Dispose();
    }

    [Fact]
    public void SealingAllocatesNothing()
    {
        using var server = new SecurityContext(SecurityControl.AuthenticatedEncryption, ServerTitle, new byte[16], new byte[16]);
        byte[] plain = Answer(), place = new byte[plain.Length + 64];
        var outcome = SecurityOutcome.Malformed;
        Assert.Equal(0, Allocation.Least(() =>
        {
            var writer = new AxdrWriter(place);
            outcome = server.Protect(Protection.ServiceGlobal, plain, ref writer);
        }));
        Assert.Equal(SecurityOutcome.Success, outcome);
    }

    private static (long Rows, long Sum) ReadAll(SecurityContext[] contexts, byte[][] answers, byte[] opened)
    {
        Span<long> values = stackalloc long[ColumnCount];
        long count = 0, sum = 0;
        for (int i = 0; i < contexts.Length; i++)
        {
            contexts[i].ReceiveCounterMin = 0; // the same answer comes again
            if (contexts[i].Unprotect(answers[i], opened, out int written) != SecurityOutcome.Success) return default;
            var reader = new AxdrReader(opened.AsSpan(0, written));
            if (!GetResponseNormal.TryReadHead(ref reader, out _, out _)) return default;
            if (!ProfileRowReader.TryOpen(reader.Rest, TimestampRule.India, 1_800, out ProfileRowReader rows, out _)) return default;
            while (rows.TryReadRow(values, out _))
            {
                count++;
                sum += values[2];
            }
        }
        return (count, sum);
    }

    private static byte[] Answer() => new GetResponseNormal(new(1), CosemData.Array([.. Enumerable.Range(0, RowCount).Select(row => CosemData.Structure(
        CosemData.DateTimeOctets(new(2026, 3, 1, 7, (byte)(row / 2), (byte)(row % 2 * 30), 0, 0, 330, 0)), CosemData.LongUnsigned(23_000), CosemData.DoubleLongUnsigned((uint)row),
        CosemData.DoubleLongUnsigned(1), CosemData.Long(-2), CosemData.Enumeration(3)))])).Encode();
}
