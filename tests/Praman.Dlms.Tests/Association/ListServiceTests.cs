using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using static Praman.Dlms.Tests.Association.ServiceDevice;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Association;

/// <summary>GET, SET and ACTION in all their forms, both sides in memory.</summary>
public class ListServiceTests
{
    public static TheoryData<ushort, ushort> Associations => new() { { 16, 1024 }, { 16, 80 }, { 48, 1024 }, { 48, 128 } };

    [Theory, MemberData(nameof(Associations))]
    public void ListsAreWrittenInOrderAndAnsweredOneByOne(ushort sap, ushort pduSize)
    {
        var device = new ServiceDevice(pduSize);
        var (client, server) = device.Connect(ClientOf(sap));
        byte[] octets = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        Run(client, server, client.SetWithList([new(TextValue), new(ImportValue), new(new(1, new(9, 9, 9, 9, 9), 2)), new(NoteValue)],
            [CosemData.OctetString(octets), CosemData.Unsigned(1), CosemData.Null, CosemData.VisibleString("last")]));
        Assert.Equal([DataAccessResult.Success, DataAccessResult.ReadWriteDenied, DataAccessResult.ObjectUndefined, DataAccessResult.Success], client.SetResults);
        Assert.Equal(octets, device.Written.OctetSpan.ToArray());
        Assert.Equal("last", device.Noted.Text);
        Assert.Equal(2, device.Served);
    }

    [Theory, MemberData(nameof(Associations))]
    public void MethodsOfAListAreInvokedInOrderAndReturnEach(ushort sap, ushort pduSize)
    {
        var device = new ServiceDevice(pduSize);
        var (client, server) = device.Connect(ClientOf(sap));
        byte[] octets = [.. Enumerable.Range(0, 400).Select(i => (byte)i)];
        Run(client, server, client.ActionWithList([EchoMethod, FailMethod, EchoMethod], [CosemData.OctetString(octets), CosemData.Null, CosemData.LongUnsigned(7)]));
        Assert.Equal([ActionResult.Success, ActionResult.TemporaryFailure, ActionResult.Success], client.ActionResults.Select(r => r.Result));
        Assert.Equal(octets, client.ActionResults[0].Return.Data.OctetSpan.ToArray());
        Assert.False(client.ActionResults[1].HasReturn);
        Assert.Equal(CosemData.LongUnsigned(7), client.ActionResults[2].Return.Data);
        Assert.Equal(3, device.Served);
        // One method alone, with long parameters and a long answer.
        Run(client, server, client.Action(EchoMethod, CosemData.OctetString(octets)));
        Assert.Equal(octets, client.Returned.OctetSpan.ToArray());
    }

    [Theory]
    [InlineData(16, 64), InlineData(16, 65), InlineData(16, 127), InlineData(16, 128), InlineData(16, 140), InlineData(16, 300)]
    [InlineData(48, 100), InlineData(48, 160), InlineData(48, 161), InlineData(48, 300)]
    public void NoApduIsLongerThanAgreedAndTheLongOnesAreJustThat(ushort sap, ushort size)
    {
        var device = new ServiceDevice(size);
        var (client, server) = device.Connect(ClientOf(sap, pduSize: size));
        int answers = 0, requests = 0;
        ClientStep step = client.Action(EchoMethod, CosemData.OctetString(new byte[3_000]));
        Walk();
        step = client.Get(Rows);
        Walk();
        step = client.Set(TextValue, CosemData.OctetString(new byte[3_000]));
        Walk();
        Assert.Equal((size, size), (requests, answers));

        void Walk()
        {
            while (step.Status == ClientStatus.Pending)
            {
                requests = Math.Max(requests, step.Send.Length - WrapperHeader.Length);
                ReadOnlyMemory<byte> answer = server.Receive(step.Send.Span, Now);
                answers = Math.Max(answers, answer.Length - WrapperHeader.Length);
                step = client.Received(answer.Span);
            }
            Assert.True(step.IsDone, step.Error?.ToString());
        }
    }

