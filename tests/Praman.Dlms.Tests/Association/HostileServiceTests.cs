using CsCheck;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Server;
using static Praman.Dlms.Tests.Association.ServiceDevice;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Association;

/// <summary>Altered APDUs of the services in an open association, from a client and from a server: nothing throws, nothing grows, and the association goes on or ends cleanly.</summary>
public class HostileServiceTests
{
    private static readonly byte[] Whole = new GetRequestNormal(new(1), ImportValue).Encode();

    private static readonly byte[][] Requests =
    [
        new AccessRequest(1u << 30, null, [new(AccessKind.Get, TextValue), new(AccessKind.Set, TextValue), new(AccessKind.Action, new(EchoMethod.ClassId, Echo, 1))], [CosemData.Null, CosemData.Unsigned(1), CosemData.Unsigned(2)]).Encode(),
        new GeneralBlockTransfer(0x81, 1, 0, Whole).Encode(),
        new GeneralBlockTransfer(0x41, 1, 0, Whole.AsMemory(0, 5)).Encode(),
        new GeneralBlockTransfer(0x8F, 2, 0, Whole.AsMemory(5)).Encode(),
        new GeneralBlockTransfer(0xBF, 3, 1, default).Encode(),
        new GeneralBlockTransfer(0xBF, 1, 0, new GetRequestNormal(new(1), Rows).Encode()).Encode(),
        new SetRequestWithListAndFirstDatablock(new(1), [new(TextValue), new(NoteValue)], new(false, 1, new byte[] { 2, 0x11, 1, 0x11 })).Encode(),
        new SetRequestWithDatablock(new(1), new(true, 2, new byte[] { 2 })).Encode(),
        new ActionRequestWithListAndFirstBlock(new(1), [EchoMethod, EchoMethod], new(true, 1, new byte[] { 2, 0, 0 })).Encode(),
        new ReadRequest([VariableAccess.Name(0xFA08), VariableAccess.Parameterized(0x0108, SelectiveAccess.Entry(1, 2)), VariableAccess.Block(1)]).Encode(),
        new ReadRequest([VariableAccess.Name(0xFA08)]).Encode(),
        new ReadRequest([VariableAccess.Block(1)]).Encode(),
        new WriteRequest([VariableAccess.WriteBlock(false, 1)], [CosemData.OctetString(new byte[9])]).Encode(),
        new WriteRequest([VariableAccess.WriteBlock(true, 2)], [CosemData.OctetString(new byte[9])]).Encode(),
        new UnconfirmedWriteRequest([VariableAccess.Name(0x0108)], [CosemData.Null]).Encode(),
        new DataNotificationConfirm(5).Encode(),
    ];

    private static readonly byte[][] Answers =
    [
        new AccessResponse(1, null, null, [CosemData.Unsigned(1)], [new(AccessKind.Get, DataAccessResult.Success)]).Encode(),
        new GeneralBlockTransfer(0x84, 1, 1, new GetResponseNormal(new(2), CosemData.Unsigned(1)).Encode()).Encode(),
        new GeneralBlockTransfer(0x44, 1, 1, new byte[40]).Encode(),
        new GeneralBlockTransfer(0x04, 2, 1, default).Encode(),
        new GeneralBlockTransfer(0x84, 3, 1, new byte[40]).Encode(),
        new SetResponseWithList(new(2), [DataAccessResult.Success]).Encode(),
        new SetResponseLastDatablockWithList(new(2), [DataAccessResult.Success], 1).Encode(),
        new SetResponseDatablock(new(2), 1).Encode(),
        new ActionResponseWithList(new(2), [new(ActionResult.Success, CosemData.Null)]).Encode(),
        new ActionResponseWithBlock(new(2), new(true, 1, new byte[] { 1, 0, 0 })).Encode(),
        new ReadResponse([ReadResponseItem.Value(CosemData.Array())]).Encode(),
        new ReadResponse([ReadResponseItem.Block(false, 1, [1, 2, 3])]).Encode(),
        new WriteResponse([WriteResponseItem.Acknowledged(1)]).Encode(),
        new WriteResponse([WriteResponseItem.Of(DataAccessResult.Success)]).Encode(),
        new EventNotification(null, ImportValue, CosemData.Unsigned(1)).Encode(),
        new InformationReport(null, [VariableAccess.Name(8)], [CosemData.Null]).Encode(),
    ];

    private static readonly Gen<(int, byte[], int, int)[]> Steps = Gen.Select(Gen.Int[0, 15], Gen.Byte.Array[0, 4], Gen.Int[0, 10_000], Gen.Int[0, 3]).Array[1, 14];

    [Theory]
    [InlineData(16), InlineData(17)]
    public void AServerTakesAnyRequestsInAnyOrder(ushort sap) => Steps.Sample(steps =>
    {
        var device = new ServiceDevice(200);
        var (client, server) = device.Connect(ClientOf(sap));
        foreach (var (which, bytes, at, how) in steps)
        {
            ReadOnlyMemory<byte> answer = server.Receive(ToServer(sap, Altered(Requests[which], bytes, at, how)), Now);
            Assert.True(answer.Length <= DlmsServerAssociation.ReplyLengthMax, $"{answer.Length} octets for one request");
        }
        if (server.IsAssociated && !server.IsClosed) Run(client, server, client.Get(ImportValue));
    }, iter: 5_000, seed: "0N0XIzNsQ0O2");

    [Theory]
    [InlineData(16), InlineData(17)]
    public void AClientTakesAnyAnswersInAnyOrder(ushort sap) => Gen.Select(Steps, Gen.Int[0, 7]).Sample((steps, what) =>
    {
        var (client, _) = new ServiceDevice().Connect(ClientOf(sap, window: what % 5, pduSize: 200) with { ResponseLengthMax = 500 });
        _ = what switch
        {
            0 => client.Get(ImportValue),
            1 => client.GetWithList([new(ImportValue), new(TextValue)]),
            2 => client.Set(TextValue, CosemData.OctetString(new byte[3_000])),
            3 => client.SetWithList([new(TextValue)], [CosemData.OctetString(new byte[3_000])]),
            4 => client.ActionWithList([EchoMethod, EchoMethod], [CosemData.Null, CosemData.OctetString(new byte[3_000])]),
            5 => client.Access([new(AccessKind.Get, ImportValue)], [CosemData.Null]),
            6 => client.Action(new(70, TestDevice.Relay, 1), CosemData.Integer(0)),
            _ => client.Get(Rows, SelectiveAccess.Entry(1, 2)),
        };
        foreach (var (which, bytes, at, how) in steps)
        {
            ClientStep step = client.Received(ToClient(sap, Altered(Answers[which], bytes, at, how)));
            Assert.True(!step.IsFailed || step.Error!.Text.Length > 0);
            Assert.True(step.Send.Length < 2_000_000);
            client.Recover();
            client.TryGetValue(out _, out _);
            client.TryOpenAccess(out _, out _);
            while (client.TryTakeNotification(out _)) { }
        }
    }, iter: 5_000, seed: "0N0XIzNsQ0O2");

    private static byte[] Altered(byte[] apdu, byte[] bytes, int at, int how)
    {
        byte[] altered = (byte[])apdu.Clone();
        if (how is 1 or 3)
        {
            foreach (byte value in bytes) altered[(at + value) % altered.Length] ^= value;
        }
        if (how == 2) altered = altered[..(1 + (at % altered.Length))];
        return how == 3 ? [.. altered, .. bytes] : altered;
    }
}
