using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Push;
using Praman.Dlms.Security;
using Praman.Metering;
using static Praman.Dlms.Tests.Association.ServiceDevice;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Association;

/// <summary>What meters in the field send against the standard and we take on purpose (docs/reference/quirks.md), and how little further that goes.</summary>
public class QuirkTests
{
    [Theory]
    [InlineData("630580038001"), InlineData("63"), InlineData("6301"), InlineData("6303800100FF"), InlineData("D80101"), InlineData("0E010600")]
    public void AnUnreadableReleaseAnswerEndsTheAssociation(string answer)
    {
        var (client, _) = new ServiceDevice().Connect(ClientOf(16));
        client.Release();
        Assert.True(client.Received(ToClient(16, Convert.FromHexString(answer))).IsDone);
        Assert.False(client.IsAssociated);
    }

    [Fact]
    public void AnInitiateResponseNamedDedicatedIsOpenedWithTheGlobalKey()
    {
        using var server = new SecurityContext(SecurityControl.AuthenticatedEncryption, TestDevice.Title, TestDevice.Guek, TestDevice.Gak) { SendCounter = 1 };
        byte[] dedicated = new byte[16];
        Assert.Equal(SecurityOutcome.Success, OpenAs(new InitiateResponse(Conformance.Get, 512), dedicated));
        Assert.Equal(SecurityOutcome.Success, OpenAs(new ConfirmedServiceError(1, 6, 4), dedicated));
        // Nothing else is believed so.
        Assert.Equal(SecurityOutcome.TagMismatch, OpenAs(new GetResponseNormal(new(1), CosemData.Null), dedicated));
        dedicated[0] = 1;

        SecurityOutcome OpenAs(Apdu plain, byte[] key)
        {
            using var client = new SecurityContext(SecurityControl.AuthenticatedEncryption, TestDevice.ClientTitle, TestDevice.Guek, TestDevice.Gak);
            client.SetPeerSystemTitle(TestDevice.Title);
            client.SetDedicatedKey(key);
            var writer = new AxdrWriter(new byte[200]);
            Assert.Equal(SecurityOutcome.Success, server.Protect(Protection.GeneralGlobal, plain.Encode(), ref writer));
            byte[] apdu = writer.Written.ToArray();
            apdu[0] = GeneralDedCiphering.Tag; // the tag is not authenticated
            return client.Unprotect(apdu, new byte[200], out _);
        }
    }

    [Fact]
    public void ADateTimeWithTheTagOfAnOctetStringIsRead()
    {
        byte[] octets = Convert.FromHexString("0F00000001" + "090C" + "07EA030100071E0000FEB600" + "1107");
        Assert.True(Apdu.TryDecode(octets, out Apdu? apdu, out _));
        var push = Assert.IsType<DataNotification>(apdu);
        Assert.Equal((true, (ushort)2026), (push.HasDateTimeTag, push.DateTime!.Value.Year));
        Assert.Equal(octets, push.Encode());
        var receiver = new PushReceiver();
        receiver.AppendDatagram(octets);
        Assert.True(receiver.TryTake(out PushMessage? message));
        Assert.Equal((PushFault.None, push.DateTime), (message.Fault, message.Time));
        octets[6] = 11; // of another length it is none
        Assert.False(Apdu.TryDecode(octets, out _, out _));
    }

    [Fact]
    public void TheIndianSignOfTheDeviationMeansIndianTime()
    {
        var noon = new CosemDateTime(2026, 3, 1, 7, 12, 0, 0, 0, 330, 0);
        Assert.True(noon.TryToInstant(out Instant indian));
        Assert.True((noon with { Deviation = -330 }).TryToInstant(out Instant byTheBook));
        Assert.Equal((Instant.FromUtc(2026, 3, 1, 6, 30), indian), (indian, byTheBook));
        // Elsewhere the sign is the Blue Book's.
        Assert.True((noon with { Deviation = -60 }).TryToInstant(out Instant european));
        Assert.Equal(Instant.FromUtc(2026, 3, 1, 11, 0), european);
    }

    [Fact]
    public void TheLlcHeaderTwiceIsTakenOffTwice()
    {
        byte[] push = new DataNotification(1, null, CosemData.Unsigned(4)).Encode();
        foreach (string llc in (string[])["", "E6E700", "E6E700E6E700"])
        {
            var receiver = new PushReceiver();
            receiver.AppendDatagram([.. Convert.FromHexString(llc), .. push]);
            Assert.True(receiver.TryTake(out PushMessage? message));
            Assert.Equal(PushFault.None, message.Fault);
        }
        var thrice = new PushReceiver();
        thrice.AppendDatagram([0xE6, 0xE7, 0, 0xE6, 0xE7, 0, 0xE6, 0xE7, 0, .. push]);
        Assert.True(thrice.TryTake(out PushMessage? bad));
        Assert.Equal(PushFault.Unexpected, bad.Fault);
    }

    [Fact]
    public void ACounterErrorWithoutItsCounterIsStillOne()
    {
        var (client, _) = new ServiceDevice().Connect(ClientOf(48));
        client.Get(ImportValue);
        ClientError error = client.Received(ToClient(48, [0xD8, 1, 6])).Error!;
        Assert.Equal((ClientErrorKind.WrongCounter, null), (error.Kind, error.CounterExpected));
    }

    [Fact]
    public void AConformanceBlockOfTheOldTagIsRead()
    {
        string initiate = Convert.ToHexString(new InitiateResponse(Conformance.Get | Conformance.Set, 512).Encode());
        Assert.Contains("5F1F04", initiate, StringComparison.Ordinal);
        Assert.True(Apdu.TryDecode(Convert.FromHexString(initiate.Replace("5F1F04", "5F04", StringComparison.Ordinal)), out Apdu? apdu, out DecodeError error), error.ToString());
        Assert.Equal(Conformance.Get | Conformance.Set, ((InitiateResponse)apdu).Conformance);
    }

    [Fact]
    public void TheFieldsOfAnAareStandInAnyOrder()
    {
        byte[] context = [0xA1, 0x09, 0x06, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x01, 0x01], result = [0xA2, 0x03, 0x02, 0x01, 0x00], diagnostic = [0xA3, 0x05, 0xA1, 0x03, 0x02, 0x01, 0x00];
        byte[] user = new InitiateResponse(Conformance.Get, 512).Encode();
        byte[] body = [0xBE, (byte)(user.Length + 2), 0x04, (byte)user.Length, .. user, .. diagnostic, .. result, .. context];
        using var client = new DlmsClient(ClientOf(16));
        client.Connect();
        Assert.True(client.Received(ToClient(16, [Aare.Tag, (byte)body.Length, .. body])).IsDone);
    }

    [Theory]
    [InlineData(0, ushort.MaxValue), InlineData(1, 64), InlineData(63, 64), InlineData(65, 65)]
    public void AServerThatTakesNothingIsTakenToHaveNoLimit(ushort said, int taken)
    {
        using var client = new DlmsClient(ClientOf(16));
        client.Connect();
        Assert.True(client.Received(ToClient(16, new Aare { UserInformation = new InitiateResponse(client.Conformance | Conformance.Set | Conformance.BlockTransferWithSetOrWrite, said).Encode() }.Encode())).IsDone);
        int length = client.Set(TextValue, CosemData.OctetString(new byte[20_000])).Send.Length - WrapperHeader.Length;
        Assert.Equal(Math.Min(taken, 20_017), length);
    }
}
