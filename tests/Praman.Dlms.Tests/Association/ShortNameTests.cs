using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Metering;
using static Praman.Dlms.Tests.Association.ServiceDevice;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Association;

/// <summary>Read, Write, UnconfirmedWrite and InformationReport by short names, both sides.</summary>
public class ShortNameTests
{
    [Theory]
    [InlineData(17, 1024), InlineData(17, 100), InlineData(49, 1024), InlineData(49, 128)]
    public void AServerWithShortNamesIsReadAndWrittenByTheSameCalls(ushort sap, ushort pduSize)
    {
        var device = new ServiceDevice(pduSize);
        var (client, server) = device.Connect(ClientOf(sap, pduSize: pduSize));
        Run(client, server, client.Get(ImportValue));
        Assert.True(client.TryGetValue(out CosemData value, out _));
        Assert.Equal(CosemData.DoubleLongUnsigned(1_234_567), value);
        byte[] octets = [.. Enumerable.Range(0, 2_000).Select(i => (byte)i)];
        Run(client, server, client.Set(TextValue, CosemData.OctetString(octets)));
        Assert.Equal(octets, device.Written.OctetSpan.ToArray());
        Run(client, server, client.Get(TextValue));
        Assert.True(client.TryGetValue(out value, out _));
        Assert.Equal(octets, value.OctetSpan.ToArray());
        Run(client, server, client.GetEntries(Profile, 2, 4));
        Assert.True(ProfileRowReader.TryOpen(client.Data, TimestampRule.India, 1800, out ProfileRowReader rows, out _));
        Assert.Equal(3, rows.RowCount);
        Run(client, server, client.GetWithList([new(ImportValue), new(TextValue), new(new(3, Import, 3))]));
        Assert.Equal(3, client.Results.Count);
        Assert.Equal(octets, client.Results[1].Data.OctetSpan.ToArray());
        Run(client, server, client.SetWithList([new(NoteValue), new(ImportValue)], [CosemData.Unsigned(5), CosemData.Null]));
        Assert.Equal([DataAccessResult.Success, DataAccessResult.ReadWriteDenied], client.SetResults);
        Assert.Equal(CosemData.Unsigned(5), device.Noted);
        Run(client, server, client.Action(new(70, TestDevice.Relay, 1), CosemData.Integer(0)));
        Assert.False(device.Connected);
        Assert.Equal(ActionResult.ReadWriteDenied, Refused(client, server, client.Action(new(3, Import, 1), CosemData.Integer(0))).Action);
        Run(client, server, client.Release());
    }

    [Fact]
    public void TheObjectListNamesWhatTheClientMayReadAndNothingOverlaps()
    {
        var (client, _) = new ServiceDevice().Connect(ClientOf(17));
        IReadOnlyList<ShortNameEntry> objects = client.ShortNames!.Objects;
        Assert.Equal((ShortNameTable.Association, (ushort)12), (objects[0].BaseName, objects[0].ClassId));
        Assert.Equal(9, objects.Count); // eight, and the association
        Assert.DoesNotContain(objects, o => o.ClassId == 15);
        ShortNameEntry[] sorted = [.. objects.OrderBy(o => o.BaseName)];
        foreach ((ShortNameEntry one, ShortNameEntry next) in sorted.Zip(sorted.Skip(1)))
        {
            CosemClass? known = CosemClasses.Find(one.ClassId);
            if (known is null) continue;
            int last = known.Methods.Count > 0 ? ShortNames.MethodOffset(one.ClassId, one.Version, known.Methods[^1].Id)!.Value : ShortNames.AttributeOffset(known.Attributes[^1].Id);
            Assert.True(one.BaseName + last < next.BaseName, $"{one} reaches into {next}");
            Assert.Equal(0, one.BaseName % ShortNames.Step);
        }
        Assert.True(client.ShortNames.TryFind(new AttributeDescriptor(3, Import, 2), out ushort name));
        Assert.Equal(sorted.Single(o => o.LogicalName == Import).BaseName + 8, name);
        Assert.False(client.ShortNames.TryFind(new AttributeDescriptor(3, new(9, 9, 9, 9, 9), 2), out _));
        Assert.False(client.ShortNames.TryFind(EchoMethod, out _)); // the offsets of a maker's own class are not known
    }

