using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Praman.Billing.SignedValues;
using Praman.Metering;
using Praman.Testing;

namespace Praman.Billing.Tests.SignedValues;

/// <summary>OCMF: files of real charge points, and what strangers might write.</summary>
public class OcmfTests
{
    private const string Folder = "vectors/ocmf/ocmf-xml";

    public static TheoryData<string> Files =>
        [.. TestFiles.Shared(Folder) is { } folder ? Directory.GetFiles(folder, "*.xml").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToArray() : ["absent"]];

    private static byte[] Octets(string name) => File.ReadAllBytes(TestFiles.SharedOrSkip($"{Folder}/{name}"));

    private static OcmfFile Read(byte[] octets)
    {
        Assert.True(OcmfReader.TryRead(octets, out OcmfFile? file, out DecodeError error), error.ToString());
        return file;
    }

    private static string Sample(string payload, ECDsa key, string algorithm = "ECDSA-secp256r1-SHA256") =>
        $"OCMF|{payload}|{{\"SA\":\"{algorithm}\",\"SD\":\"{Convert.ToHexString(key.SignData(Encoding.UTF8.GetBytes(payload), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}\"}}";

    private static OcmfFile ReadSample(string payload, ECDsa key) => Read(Encoding.UTF8.GetBytes(Sample(payload, key)));

