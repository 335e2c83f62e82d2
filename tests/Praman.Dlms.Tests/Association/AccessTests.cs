using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Axdr;
using Praman.Metering;
using static Praman.Dlms.Tests.Association.ServiceDevice;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Association;

/// <summary>ACCESS: gets, sets and actions in one request.</summary>
public class AccessTests
{
    private static readonly AttributeDescriptor Echoed = new(EchoMethod.ClassId, EchoMethod.LogicalName, EchoMethod.MethodId), Fails = new(FailMethod.ClassId, FailMethod.LogicalName, FailMethod.MethodId);

    [Theory]
    [InlineData(16, 0, 1024), InlineData(48, 0, 1024), InlineData(16, 0, 100), InlineData(48, 0, 128), InlineData(16, 7, 100), InlineData(48, 7, 128)]
    public void ElementsAreServedInOrder(ushort sap, int window, ushort pduSize)
    {
        var device = new ServiceDevice(pduSize);
        var (client, server) = device.Connect(ClientOf(sap, window, pduSize));
        byte[] octets = [.. Enumerable.Range(0, 700).Select(i => (byte)i)];
        Run(client, server, client.Access(
            [new(AccessKind.Set, TextValue), new(AccessKind.Get, TextValue), new(AccessKind.Action, Echoed), new(AccessKind.Action, Fails), new(AccessKind.Get, new(1, new(9, 9, 9, 9, 9), 2)),
                new(AccessKind.GetWithSelection, Rows, SelectiveAccess.Entry(2, 3))],
            [CosemData.OctetString(octets), CosemData.Null, CosemData.Unsigned(9), CosemData.Null, CosemData.Null, CosemData.Null]));
        Assert.True(client.TryOpenAccess(out AccessReader reader, out DecodeError error), error.ToString());
        Assert.Equal(6, reader.Count);
        Next(ref reader, AccessKind.Set, DataAccessResult.Success, CosemData.Null);
        Next(ref reader, AccessKind.Get, DataAccessResult.Success, CosemData.OctetString(octets));
        Next(ref reader, AccessKind.Action, DataAccessResult.Success, CosemData.Unsigned(9));
        Next(ref reader, AccessKind.Action, DataAccessResult.TemporaryFailure, CosemData.Null);
        Next(ref reader, AccessKind.Get, DataAccessResult.ObjectUndefined, CosemData.Null);
        Assert.True(reader.TryReadNext(out AccessKind kind, out DataAccessResult result, out ReadOnlySpan<byte> rows));
        Assert.Equal((AccessKind.Get, DataAccessResult.Success), (kind, result));
        Assert.True(CosemData.TryDecode(rows, out CosemData two, out _));
        Assert.Equal(2, two.Count);
        Assert.False(reader.TryReadNext(out _, out _, out _));
        Assert.Equal(3, device.Served);
    }

    [Fact]
    public void AListThatBreaksOnAnErrorStopsThere()
    {
        var device = new ServiceDevice();
        var (client, server) = device.Connect(ClientOf(16));
        Run(client, server, client.Access([new(AccessKind.Action, Fails), new(AccessKind.Set, TextValue)], [CosemData.Null, CosemData.Unsigned(1)], breakOnError: true));
        Assert.True(client.TryOpenAccess(out AccessReader reader, out _));
        Next(ref reader, AccessKind.Action, DataAccessResult.TemporaryFailure, CosemData.Null);
        Next(ref reader, AccessKind.Set, DataAccessResult.OtherReason, CosemData.Null);
        Assert.Equal(1, device.Served);
    }

