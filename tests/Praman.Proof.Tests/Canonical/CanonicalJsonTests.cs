using System.Text;
using System.Text.Json;
using CsCheck;
using Praman.Metering;
using Praman.Proof.Canonical;
using Praman.Testing;

namespace Praman.Proof.Tests.Canonical;

public class CanonicalJsonTests
{
    private static string Canonical(string json)
    {
        Assert.True(CanonicalJson.TryCanonicalize(Encoding.UTF8.GetBytes(json), out byte[]? canonical, out DecodeError error), error.ToString());
        return Encoding.UTF8.GetString(canonical);
    }

    [Fact]
    public void ThePublishedTariffHasItsKnownHash()
    {
        string path = TestFiles.SharedOrSkip("data/tariffs/india-domestic.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement tariff = document.RootElement.GetProperty("tariffs").EnumerateArray().Single(t => t.GetProperty("id").GetString() == "in-gj-rgp-urban");
        byte[] canonical = CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(tariff.GetRawText()));
        Assert.Equal("273205182031bc31fdf83726eeacf10eee207fa2c06be90c855d7edbfc9889a3", Digest.Sha256(canonical).ToString());
    }

    [Fact]
    public void TheBillOfTheVectorsIsCanonical()
    {
        byte[] bill = File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/bill.json"));
        Assert.True(CanonicalJson.TryCheck(bill, out DecodeError error), error.ToString());
        Assert.Equal(bill, CanonicalJson.Canonicalize(bill));
    }

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData(" [ ] ", "[]")]
    [InlineData(" { \"b\" : 1 ,\t\"a\" : [ true , false , null ] } \n", "{\"a\":[true,false,null],\"b\":1}")]
    [InlineData("{\"b\":{\"d\":1,\"c\":2},\"a\":0}", "{\"a\":0,\"b\":{\"c\":2,\"d\":1}}")]
    [InlineData("{\"aa\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"aa\":1}")]
    [InlineData("-9007199254740991", "-9007199254740991")]
    [InlineData("\"\\u0041\\/\\u00e9\\ud83d\\ude00\"", "\"A/é😀\"")]
    [InlineData("\"\\u0008\\u0009\\u000a\\u000c\\u000d\\u0022\\u005c\"", "\"\\b\\t\\n\\f\\r\\\"\\\\\"")]
    [InlineData("\"\\u001F\\u0000\\u007f\"", "\"\\u001f\\u0000\u007f\"")]
    [InlineData("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}",
        "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}")] // the example of RFC 8785 3.2.3: a pair sorts before U+FB33
    public void WritesTheOneForm(string json, string expected)
    {
        Assert.Equal(expected, Canonical(json));
        Assert.True(CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(expected)));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("  ", 2)]
    [InlineData("1.0", 0)]
    [InlineData("[1e3]", 1)]
    [InlineData("[-0]", 1)]
    [InlineData("[01]", 1)]
    [InlineData("[-]", 1)]
    [InlineData("[+1]", 1)]
    [InlineData("9007199254740992", 0)]
    [InlineData("90071992547409910", 0)]
    [InlineData("{\"a\":1,\"a\":1}", 7)]
    [InlineData("{\"a\":1,\"b\":2,\"\\u0061\":1}", 13)]
    [InlineData("{\"a\":1,}", 7)]
    [InlineData("[1,]", 3)]
    [InlineData("[1 2]", 3)]
    [InlineData("{\"a\" 1}", 5)]
    [InlineData("{a:1}", 1)]
    [InlineData("tru", 0)]
    [InlineData("\"\\ud800\"", 1)]
    [InlineData("\"\\udc00\\ud800\"", 1)]
    [InlineData("\"\\x\"", 1)]
    [InlineData("\"\\u12\"", 1)]
    [InlineData("\"a", 2)]
    [InlineData("\"a\nb\"", 2)]
    [InlineData("{} {}", 3)]
    [InlineData("'a'", 0)]
    [InlineData("NaN", 0)]
    [InlineData("\ufeff{}", 0)]
    public void RefusesWhatIsNotOfTheSubsetAndSaysWhere(string json, int offset)
    {
        Assert.False(CanonicalJson.TryCanonicalize(Encoding.UTF8.GetBytes(json), out _, out DecodeError error));
        Assert.Equal(offset, error.Offset);
        Assert.NotEmpty(error.Reason);
        Assert.False(CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(json)));
    }

    [Theory]
    [InlineData(new byte[] { (byte)'"', 0xFF, (byte)'"' }, 1)]
    [InlineData(new byte[] { (byte)'"', 0xC0, 0x80, (byte)'"' }, 1)]
    [InlineData(new byte[] { (byte)'"', 0xED, 0xA0, 0x80, (byte)'"' }, 1)]
    [InlineData(new byte[] { (byte)'"', (byte)'a', 0xE2, 0x82 }, 2)]
    public void RefusesWhatIsNotUtf8(byte[] json, int offset)
    {
        Assert.False(CanonicalJson.TryCanonicalize(json, out _, out DecodeError error));
        Assert.Equal(offset, error.Offset);
        Assert.False(CanonicalJson.TryCheck(json, out error));
        Assert.Equal(offset, error.Offset);
    }

    [Theory]
    [InlineData(" {}", 0)]
    [InlineData("{} ", 2)]
    [InlineData("{\"a\": 1}", 5)]
    [InlineData("{\"b\":1,\"a\":2}", 7)]
    [InlineData("{\"a\":1,\"a\":2}", 7)]
    [InlineData("{\"a\\nb\":1,\"a\\bc\":2}", 10)] // after the escapes, U+0008 comes before U+000A
    [InlineData("\"\\u0041\"", 1)]
    [InlineData("\"\\/\"", 1)]
    [InlineData("\"\\u000a\"", 1)]
    [InlineData("\"\\u001F\"", 1)]
    [InlineData("[1,2", 4)]
    [InlineData("[1,", 3)]
    [InlineData("[1}", 2)]
    [InlineData("{\"a\"}", 4)]
    [InlineData("{\"a\":}", 5)]
    public void ChecksStrictlyAndSaysWhere(string json, int offset)
    {
        Assert.False(CanonicalJson.TryCheck(Encoding.UTF8.GetBytes(json), out DecodeError error));
        Assert.Equal(offset, error.Offset);
    }

    [Fact]
    public void DepthIsBounded()
    {
        string at = new string('[', CanonicalJson.DepthMax) + new string(']', CanonicalJson.DepthMax);
        Assert.Equal(at, Canonical(at));
        Assert.True(CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(at)));
        foreach (int depth in (int[])[CanonicalJson.DepthMax + 1, 1_000_000])
        {
            byte[] beyond = Encoding.UTF8.GetBytes(new string('[', depth));
            Assert.False(CanonicalJson.TryCanonicalize(beyond, out _, out DecodeError error));
            Assert.Equal(CanonicalJson.DepthMax, error.Offset);
            Assert.False(CanonicalJson.TryCheck(beyond, out error));
            Assert.Equal(CanonicalJson.DepthMax, error.Offset);
        }
    }

    [Fact]
    public void EveryTruncationOfABillIsRefusedByBoth()
    {
        byte[] bill = File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/bill.json"));
        for (int length = 0; length < bill.Length; length++)
        {
            Assert.False(CanonicalJson.TryCanonicalize(bill.AsSpan(0, length), out _, out _));
            Assert.False(CanonicalJson.IsCanonical(bill.AsSpan(0, length)));
        }
    }

    [Fact]
    public void AnyOrderAndAnySpacingGiveTheSameBytes() =>
        JsonSamples.Value.Sample((value, seed) =>
        {
            byte[] plain = Encoding.UTF8.GetBytes(JsonSamples.Write(value, new Random(seed)));
            byte[] again = Encoding.UTF8.GetBytes(JsonSamples.Write(value, new Random(seed + 1)));
            byte[] canonical = CanonicalJson.Canonicalize(plain);
            Assert.Equal(canonical, CanonicalJson.Canonicalize(again));
            Assert.Equal(canonical, CanonicalJson.Canonicalize(canonical));
            Assert.True(CanonicalJson.TryCheck(canonical, out DecodeError error), error.ToString());
            Assert.Equal(JsonSamples.Reference(value), Encoding.UTF8.GetString(canonical));
        }, iter: 3000);

    [Fact]
    public void TheCheckAgreesWithTheRewritingOnMutatedBytes()
    {
        byte[] bill = CanonicalJson.Canonicalize("{\"a\":[1,-20,\"x\\ny\",{\"é\":null,\"\\t\":true}],\"ab\":{\"c\":false,\"d\":\"\\\"\"},\"😀\":\"\\u0001\"}"u8);
        var random = new Random(20260401);
        int accepted = 0;
        for (int round = 0; round < 200_000; round++)
        {
            byte[] mutated = [.. bill];
            for (int change = random.Next(1, 3); change > 0; change--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            bool rewritten = CanonicalJson.TryCanonicalize(mutated, out byte[]? canonical, out _);
            bool same = rewritten && canonical.AsSpan().SequenceEqual(mutated);
            Assert.Equal(same, CanonicalJson.IsCanonical(mutated));
            if (same) accepted++;
        }
        Assert.InRange(accepted, 1000, 199_000); // both answers were given
    }

    [Fact]
    public void RandomBytesEndInAnAnswer() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            bool rewritten = CanonicalJson.TryCanonicalize(bytes, out byte[]? canonical, out DecodeError error);
            Assert.Equal(rewritten, canonical is not null);
            Assert.InRange(error.Offset, 0, bytes.Length);
            Assert.Equal(rewritten && canonical.AsSpan().SequenceEqual(bytes), CanonicalJson.IsCanonical(bytes));
        }, iter: 20_000);

    [Fact]
    public void CheckingAllocatesNothing()
    {
        byte[] bill = "{\"a\":[1,-20,\"x\\ny\",{\"\\t\":true,\"b\":null}],\"ab\":{\"c\":false}}"u8.ToArray();
        Assert.True(CanonicalJson.IsCanonical(bill));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) CanonicalJson.IsCanonical(bill);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void HostileInputAllocatesInProportionOnly()
    {
        byte[] members = Encoding.UTF8.GetBytes("{" + string.Join(",", Enumerable.Range(0, 20_000).Reverse().Select(i => $"\"{i:x5}\":{i}")) + "}");
        CanonicalJson.Canonicalize("{}"u8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        CanonicalJson.Canonicalize(members);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16L * members.Length);
    }
}
