using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;
using Praman.Dlms.Explain;
using Praman.Dlms.Tests.Axdr;
using Praman.Dlms.Tests.Explain;
using Praman.Metering;

namespace Praman.Dlms.Tests.Apdus;

public class ApduTests
{
    public static TheoryData<int, string> Samples
    {
        get
        {
            var data = new TheoryData<int, string>();
            for (int index = 0; index < SampleApdus.All.Count; index++) data.Add(index, ApduNames.Of(SampleApdus.All[index]));
            return data;
        }
    }

    [Theory, MemberData(nameof(Samples))]
    public void EncodesReadsBackAndRefusesEveryTruncation(int index, string name)
    {
        Apdu apdu = SampleApdus.All[index];
        byte[] encoded = apdu.Encode();
        Assert.Equal(apdu.TagOctet, encoded[0]);
        Assert.True(Apdu.TryDecode(encoded, out Apdu? back, out DecodeError error), error.ToString());
        Assert.Equal(apdu.GetType(), back.GetType());
        Assert.Equal(encoded, back.Encode());
        for (int length = 0; length < encoded.Length; length++)
        {
            Assert.False(Apdu.TryDecode(encoded.AsSpan(0, length), out Apdu? none, out error), $"{name} cut to {length} octets");
            Assert.Null(none);
            Assert.InRange(error.Offset, 0, length);
        }
        Assert.False(Apdu.TryDecode([.. encoded, 0], out _, out error), "an octet more");
    }

    [Theory, MemberData(nameof(Samples))]
    public void ExplainsEveryKind(int index, string name)
    {
        byte[] encoded = SampleApdus.All[index].Encode();
        Assert.True(new DlmsDecoder(new DlmsKeys()).TryDecode(encoded, out DlmsDocument? document, out DecodeError error), error.ToString());
        JsonObject json = document.ToJson();
        Assert.Equal(name, json["apdu"]!["name"]!.GetValue<string>());
        Assert.Equal(encoded[0], json["apdu"]!["tag"]!.GetValue<byte>());
        Assert.EndsWith(".", document.Summary, StringComparison.Ordinal);
        ExplainNode root = Assert.Single(document.Explain);
        Assert.True(root.Children.Count >= 2, "its fields are not told apart");
        Assert.Equal(encoded.Length, root.Length);
        int position = 0;
        foreach (ExplainNode field in root.Children) // one after another, without a gap, to the end
        {
            Assert.Equal(position, field.Offset);
            position += field.Length;
        }
        Assert.Equal(encoded.Length, position);
    }

    [Fact]
    public void TheSamplesHoldEveryKind()
    {
        var kinds = typeof(Apdu).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Apdu)) && !type.IsAbstract).ToHashSet();
        kinds.ExceptWith(SampleApdus.All.Select(apdu => apdu.GetType()));
        Assert.Empty(kinds);
    }

    public static TheoryData<string> OfVectors => Vectors.Names(vector => !vector.IsMalformed && Plain(vector).Any());

    [Theory, MemberData(nameof(OfVectors))]
    public void EncodesTheApdusOfTheVectorsBack(string name)
    {
        foreach (byte[] octets in Plain(Vectors.Get(name)))
        {
            Assert.True(Apdu.TryDecode(octets, out Apdu? apdu, out DecodeError error), error.ToString());
            if (IsReordered(octets)) Assert.Equal(octets.Order(), apdu.Encode().Order());
            else Assert.Equal(Convert.ToHexString(octets), Convert.ToHexString(apdu.Encode()));
        }
    }

    // Some meters put the responding title behind the authentication value; the fields' order is not kept.
    private static bool IsReordered(byte[] octets) =>
        octets[0] == 0x61 && octets.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xA4, 0x0A, 0x04, 0x08]) > octets.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x88, 0x02, 0x07, 0x80])
        && octets.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x88, 0x02, 0x07, 0x80]) > 0;

    private static IEnumerable<byte[]> Plain(Vector vector)
    {
        if (vector.Layer == "apdu") yield return vector.Bytes;
        if (vector.Layer == "wrapper") yield return vector.Bytes[8..];
        foreach (string hex in Hex(vector.Expected)) yield return Convert.FromHexString(hex);
    }

    private static IEnumerable<string> Hex(JsonNode? node) => node switch
    {
        JsonObject json => json.SelectMany(member => member is { Key: "apduHex" or "plaintextHex" or "reassembledApduHex", Value: JsonValue value } ? [value.GetValue<string>()] : Hex(member.Value)),
        JsonArray list => list.SelectMany(Hex),
        _ => [],
    };

    [Fact]
    public void ReadsTheHeadOfAGetResponseWithoutAllocating()
    {
        byte[] response = new GetResponseNormal(new InvokeIdAndPriority(5), Praman.Dlms.Axdr.CosemData.DoubleLongUnsigned(7)).Encode();
        long sum = 0;
        Assert.Equal(0, Allocation.Least(() =>
        {
            sum = 0;
            for (int round = 0; round < 1000; round++) sum += ReadValue(response);
        }));
        Assert.Equal(7000, sum);
        Assert.Equal(-1, ReadValue(new GetResponseNormal(new InvokeIdAndPriority(5), DataAccessResult.ObjectUndefined).Encode()));
        Assert.Equal(-2, ReadValue(new SetResponseNormal(new InvokeIdAndPriority(5), DataAccessResult.Success).Encode()));
    }

    private static long ReadValue(ReadOnlySpan<byte> octets)
    {
        var reader = new Praman.Dlms.Axdr.AxdrReader(octets);
        if (!GetResponseNormal.TryReadHead(ref reader, out _, out DataAccessResult result)) return -2;
        return result == DataAccessResult.Success && reader.TryReadInteger(out long value) ? value : -1;
    }

    [Fact]
    public void ASelectionOfRowsIsReadBack()
    {
        var since = new CosemDateTime(2026, 3, 1, 0xFF, 0, 0, 0, 0, 330, 0);
        SelectiveAccess range = SelectiveAccess.Range(since, since with { Day = 2 });
        Assert.True(range.TryGetRange(out AttributeDescriptor clock, out var first, out var last, out var columns));
        Assert.Equal(new AttributeDescriptor(8, ObisCode.Parse("0-0:1.0.0.255"), 2), clock);
        Assert.True(first.TryGetDateTime(out CosemDateTime start) && start == since);
        Assert.True(last.TryGetDateTime(out CosemDateTime end) && end.Day == 2);
        Assert.Equal(0, columns.Count);
        Assert.False(range.TryGetEntry(out _, out _, out _, out _));
        Assert.True(SelectiveAccess.Entry(3, 9, 1, 4).TryGetEntry(out uint a, out uint b, out ushort c, out ushort d));
        Assert.Equal((3u, 9u, (ushort)1, (ushort)4), (a, b, c, d));
    }
}