    [Fact]
    public void WhatIsNotKnownIsRefusedBeforeItIsSent()
    {
        var device = new ServiceDevice();
        using var client = new DlmsClient(ClientOf(17));
        using var server = new DlmsServerAssociation(device);
        Run(client, server, client.Connect());
        Assert.Equal(ClientErrorKind.Unexpected, client.Get(ImportValue).Error!.Kind); // the names are not read yet
        Run(client, server, client.ReadShortNames());
        Assert.Equal(DataAccessResult.ObjectUndefined, client.Get(new(3, new(9, 9, 9, 9, 9), 2)).Error!.Access);
        Assert.Equal(ClientErrorKind.AccessDenied, client.Action(EchoMethod).Error!.Kind);
        Run(client, server, client.Get(new(12, LogicalDevice.CurrentAssociation, 1)));
        // By logical name there are no short names, and by short name no services of logical names.
        var (other, _) = new ServiceDevice().Connect(ClientOf(16));
        Assert.Equal(ClientErrorKind.Unexpected, other.ReadShortNames().Error!.Kind);
        Assert.Equal(ClientErrorKind.NotGranted, client.Access([new(AccessKind.Get, ImportValue)], [CosemData.Null]).Error!.Kind);
    }

    [Fact]
    public void TheServerAnswersAsTheStandardSaysOctetForOctet()
    {
        var device = new ServiceDevice();
        using var server = new DlmsServerAssociation(device);
        Aarq aarq = new() { Context = ApplicationContext.ShortName, UserInformation = new InitiateRequest(DlmsServerAssociation.SupportedByShortName, 1024).Encode() };
        Aare aare = Assert.IsType<Aare>(Decode(server.Receive(ToServer(17, aarq.Encode()), Now)));
        Assert.Equal((AssociationResult.Accepted, ApplicationContext.ShortName), (aare.Result, aare.Context));
        Assert.True(Apdu.TryDecode(aare.UserInformation.Span, out Apdu? user, out _));
        Assert.Equal(0xFA00, Assert.IsType<InitiateResponse>(user).VaaName);
        ushort import = device.Objects.ShortNames.BaseName(Import)!.Value, text = device.Objects.ShortNames.BaseName(Text)!.Value, relay = device.Objects.ShortNames.BaseName(TestDevice.Relay)!.Value;
        string Name(int value) => ((ushort)value).ToString("X4");
        Answers("0501" + "02" + Name(import + 8), "0C01" + "00" + "060012D687");
        Answers("0502" + "02" + Name(import) + "02FFF8", "0C02" + "00" + "09060100010800FF" + "0104");
        Answers("0501" + "02" + Name(import + 4), "0C01" + "0104"); // between two names
        Answers("0601" + "02" + Name(text + 8) + "01" + "1107", "0D01" + "00");
        Assert.Equal(CosemData.Unsigned(7), device.Written);
        Answers("0601" + "02" + Name(import + 8) + "01" + "1107", "0D01" + "0103");
        Answers("0601" + "02" + Name(relay + 0x20) + "01" + "0F00", "0D01" + "00");
        Assert.False(device.Connected);
        Answers("1601" + "02" + Name(text + 8) + "01" + "1109", "");
        Assert.Equal(CosemData.Unsigned(9), device.Written);
        Answers("0501" + "05" + "0003", "0C01" + "0110"); // no long read is under way
        Answers("0601" + "07" + "01" + "0002" + "01" + "0900", "0D01" + "0112"); // nor a long write
        Answers("C001C1" + "0003" + "0100010800FF" + "02" + "00", "D80102"); // by logical name: not in this association

        void Answers(string request, string answer)
        {
            ReadOnlyMemory<byte> frame = server.Receive(ToServer(17, Convert.FromHexString(request)), Now);
            Assert.Equal(answer, frame.IsEmpty ? "" : Convert.ToHexString(frame.Span[WrapperHeader.Length..]));
        }
    }

