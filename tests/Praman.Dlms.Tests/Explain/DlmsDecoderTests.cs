using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Explain;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Tests.Explain;

public class DlmsDecoderTests
{
    private static readonly byte[] Guek = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");
    private static readonly byte[] Gak = Convert.FromHexString("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    private static readonly byte[] Title = "HPL\0\0\0\0\u0007"u8.ToArray();
    private static readonly byte[] Request = Convert.FromHexString("C001C100030100010800FF0200");

    private static DlmsDocument Decode(byte[] octets, DlmsKeys? keys = null)
    {
        Assert.True(new DlmsDecoder(keys ?? new DlmsKeys()).TryDecode(octets, out DlmsDocument? document, out DecodeError error), error.ToString());
        return document;
    }

    private static DlmsKeys Keys(byte[]? guek = null, byte[]? gak = null, byte[]? title = null)
    {
        var keys = new DlmsKeys();
        if (guek is not null) Assert.True(keys.TryAdd("GUEK", guek, out _));
        if (gak is not null) Assert.True(keys.TryAdd("gak", gak, out _));
        if (title is not null) Assert.True(keys.TryAdd("system-title", title, out _));
        return keys;
    }

    [Fact]
    public void SaysInWordsWhatARequestAsksFor()
    {
        DlmsDocument document = Decode(Request);
        Assert.Equal("Asks for attribute 2 (value) of register 1-0:1.8.0.255, active energy import (+A), total.", document.Summary);
        ExplainNode root = Assert.Single(document.Explain);
        ExplainNode attribute = Assert.Single(root.Children, node => node.Field == "attribute");
        Assert.Equal((3, 9), (attribute.Offset, attribute.Length));
        ExplainNode name = Assert.Single(attribute.Children, node => node.Field == "instance-id");
        Assert.Equal((5, 6, "0100010800FF", "IEC 62056-6-1 (OBIS)"), (name.Offset, name.Length, name.Bytes, name.Clause));
        Assert.Contains("active energy import", name.Meaning, StringComparison.Ordinal);
    }

    private static byte[] Ciphered(byte[] apdu, Protection protection, SecurityControl? control = null)
    {
        using var context = new SecurityContext(control ?? SecurityControl.AuthenticatedEncryption, Title, Guek, Gak) { SendCounter = 5 };
        var writer = new AxdrWriter(new byte[256]);
        Assert.Equal(SecurityOutcome.Success, context.Protect(protection, apdu, ref writer));
        return writer.Written.ToArray();
    }

    [Fact]
    public void SaysWhichKeyIsMissingAndWhetherTheTagVerified()
    {
        byte[] apdu = Ciphered(Request, Protection.GeneralGlobal);
        JsonNode Security(DlmsDocument document) => document.ToJson()["apdu"]!["security"]!;

        DlmsDocument none = Decode(apdu);
        Assert.Contains("guek", Assert.Single(none.Notes), StringComparison.Ordinal);
        Assert.Null(Security(none)["plaintextHex"]);
        Assert.False(none.IsRefused);

        DlmsDocument unchecked_ = Decode(apdu, Keys(Guek));
        Assert.Contains("gak", Assert.Single(unchecked_.Notes), StringComparison.Ordinal);
        Assert.True(Security(unchecked_).AsObject().ContainsKey("tagVerified"));
        Assert.Null(Security(unchecked_)["tagVerified"]);
        Assert.Equal(Convert.ToHexString(Request), Security(unchecked_)["plaintextHex"]!.GetValue<string>());

        DlmsDocument verified = Decode(apdu, Keys(Guek, Gak));
        Assert.True(Security(verified)["tagVerified"]!.GetValue<bool>());
        Assert.Empty(verified.Notes);
        Assert.Equal("get-request-normal", verified.ToJson()["apdu"]!["inner"]!["name"]!.GetValue<string>());

        foreach (DlmsKeys wrong in (DlmsKeys[])[Keys(Gak, Gak), Keys(Guek, Guek)])
        {
            DlmsDocument refused = Decode(apdu, wrong);
            Assert.True(refused.IsRefused);
            Assert.False(Security(refused)["tagVerified"]!.GetValue<bool>());
            Assert.Null(Security(refused)["plaintextHex"]);
            Assert.Null(refused.ToJson()["apdu"]!["inner"]);
        }
        Assert.True(Decode(apdu, Keys(Gak)).IsRefused); // no tag is checked, but what comes out is no APDU
    }

    [Fact]
    public void AServiceNeedsItsSendersTitleFromAKeyOrFromTheConversation()
    {
        byte[] apdu = Ciphered(Request, Protection.ServiceGlobal);
        DlmsDocument without = Decode(apdu, Keys(Guek, Gak));
        Assert.True(without.IsUnopened);
        Assert.Contains("system title", Assert.Single(without.Notes), StringComparison.Ordinal);
        Assert.False(Decode(apdu, Keys(Guek, Gak, Title)).IsUnopened);

        var decoder = new DlmsDecoder(Keys(Guek, Gak));
        byte[] aarq = Praman.Dlms.Acse.Aarq.Create(Praman.Dlms.Acse.ApplicationContext.LogicalNameCiphered, Title, Praman.Dlms.Acse.AuthenticationMechanism.HlsGmac, new byte[16],
            Ciphered(new InitiateRequest(Conformance.Get, 512) { DedicatedKey = Gak }.Encode(), Protection.ServiceGlobal)).Encode();
        Assert.True(decoder.TryDecode(aarq, out DlmsDocument? opened, out DecodeError error), error.ToString());
        Assert.True(opened.ToJson()["apdu"]!["userInformation"]!["security"]!["tagVerified"]!.GetValue<bool>());
        Assert.True(decoder.TryDecode(apdu, out DlmsDocument? document, out _));
        Assert.True(document.ToJson()["apdu"]!["security"]!["tagVerified"]!.GetValue<bool>());

        using var dedicated = new SecurityContext(SecurityControl.AuthenticatedEncryption, Title, Guek, Gak);
        dedicated.SetDedicatedKey(Gak);
        var writer = new AxdrWriter(new byte[256]);
        dedicated.Protect(Protection.ServiceDedicated, Request, ref writer);
        Assert.True(decoder.TryDecode(writer.Written.ToArray(), out document, out _)); // under the key that the AARQ carried
        Assert.Equal("get-request-normal", document.ToJson()["apdu"]!["inner"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public void ScalesWhatStandsBesideItsScaler()
    {
        CosemData body = CosemData.Array(CosemData.Structure(
            CosemData.LogicalName(ObisCode.Parse("1-0:32.7.0.255")), CosemData.LongUnsigned(2364), CosemData.Of(new ScalerUnit(-1, Unit.Volt))));
        DlmsDocument document = Decode(new DataNotification(1, null, body).Encode());
        DlmsReading reading = Assert.Single(document.Readings);
        Assert.Equal("236.4 V", reading.Text);
        JsonNode json = document.ToJson()["readings"]![0]!;
        Assert.Equal(236.4m, json["value"]!.GetValue<decimal>());
        Assert.Equal("voltage in phase L1, instantaneous", json["name"]!.GetValue<string>());
    }

    [Fact]
    public void ScaledValuesAreNumbersTextsAndLocalTimesByCode()
    {
        static CosemData Named(string code, CosemData value, params CosemData[] scaler) => CosemData.Structure([CosemData.LogicalName(ObisCode.Parse(code)), value, .. scaler]);
        CosemData body = CosemData.Array(
            Named("1-0:32.7.0.255", CosemData.LongUnsigned(2370), CosemData.Of(new ScalerUnit(-1, Unit.Volt))),
            Named("1-0:31.7.0.255", CosemData.LongUnsigned(250), CosemData.Of(new ScalerUnit(-3, Unit.Ampere))),
            Named("1-0:1.8.0.255", CosemData.DoubleLongUnsigned(12), CosemData.Of(new ScalerUnit(3, Unit.WattHour))),
            Named("1-0:1.8.0.255", CosemData.DoubleLongUnsigned(99)),
            Named("0-0:96.1.0.255", CosemData.OctetString("PRM0000001"u8)),
            Named("0-0:1.0.0.255", CosemData.DateTimeOctets(new CosemDateTime(2026, 3, 1, 7, 6, 30, 5, 0, -60, 0))),
            Named("0-0:96.2.1.255", CosemData.OctetString([1, 2, 3])));
        JsonNode scaled = Decode(new DataNotification(1, null, body).Encode()).ToJson()["scaledValues"]!;
        Assert.Equal(
            """{"1.0.32.7.0.255":237.0,"1.0.31.7.0.255":0.25,"1.0.1.8.0.255":12000.0,"0.0.96.1.0.255":"PRM0000001","0.0.1.0.0.255":"2026-03-01 06:30:05"}""", scaled.ToJsonString());
    }

    [Fact]
    public void RowsAreToldByTheColumnsThatTheConversationNamedBefore()
    {
        ObisCode profile = ObisCode.Parse("1-0:98.1.0.255");
        CaptureObject[] columns =
            [new(8, ObisCode.Parse("0-0:1.0.0.255"), 2), new(4, ObisCode.Parse("1-0:1.6.0.255"), 2), new(4, ObisCode.Parse("1-0:1.6.0.255"), 5), new(3, ObisCode.Parse("1-0:1.8.0.101"), 2)];
        CosemData row = CosemData.Structure(CosemData.Null, CosemData.LongUnsigned(5), CosemData.Null, CosemData.DoubleLongUnsigned(7));
        var decoder = new DlmsDecoder(new DlmsKeys());
        JsonNode Next(Apdu apdu)
        {
            Assert.True(decoder.TryDecode(apdu.Encode(), out DlmsDocument? document, out DecodeError error), error.ToString());
            return document.ToJson();
        }
        JsonNode Rows(ObisCode of, SelectiveAccess? access, CosemData rows)
        {
            Next(new GetRequestNormal(new(1), new AttributeDescriptor(7, of, 2), access));
            return Next(new GetResponseNormal(new(1), rows));
        }
        Assert.Null(Rows(profile, null, CosemData.Array(row))["columns"]);
        Next(new GetRequestNormal(new(1), new AttributeDescriptor(7, profile, 3), null));
        Next(new GetResponseNormal(new(1), CosemData.Array([.. columns.Select(column => column.ToData())])));
        const string expected = """["0.0.1.0.0","1.0.1.6.0:2","1.0.1.6.0:5","1.0.1.8.0.101"]""";
        Assert.Equal(expected, Rows(profile, null, CosemData.Array(row, row))["columns"]?.ToJsonString());
        Assert.Equal(expected, Rows(profile, SelectiveAccess.Entry(1, 1), CosemData.Array(row))["columns"]?.ToJsonString());
        Assert.Null(Rows(profile, SelectiveAccess.Entry(1, 1, 2, 3), CosemData.Array(CosemData.Structure(row[0], row[1])))["columns"]);
        Assert.Null(Rows(profile, null, CosemData.Array(CosemData.Structure(row[0], row[1])))["columns"]);
        Assert.Null(Rows(ObisCode.Parse("1-0:99.1.0.255"), null, CosemData.Array(row))["columns"]);
    }

    /// <summary>A shape that fits any profile names none.</summary>
    [Fact]
    public void ARowAloneIsToldByAShapeThatOnePublishedProfileHas()
    {
        CosemData time = CosemData.DateTimeOctets(new CosemDateTime(2026, 3, 1, 7, 6, 30, 5, 0, 330, 0)), never = CosemData.DateTimeOctets(CosemDateTime.Wildcard);
        CosemData number = CosemData.DoubleLongUnsigned(1);
        JsonNode Told(params CosemData[] row) => Decode(CosemData.Structure(row).Encode()).ToJson();
        JsonNode day = Told([time, .. Enumerable.Repeat(number, 8), number, time, number, never]);
        Assert.Equal("1.0.1.8.0 1.0.9.6.0:5", $"{day["columns"]![1]} {day["columns"]![12]}");
        Assert.Contains("does not name its columns", day["notes"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(Told([never, .. Enumerable.Repeat(number, 8), number, time, number, never])["columns"]); // a row without its time
        Assert.Null(Told([time, .. Enumerable.Repeat(number, 12)])["columns"]);
        Assert.Null(Told([time, number, number])["columns"]);
    }

    [Fact]
    public void AValueKeepsItsRawNumberWhereNoScalerStandsBesideIt()
    {
        CosemData body = CosemData.Structure(CosemData.LogicalName(ObisCode.Parse("1-0:1.8.0.255")), CosemData.DoubleLongUnsigned(5), CosemData.LogicalName(ObisCode.Parse("1-0:2.8.0.255")));
        DlmsReading reading = Assert.Single(SelfDescribing.Find(body));
        Assert.Equal((5m, "5"), (reading.Scaled, reading.Text));
        Assert.Null(new DlmsReading(default, CosemData.Long64Unsigned(ulong.MaxValue), new ScalerUnit(20, Unit.WattHour)).Scaled); // beyond a decimal
        Assert.Null(new DlmsReading(default, CosemData.Unsigned(1), new ScalerUnit(sbyte.MinValue, Unit.WattHour)).Scaled);
    }

    [Fact]
    public void TheNameOfAPushSetupIsNotTakenForThatOfTheValueAfterIt()
    {
        CosemData body = CosemData.Structure(
            CosemData.LogicalName(ObisCode.Parse("0-1:25.9.0.255")), CosemData.OctetString(new CosemDateTime(2026, 3, 1, 7, 6, 30, 0, 0, -60, 0).ToOctets()),
            CosemData.LogicalName(ObisCode.Parse("1-0:1.8.0.255")), CosemData.DoubleLongUnsigned(5));
        Assert.Equal("1-0:1.8.0.255", Assert.Single(SelfDescribing.Find(body)).Code.ToString());
        ExplainNode pushed = Decode(new DataNotification(1, null, body).Encode()).Explain[^1].Children[^1];
        Assert.DoesNotContain("push setup", pushed.Children[2].Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void TakesSeveralWrapperFramesOfOneSegment()
    {
        byte[] frame = new byte[WrapperHeader.Length + Request.Length];
        new WrapperHeader(16, 1, (ushort)Request.Length).Write(frame);
        Request.CopyTo(frame, WrapperHeader.Length);
        JsonObject json = Decode([.. frame, .. frame]).ToJson();
        Assert.Equal(16, json["wrapper"]!["source"]!.GetValue<ushort>());
        Assert.Equal("get-request-normal", json["more"]![0]!["apdu"]!["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("", 0, "no octets")]
    [InlineData("C004C100", 1, "choice 4")]
    [InlineData("C001C100030100010800FF02", 12, "end here")]
    [InlineData("C001C100030100010800FF020000", 13, "after the APDU")]
    [InlineData("0001001000010020C001", 10, "announces more")]
    [InlineData("7EA0070321930F027E", 6, "check sequence")]
    [InlineData("7EA0077E", 4, "says its length is 7 has 2 octets before the end: expected its other 5 and a closing flag")]
    [InlineData("7EA07E", 3, "a frame of 1 octet is too short: expected 7 at least")]
    [InlineData("7EA00300", 4, "says its length is 3 is too short: expected 7 at least")]
    [InlineData("680A0A6853FF1101670102030405FF16", 14, "checksum")]
    [InlineData("E6E700C401C10009847FFFFFFF", 8, "length of 2147483647")]
    [InlineData("F700C100", 0, "unknown APDU tag 0xF7")]
    public void AnErrorSaysWhereAndWhat(string hex, int offset, string reason)
    {
        Assert.False(new DlmsDecoder(new DlmsKeys()).TryDecode(Convert.FromHexString(hex), out _, out DecodeError error));
        Assert.Equal(offset, error.Offset);
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void AHugeMessageIsRefusedOrCutShortInWordsOnly()
    {
        Assert.False(new DlmsDecoder(new DlmsKeys()).TryDecode(new byte[DlmsDecoder.InputLengthMax + 1], out _, out _));
        CosemData many = CosemData.Array([.. Enumerable.Repeat(CosemData.Null, DlmsDocument.FieldsMax + 10)]);
        DlmsDocument document = Decode(many.Encode());
        Assert.Equal(DlmsDocument.FieldsMax + 10, document.ToJson()["data"]!["value"]!.AsArray().Count);
        Assert.Contains("ends after", Assert.Single(document.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1-0:1.8.0.255", "active energy import (+A), total")]
    [InlineData("1-0:2.8.3.255", "active energy export (−A), tariff 3")]
    [InlineData("1-0:1.29.0.255", "active energy import (+A), in the interval")]
    [InlineData("1-0:9.8.0.255", "apparent energy import (+VA), total")]
    [InlineData("1-0:1.6.0.255", "active demand import (+A), maximum")]
    [InlineData("1-0:5.8.0.255", "reactive energy Q1, total")]
    [InlineData("1-0:32.7.0.255", "voltage in phase L1, instantaneous")]
    [InlineData("1-0:91.7.0.255", "current in the neutral, instantaneous")]
    [InlineData("1-0:12.27.0.255", "voltage, average of the interval")]
    [InlineData("1-1:1.8.0.255", "active energy import (+A), total, channel 1")]
    [InlineData("1-0:1.8.0.1", "active energy import (+A), total, billing period 1")]
    [InlineData("0-0:1.0.0.255", "clock")]
    [InlineData("0-0:96.3.10.255", "disconnect control (load switch)")]
    [InlineData("1-0:99.1.0.255", "block load profile")]
    public void NamesObisCodes(string code, string words) => Assert.Equal(words, ObisNames.Describe(ObisCode.Parse(code)));

    [Fact]
    public void InventsNoNameForACodeItDoesNotKnow()
    {
        Assert.Null(ObisNames.Describe(ObisCode.Parse("7-0:1.2.3.255")));
        Assert.Null(ObisNames.Describe(ObisCode.Parse("1-0:200.7.0.255")));
    }

    [Theory]
    [InlineData("guek", 15)]
    [InlineData("gak", 0)]
    [InlineData("systemTitle", 16)]
    [InlineData("master", 16)]
    public void RefusesAKeyThatCannotBe(string name, int length)
    {
        Assert.False(new DlmsKeys().TryAdd(name, new byte[length], out string? fault));
        Assert.NotEmpty(fault);
    }
}