    [Theory, MemberData(nameof(Files))]
    public void EveryValueIsReadAndItsSignatureIsAsExpected(string name)
    {
        OcmfFile file = Read(Octets(name));
        JsonElement expected = JsonDocument.Parse(File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/ocmf/ocmf-expected.json"))).RootElement
            .GetProperty("files").EnumerateArray().Single(one => one.GetProperty("file").GetString() == name);
        JsonElement[] values = [.. expected.GetProperty("values").EnumerateArray()];
        Assert.Equal(values.Length, file.Values.Count);
        for (int i = 0; i < values.Length; i++)
        {
            OcmfValue value = file.Values[i];
            string? Text(string member) => values[i].GetProperty(member).GetString();
            Assert.Equal((Text("transactionId"), Text("context"), Text("format_version")), (value.TransactionId, value.Context, value.FormatVersion));
            Assert.Equal((Text("algorithm"), Text("pagination")), (value.Algorithm, value.Pagination));
            Assert.Equal(values[i].GetProperty("signature_valid").GetBoolean(), OcmfCheck.Signature(value, null) == OcmfSignature.Valid);
            JsonElement[] readings = [.. values[i].GetProperty("readings").EnumerateArray()];
            Assert.Equal(readings.Length, value.Readings.Count);
            foreach ((JsonElement want, OcmfReading got) in readings.Zip(value.Readings))
            {
                Assert.Equal(
                    (want.GetProperty("TX").GetString(), want.GetProperty("RU").GetString(), want.GetProperty("RI").GetString(), want.GetProperty("TM").GetString(), want.GetProperty("ST").GetString()),
                    (got.Transaction, got.Unit, got.Register, got.Time, got.Status));
                JsonElement number = want.GetProperty("RV");
                Assert.Equal(number.ValueKind == JsonValueKind.String ? decimal.Parse(number.GetString()!.Trim(), System.Globalization.CultureInfo.InvariantCulture) : number.GetDecimal(), got.Value);
                Assert.Equal(got.Time is null, got.At is null);
            }
        }
    }

    [Fact]
    public void EnergyIsEndMinusBeginningOfWhatIsSigned()
    {
        OcmfRegister register = Assert.Single(OcmfCheck.Registers(Read(Octets("chargepoint_3.xml")), null));
        Assert.Equal(new OcmfRegister("33019230", "1-0:1.8.0", 1304m, 0, 0), register);
        Assert.Equal(
            [("1-0:98.8.0.FF", 1000m), ("1-0:2.8.0.FF", 1000m)],
            OcmfCheck.Registers(Read(Octets("Ocmf_Example_OBIS_98.8.0_2.8.0.xml")), null).Select(one => (one.Register, one.EnergyWh)));
        // Two values of one transaction: it begins in one and ends in the other, in status E, which is an error of the meter.
        Assert.Equal([(0m, 0m, 0)], OcmfCheck.Registers(Read(Octets("20211007-device-with-evt-ocmf-sss-ses.xml")), null).Select(one => (one.EnergyWh, one.UnassignedWh, one.Open)));
        Assert.Empty(OcmfCheck.Registers(Read(Octets("test_ocmf_keba_kcp30_fail.xml")), null));
    }

    [Theory]
    [InlineData("""[{"TX":"B","RV":1,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"},{"TX":"E","RV":3.5,"ST":"G"}]""", 2500, 0, 0)]
    [InlineData("""[{"TX":"B","RV":1,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"},{"TX":"E","RV":3.5,"ST":"F"}]""", 0, 2500, 0)]
    [InlineData("""[{"TX":"B","RV":1,"RI":"1-0:1.8.0","RU":"kWh","ST":"M"},{"TX":"E","RV":3.5}]""", 0, 2500, 0)]
    [InlineData("""[{"TX":"B","RV":9,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"},{"TX":"E","RV":3.5}]""", 0, -5500, 0)]
    [InlineData("""[{"TX":"B","RV":9,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"}]""", 0, 0, 1)]
    [InlineData("""[{"TX":"E","RV":9,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"}]""", 0, 0, 1)]
    [InlineData("""[{"TX":"B","RV":1,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"},{"TX":"T","RV":2},{"TX":"L","RV":3}]""", 2000, 0, 0)]
    public void EnergyThatNobodyVouchesForStandsOnItsOwn(string readings, int energy, int unassigned, int open)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        OcmfFile file = ReadSample($$"""{"FV":"1.0","MS":"7","RD":{{readings}}}""", key);
        Assert.Equal([new OcmfRegister("7", "1-0:1.8.0", energy, unassigned, open)], OcmfCheck.Registers(file, key.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public void TheMetersKeyIsTheOneThatCounts()
    {
        using ECDsa meter = ECDsa.Create(ECCurve.NamedCurves.nistP256), other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string text = Sample("""{"RD":[{"RV":1}]}""", other);
        OcmfValue bare = Read(Encoding.UTF8.GetBytes(text)).Values[0];
        Assert.Equal(OcmfSignature.NoKey, OcmfCheck.Signature(bare, null));
        Assert.Equal(OcmfSignature.Valid, OcmfCheck.Signature(bare, other.ExportSubjectPublicKeyInfo()));
        Assert.Equal(OcmfSignature.Invalid, OcmfCheck.Signature(bare, meter.ExportSubjectPublicKeyInfo()));
        string xml = $"<values><value><signedData format='OCMF'>{text}</signedData><publicKey>{Convert.ToHexString(other.ExportSubjectPublicKeyInfo())}</publicKey></value></values>";
        OcmfValue carried = Read(Encoding.UTF8.GetBytes(xml)).Values[0];
        Assert.Equal(OcmfSignature.Valid, OcmfCheck.Signature(carried, null));
        Assert.Equal(OcmfSignature.OtherKey, OcmfCheck.Signature(carried, meter.ExportSubjectPublicKeyInfo()));

        // A key of another curve than the algorithm says, and an algorithm that is not known, sign nothing.
        using var wide = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Equal(OcmfSignature.Invalid, OcmfCheck.Signature(Read(Encoding.UTF8.GetBytes(Sample("""{"RD":[]}""", wide))).Values[0], wide.ExportSubjectPublicKeyInfo()));
        Assert.Equal(OcmfSignature.Valid, OcmfCheck.Signature(Read(Encoding.UTF8.GetBytes(Sample("""{"RD":[]}""", wide, "ECDSA-secp384r1-SHA256"))).Values[0], wide.ExportSubjectPublicKeyInfo()));
        Assert.Equal(OcmfSignature.NotKnown, OcmfCheck.Signature(Read(Encoding.UTF8.GetBytes(Sample("""{"RD":[]}""", meter, "RSA"))).Values[0], meter.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public void EveryOctetOfASignedTextCounts()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = key.ExportSubjectPublicKeyInfo();
        byte[] good = Encoding.UTF8.GetBytes(Sample("""{ "MS" : "7", "RD" : [ {"TX":"B","RV":1.50,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"} ] }""", key));
        Assert.Equal(OcmfSignature.Valid, OcmfCheck.Signature(Read(good).Values[0], spki));
        int end = good.AsSpan().LastIndexOf((byte)'|');
        for (int i = 5; i < end; i++)
        {
            byte[] changed = [.. good];
            changed[i] = changed[i] == (byte)' ' ? (byte)'\t' : (byte)(changed[i] ^ 1);
            if (OcmfReader.TryRead(changed, out OcmfFile? file, out _)) Assert.NotEqual(OcmfSignature.Valid, OcmfCheck.Signature(file.Values[0], spki));
        }
        for (int length = 0; length < good.Length; length++) Assert.False(OcmfReader.TryRead(good.AsSpan(0, length), out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("OCMF|")]
    [InlineData("OCMF||")]
    [InlineData("OCMF|{}|{}")]
    [InlineData("OCMF|{\"RD\":[{}]}|{}")]
    [InlineData("OCMF|{\"RD\":[],\"RD\":[]}|{}")]
    [InlineData("OCMF|[]|{}")]
    [InlineData("OCMF|{\"RD\":[]}|7")]
    [InlineData("<values/>")]
    [InlineData("<values><value/></values>")]
    [InlineData("<values><value><signedData format='EDL'>x</signedData></value></values>")]
    [InlineData("<!DOCTYPE values [<!ENTITY a 'aaaa'>]><values><value><signedData>&a;</signedData></value></values>")]
    [InlineData("<!DOCTYPE values SYSTEM 'file:///etc/passwd'><values/>")]
    [InlineData("<?xml version='1.0' encoding='none-such'?><values/>")]
    public void WhatIsNoSignedValueIsRefused(string text) => Assert.False(OcmfReader.TryRead(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void DepthAndNumberHaveTheirLimits()
    {
        Assert.False(OcmfReader.TryRead(Encoding.ASCII.GetBytes("<values>" + string.Concat(Enumerable.Repeat("<value>", 100_000))), out _, out _));
        Assert.False(OcmfReader.TryRead(Encoding.ASCII.GetBytes("OCMF|{\"RD\":" + new string('[', 10_000) + "|{}"), out _, out _));
        Assert.False(OcmfReader.TryRead(Encoding.ASCII.GetBytes("OCMF|{\"RD\":[" + string.Join(',', Enumerable.Repeat("{\"RV\":1}", 1_001)) + "]}|{}"), out _, out _));
        Assert.False(OcmfReader.TryRead(new byte[(16 << 20) + 1], out _, out _));
    }

    [Fact]
    public void HostileOctetsAreReadOrRefusedAndNeverThrow()
    {
        byte[][] seeds = [Octets("chargepoint_3.xml"), Octets("log4j_test3.xml"), Octets("20211007-device-with-evt-ocmf-sss-ses.xml"), Octets("ocmf_sec.xml")];
        HostileOctets.Sample(seeds, octets =>
        {
            if (!OcmfReader.TryRead(octets, out OcmfFile? file, out _)) return;
            foreach (OcmfValue value in file.Values) OcmfCheck.Signature(value, null);
            OcmfCheck.Registers(file, null);
        });
    }
}

/// <summary>Octets that begin as something right and are changed in several ways at once.</summary>
internal static class HostileOctets
{
    private static readonly byte[][] Pieces =
        [.. new[] { "<", ">", "</", "\"", "&", "|", "{", "[", "}", "]", "-", "9999999999999999999999", "1e400", "\\ud800", "<![CDATA[", "]]>", "\0", "é", "0" }.Select(Encoding.UTF8.GetBytes)];

    public static void Sample(byte[][] seeds, Action<byte[]> read, int count = 20_000) =>
        Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, 4], Gen.Int[0, Pieces.Length - 1]).Array[1, 4]).Sample(
            (seed, changes) =>
            {
                byte[] octets = seeds[seed];
                foreach ((int where, int kind, int piece) in changes)
                {
                    int at = where % (octets.Length + 1), rest = Math.Min(1 + (where % 7), octets.Length - at);
                    octets = kind switch
                    {
                        0 => [.. octets[..at], .. Pieces[piece], .. octets[(at + rest)..]],
                        1 => [.. octets[..at], .. Pieces[piece], .. octets[at..]],
                        2 => [.. octets[..at], .. octets[(at + rest)..]],
                        3 => octets[..at],
                        _ => [.. octets[..at], .. octets[(at / 2)..]],
                    };
                }
                read(octets);
            },
            iter: count);
}