    [Fact]
    public void AValueIsWrittenWithASelectionAsAsked()
    {
        var device = new ServiceDevice();
        var (client, server) = device.Connect(ClientOf(16));
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, Refused(client, server, client.Set(TextValue, CosemData.Null, SelectiveAccess.Entry(1, 1))).Access);
        Assert.Equal(0, device.Served);
    }

    [Theory]
    [InlineData(Conformance.Set), InlineData(Conformance.Action), InlineData(Conformance.MultipleReferences), InlineData(Conformance.SelectiveAccess), InlineData(Conformance.Access)]
    public void WhatWasNotGrantedIsRefusedByNameBeforeItIsSentAndByTheServerToo(Conformance missing)
    {
        Conformance granted = DlmsServerAssociation.Supported & ~missing & ~Conformance.DeltaValueEncoding;
        var (client, server) = new ServiceDevice(conformance: granted).Connect(ClientOf(16));
        Assert.Equal(granted, client.Conformance);
        ClientStep step = missing switch
        {
            Conformance.Set => client.Set(TextValue, CosemData.Null),
            Conformance.Action => client.Action(EchoMethod),
            Conformance.MultipleReferences => client.GetWithList([new(TextValue)]),
            Conformance.SelectiveAccess => client.Get(Rows, SelectiveAccess.Entry(1, 1)),
            _ => client.Access([new(AccessKind.Get, TextValue)], [CosemData.Null]),
        };
        Assert.Equal((ClientErrorKind.NotGranted, missing), (step.Error!.Kind, step.Error.NotGranted));
        Assert.Contains(missing.Names().Single(), step.Error.Text, StringComparison.Ordinal);
        Assert.True(step.Send.IsEmpty);
        Apdu forced = missing switch
        {
            Conformance.Set => new SetRequestNormal(new(1), TextValue, null, CosemData.Null),
            Conformance.Action => new ActionRequestNormal(new(1), EchoMethod, null),
            Conformance.MultipleReferences => new GetRequestWithList(new(1), [new(TextValue)]),
            Conformance.SelectiveAccess => new GetRequestNormal(new(1), Rows, SelectiveAccess.Entry(1, 1)),
            _ => new AccessRequest(new LongInvokeId(1, true).Octets, null, [new(AccessKind.Get, TextValue)], [CosemData.Null]),
        };
        Apdu answer = Decode(server.Receive(ToServer(16, forced.Encode()), Now));
        if (missing == Conformance.SelectiveAccess) Assert.Equal(new GetResponseNormal(new(1), DataAccessResult.ScopeOfAccessViolated), answer);
        else Assert.Equal(StateError.ServiceNotAllowed, Assert.IsType<ExceptionResponse>(answer).StateError);
    }

    [Fact]
    public void LongValuesNeedTheirBlockTransferGranted()
    {
        const Conformance without = DlmsServerAssociation.Supported & ~(Conformance.BlockTransferWithSetOrWrite | Conformance.BlockTransferWithAction
            | Conformance.BlockTransferWithGetOrRead | Conformance.GeneralBlockTransfer);
        var (client, server) = new ServiceDevice(128, conformance: without).Connect(ClientOf(16, pduSize: 128));
        Assert.Equal(Conformance.BlockTransferWithSetOrWrite, client.Set(TextValue, CosemData.OctetString(new byte[500])).Error!.NotGranted);
        Assert.Equal(Conformance.BlockTransferWithAction, client.Action(EchoMethod, CosemData.OctetString(new byte[500])).Error!.NotGranted);
        Assert.Equal(DataAccessResult.DataBlockUnavailable, Refused(client, server, client.Get(Rows)).Access);
    }

    [Fact]
    public void BlocksThatComeTwiceArePassedOver()
    {
        var device = new ServiceDevice(128);
        var (client, server) = device.Connect(ClientOf(16, pduSize: 128));
        byte[] octets = [.. Enumerable.Range(0, 1_000).Select(i => (byte)i)];
        Func<ClientStep>[] calls = [() => client.Set(TextValue, CosemData.OctetString(octets)), () => client.Get(TextValue), () => client.Action(EchoMethod, CosemData.OctetString(octets))];
        foreach (Func<ClientStep> call in calls)
        {
            ClientStep step = call();
            byte[]? earlier = null;
            while (step.Status == ClientStatus.Pending)
            {
                byte[] answer = server.Receive(step.Send.Span, Now).ToArray();
                if (earlier is not null)
                {
                    ClientStep late = client.Received(earlier);
                    Assert.Equal((ClientStatus.Pending, true), (late.Status, late.Send.IsEmpty));
                }
                step = client.Received(answer);
                earlier = answer;
            }
            Assert.True(step.IsDone, step.Error?.ToString());
        }
        Assert.Equal(octets, device.Written.OctetSpan.ToArray());
        Assert.Equal(octets, client.Returned.OctetSpan.ToArray());
    }
}