    [Theory]
    [InlineData(17, 64), InlineData(49, 128)]
    public void AReadRequestThatIsTooLongGoesInBlocks(ushort sap, ushort pduSize)
    {
        var device = new ServiceDevice(pduSize);
        var (client, server) = device.Connect(ClientOf(sap));
        AttributeSelection[] many = [.. Enumerable.Repeat(new AttributeSelection(ImportValue), 40)]; // three octets each
        ClientStep step = client.GetWithList(many);
        int requests = 0;
        while (step.Status == ClientStatus.Pending && !step.Send.IsEmpty)
        {
            Assert.InRange(step.Send.Length - WrapperHeader.Length, 1, pduSize);
            step = client.Received(server.Receive(step.Send.Span, Now).Span);
            requests++;
        }
        Assert.True(step.IsDone, step.Error?.ToString());
        Assert.True(requests > 3);
        Assert.Equal(40, client.Results.Count);
        Assert.All(client.Results, result => Assert.Equal(CosemData.DoubleLongUnsigned(1_234_567), result.Data));
        // Nothing is cut where the server grants no blocks; its object list goes as it is.
        var without = new ServiceDevice(256, conformance: DlmsServerAssociation.SupportedByShortName & ~(Conformance.BlockTransferWithGetOrRead | Conformance.GeneralBlockTransfer));
        var (plain, _) = without.Connect(ClientOf(sap));
        Assert.Equal(Conformance.BlockTransferWithGetOrRead, plain.GetWithList([.. many, .. many, .. many]).Error!.NotGranted);
    }

    [Fact]
    public void ALongReadRequestThatIsOutOfOrderOrNoneIsRefused()
    {
        var device = new ServiceDevice();
        var (_, server) = device.Connect(ClientOf(17));
        ushort import = (ushort)(device.Objects.ShortNames.BaseName(Import)!.Value + 8);
        string whole = "01" + "02" + import.ToString("X4");
        string Block(bool last, int number, string raw) => $"0501" + "06" + (last ? "01" : "00") + number.ToString("X4") + (raw.Length / 2).ToString("X2") + raw;
        Answers(Block(false, 1, whole[..4]), "0C01" + "03" + "0001");
        Answers(Block(true, 2, whole[4..]), "0C01" + "00" + "060012D687");
        Answers(Block(true, 2, whole[4..]), "0C01" + "0110"); // none is under way
        Answers(Block(false, 1, whole[..4]), "0C01" + "03" + "0001");
        Answers(Block(true, 3, whole[4..]), "0C01" + "010F"); // a block is missing
        Answers(Block(true, 1, whole + "00"), "0C01" + "010C"); // more than a request
        Answers(Block(false, 1, whole[..4]), "0C01" + "03" + "0001");
        Answers("0501" + whole[2..], "0C01" + "00" + "060012D687"); // another request ends it
        Answers(Block(true, 2, whole[4..]), "0C01" + "0110");
        for (int block = 1; block <= 400; block++) // not without bound
        {
            string answer = Convert.ToHexString(server.Receive(ToServer(17, Convert.FromHexString(Block(false, block, "00").Replace("0100", "81FF" + new string('0', 510), StringComparison.Ordinal))), Now).Span[WrapperHeader.Length..]);
            if (answer == "0C01" + "010F") return;
        }
        Assert.Fail("a long request grows without bound");

        void Answers(string request, string answer) =>
            Assert.Equal(answer, Convert.ToHexString(server.Receive(ToServer(17, Convert.FromHexString(request)), Now).Span[WrapperHeader.Length..]));
    }

