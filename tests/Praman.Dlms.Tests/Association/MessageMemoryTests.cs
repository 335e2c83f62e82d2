using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Server;
using static Praman.Dlms.Tests.Association.ServiceDevice;

namespace Praman.Dlms.Tests.Association;

/// <summary>What one small message may make the server allocate, however much it asks for.</summary>
public class MessageMemoryTests
{
    private const int RowLength = 24;

    [Theory]
    [InlineData(16, 0, 1_000), InlineData(48, 0, 1_000), InlineData(17, 0, 1_000), InlineData(16, 63, 1_000), InlineData(48, 63, 1_000)]
    [InlineData(16, 0, 100_000), InlineData(48, 63, 100_000), InlineData(17, 0, 100_000)]
    public void AListIsAnsweredAsFarAsItsBoundGoes(ushort sap, int window, int rowCount)
    {
        var (client, server) = new ServiceDevice(4_096, rowCount: rowCount).Connect(ClientOf(sap, window));
        AttributeSelection[] asked = [.. Enumerable.Repeat(new AttributeSelection(Rows), DlmsServerAssociation.ListCountMax)];
        AssertBounded(client, server, client.GetWithList(asked), isDone: true);
        Assert.Equal(asked.Length, client.Results.Count);
        int given = client.Results.TakeWhile(r => r.IsSuccess).Count();
        if (rowCount * RowLength > DlmsServerAssociation.ListLengthMax) Assert.Equal(0, given);
        else Assert.InRange(given, DlmsServerAssociation.ListLengthMax / (rowCount * RowLength) - 1, DlmsServerAssociation.ListLengthMax / (rowCount * RowLength) + 1);
        Assert.All(client.Results.Skip(given), r => Assert.Equal(DataAccessResult.OtherReason, r.Result));
        // The association goes on, with the same buffers.
        AssertBounded(client, server, client.Get(ImportValue), isDone: true);
    }

    [Theory]
    [InlineData(0), InlineData(63)]
    public void AnAccessIsBoundAsWell(int window)
    {
        var (client, server) = new ServiceDevice(4_096, rowCount: 1_000).Connect(ClientOf(48, window));
        int count = DlmsServerAssociation.ListCountMax;
        AssertBounded(client, server, client.Access([.. Enumerable.Repeat(new AccessSpecification(AccessKind.Get, Rows), count)], [.. Enumerable.Repeat(CosemData.Null, count)]), isDone: true);
        Assert.True(client.TryOpenAccess(out AccessReader reader, out _));
        int given = 0;
        while (reader.TryReadNext(out _, out DataAccessResult result, out _)) given += result == DataAccessResult.Success ? 1 : 0;
        Assert.InRange(given, 1, DlmsServerAssociation.ListLengthMax / (1_000 * RowLength) + 1);
    }

    [Theory]
    [InlineData(100, 50, true), InlineData(100, 128, false), InlineData(1_000, 128, false), InlineData(100_000, 1, false)]
    public void AListByLogicalNamesIsAnsweredWholeOrRefused(int rowCount, int count, bool fits)
    {
        var (client, server) = new ServiceDevice(4_096, rowCount: rowCount).Connect(ClientOf(17));
        AssertBounded(client, server, client.ReadByLogicalName([.. Enumerable.Repeat(Rows, count)]), fits);
        if (fits) Assert.All(client.Results, result => Assert.Equal(rowCount, result.Data.Count));
        AssertBounded(client, server, client.Get(ImportValue), isDone: true);
    }

    [Theory]
    [InlineData(16, 0, 40_000, true), InlineData(48, 0, 40_000, true), InlineData(17, 0, 40_000, true), InlineData(48, 63, 40_000, true)]
    [InlineData(16, 0, 45_000, false), InlineData(48, 0, 100_000, false), InlineData(17, 0, 45_000, false), InlineData(16, 63, 100_000, false), InlineData(48, 63, 45_000, false)]
    public void AValueIsAnsweredWholeOrRefused(ushort sap, int window, int rowCount, bool fits)
    {
        Assert.Equal(fits, rowCount * RowLength <= DlmsServerAssociation.ResponseLengthMax);
        var (client, server) = new ServiceDevice(4_096, rowCount: rowCount).Connect(ClientOf(sap, window));
        AssertBounded(client, server, client.Get(Rows), fits, 4 * DlmsServerAssociation.ResponseLengthMax);
        if (fits) Assert.InRange(client.Data.Length, rowCount * RowLength, (rowCount * RowLength) + 8);
        AssertBounded(client, server, client.Get(ImportValue), isDone: true);
    }

    private static void AssertBounded(DlmsClient client, DlmsServerAssociation server, ClientStep step, bool isDone, int memoryMax = DlmsServerAssociation.MessageMemoryMax)
    {
        while (step.Status == ClientStatus.Pending && !step.Send.IsEmpty)
        {
            byte[] request = step.Send.ToArray();
            long before = GC.GetAllocatedBytesForCurrentThread();
            ReadOnlyMemory<byte> answer = server.Receive(request, Now);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= memoryMax, $"{allocated} octets for a message of {request.Length}");
            step = client.Received(answer.Span);
        }
        Assert.Equal(isDone, step.IsDone);
    }
}