    [Fact]
    public void TheServerRepeatsTheRequestWhereAskedAndRefusesUnevenOnes()
    {
        var device = new ServiceDevice();
        var (_, server) = device.Connect(ClientOf(16));
        AccessSpecification[] asked = [new(AccessKind.Get, ImportValue)];
        var request = new AccessRequest(new LongInvokeId(77, confirmed: true, selfDescriptive: true).Octets, null, asked, [CosemData.Null]);
        var response = Assert.IsType<AccessResponse>(Decode(server.Receive(ToServer(16, request.Encode()), Now)));
        Assert.Equal(asked, response.Specifications);
        Assert.Equal(CosemData.DoubleLongUnsigned(1_234_567), response.Data[0]);
        Assert.IsType<ExceptionResponse>(Decode(server.Receive(ToServer(16, (request with { Data = [] }).Encode()), Now)));
        var many = new AccessRequest(1u << 30, null, [.. Enumerable.Repeat(asked[0], DlmsServerAssociation.ListCountMax + 1)], [.. Enumerable.Repeat(CosemData.Null, DlmsServerAssociation.ListCountMax + 1)]);
        Assert.IsType<ExceptionResponse>(Decode(server.Receive(ToServer(16, many.Encode()), Now)));
        // Unconfirmed: done, without an answer.
        var silent = new AccessRequest(new LongInvokeId(78, confirmed: false).Octets, null, [new(AccessKind.Set, TextValue)], [CosemData.Unsigned(3)]);
        Assert.True(server.Receive(ToServer(16, silent.Encode()), Now).IsEmpty);
        Assert.Equal(CosemData.Unsigned(3), device.Written);
    }

    [Fact]
    public void ALongAnswerWithoutGeneralBlocksIsRefusedByItsLength()
    {
        var (client, server) = new ServiceDevice(200, conformance: DlmsServerAssociation.Supported & ~Conformance.GeneralBlockTransfer).Connect(ClientOf(16, pduSize: 200));
        ClientError error = Refused(client, server, client.Access([new(AccessKind.Get, Rows)], [CosemData.Null]));
        Assert.Equal((ClientErrorKind.ServiceRefused, ServiceError.PduTooLong), (error.Kind, error.Exception!.ServiceError));
    }

    [Fact]
    public void AnswersToEarlierRequestsAndUnevenOnesAreToldApart()
    {
        var (client, server) = new ServiceDevice().Connect(ClientOf(16));
        ClientStep step = client.Access([new(AccessKind.Get, ImportValue)], [CosemData.Null]);
        byte[] first = server.Receive(step.Send.Span, Now).ToArray();
        step = client.Access([new(AccessKind.Get, TextValue)], [CosemData.Null]);
        Assert.Equal(ClientStatus.Pending, client.Received(first).Status);
        var uneven = new AccessResponse(new LongInvokeId(2, true).Octets, null, null, [CosemData.Null, CosemData.Null], [new(AccessKind.Get, 0), new(AccessKind.Get, 0)]);
        Assert.Equal(ClientErrorKind.Malformed, client.Received(ToClient(16, uneven.Encode())).Error!.Kind);
    }

    [Fact]
    public void EveryTruncationOfAResponseIsRefusedAndReadingItAllocatesNothing()
    {
        byte[] octets = new AccessResponse(5, null, [new(AccessKind.Get, ImportValue, null)], [.. Enumerable.Range(0, 50).Select(i => CosemData.DoubleLongUnsigned((uint)i))],
            [.. Enumerable.Repeat(new AccessResult(AccessKind.Get, DataAccessResult.Success), 50)]).Encode();
        for (int length = 0; length < octets.Length; length++) Assert.False(AccessReader.TryOpen(octets.AsSpan(0, length), out _, out _), $"cut to {length}");
        Assert.False(AccessReader.TryOpen([.. octets, 0], out _, out _));
        long sum = 0;
        Assert.Equal(0, Allocation.Least(() =>
        {
            sum = 0;
            AccessReader.TryOpen(octets, out AccessReader reader, out _);
            while (reader.TryReadNext(out _, out _, out ReadOnlySpan<byte> data)) sum += data[^1];
        }));
        Assert.Equal(49 * 50 / 2, sum);
    }

    private static void Next(ref AccessReader reader, AccessKind kind, DataAccessResult result, CosemData data)
    {
        Assert.True(reader.TryReadNext(out AccessKind foundKind, out DataAccessResult foundResult, out ReadOnlySpan<byte> found));
        Assert.True(CosemData.TryDecode(found, out CosemData value, out DecodeError error), error.ToString());
        Assert.Equal((kind, result, data), (foundKind, foundResult, value));
    }
}