    [Theory]
    [InlineData(17), InlineData(49)]
    public void AttributesAreReadByTheirLogicalNamesWithoutTheObjectList(ushort sap)
    {
        var device = new ServiceDevice();
        var client = new DlmsClient(ClientOf(sap), new CounterLease(1, 1_000));
        using var server = new DlmsServerAssociation(device);
        Run(client, server, client.Connect());
        Run(client, server, client.ReadByLogicalName([ImportValue, new(3, new(1, 0, 2, 8, 0), 2), new(3, Import, 1)]));
        Assert.Equal([CosemData.DoubleLongUnsigned(1_234_567), CosemData.Null, CosemData.LogicalName(Import)], client.Results.Select(r => r.Data));
        Assert.Equal(DataAccessResult.TypeUnmatched, Refused(client, server, client.ReadByLogicalName([])).Access);
        var (reader, other) = device.Connect(ClientOf(18)); // who may read it by one name may by the other, and nobody else
        Run(reader, other, reader.ReadByLogicalName([ImportValue, TextValue]));
        Assert.Equal(CosemData.DoubleLongUnsigned(1_234_567), reader.Results[0].Data);
        Assert.True(reader.Results[1].Data.IsNull);
    }

    [Fact]
    public void AnUnconfirmedWriteIsDoneAtOnceAndSent()
    {
        var device = new ServiceDevice();
        var (client, server) = device.Connect(ClientOf(49));
        ClientStep step = client.SetUnconfirmed(TextValue, CosemData.Unsigned(4));
        Assert.True(step.IsDone);
        Assert.True(server.Receive(step.Send.Span, Now).IsEmpty);
        Assert.Equal(CosemData.Unsigned(4), device.Written);
        Run(client, server, client.Get(ImportValue));
        var (other, _) = new ServiceDevice(conformance: DlmsServerAssociation.SupportedByShortName & ~Conformance.UnconfirmedWrite).Connect(ClientOf(17));
        Assert.Equal(Conformance.UnconfirmedWrite, other.SetUnconfirmed(TextValue, CosemData.Null).Error!.NotGranted);
    }

    [Fact]
    public void AnInformationReportIsHandedOut()
    {
        var (client, server) = new ServiceDevice().Connect(ClientOf(49));
        Assert.False(client.TryTakeNotification(out _));
        ReadOnlyMemory<byte> frame = server.Notify(new InformationReport(null, [VariableAccess.Name(0x0108)], [CosemData.Unsigned(3)]));
        Assert.Equal(ClientStatus.Pending, client.Received(frame.Span).Status);
        Assert.True(client.TryTakeNotification(out Notification? notification));
        Assert.True(notification.IsProtected);
        Assert.Equal(CosemData.Unsigned(3), Assert.IsType<InformationReport>(notification.Apdu).Values[0]);
    }

    [Fact]
    public void APasswordAndRightsHoldForShortNamesToo()
    {
        var device = new ServiceDevice();
        using var wrong = new DlmsClient(ClientOf(18) with { Secret = "bad"u8.ToArray() });
        using var server = new DlmsServerAssociation(device);
        Assert.Equal(ClientErrorKind.AuthenticationFailed, Refused(wrong, server, wrong.Connect()).Kind);
        var (client, reader) = device.Connect(ClientOf(18));
        Assert.Equal(DataAccessResult.ReadWriteDenied, Refused(client, reader, client.Set(TextValue, CosemData.Null)).Access);
        Assert.Equal(0, device.Served);
    }

    [Theory]
    [InlineData("0101"), InlineData("010102030FFA1200010F"), InlineData("01010204" + "14000000000001FFFF" + "120001" + "1100" + "0906000000000000")]
    [InlineData("0101020410FA0012000C11010905002800" + "00")]
    public void AMalformedObjectListIsRefusedByItsOffset(string hex)
    {
        Assert.False(ShortNameMap.TryRead(Convert.FromHexString(hex), out _, out DecodeError error));
        Assert.NotEmpty(error.Reason);
        Assert.InRange(error.Offset, 0, hex.Length / 2);
    }
}
