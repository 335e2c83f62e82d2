using System.Globalization;
using System.Text.Json.Nodes;
using Praman.Dlms.Explain;
using Praman.Metering;

namespace Praman.Dlms.Tests.Explain;

/// <summary>The shared vectors of every layer, against their expected meaning.</summary>
public class VectorTests
{
    // What tells of the source and not of the octets: a display's words need scalers that stand in another message.
    private static readonly string[] NotOfTheBytes = ["displayed", "note"];

    public static TheoryData<string> Readable => Vectors.Names(vector => !vector.IsMalformed && vector.Layer != "crypto");

    public static TheoryData<string> Malformed => Vectors.Names(vector => vector.IsMalformed);

    [Theory, MemberData(nameof(Readable))]
    public void DecodesToWhatIsExpected(string name)
    {
        Vector vector = Vectors.Get(name);
        DlmsDecoder decoder = AfterWhatCameBefore(vector);
        Assert.True(decoder.TryDecode(vector.Bytes, out DlmsDocument? document, out DecodeError error), error.ToString());
        JsonObject json = document.ToJson();
        Assert.Equal(vector.Layer, json["layer"]!.GetValue<string>());
        JsonObject expected = vector.Expected.DeepClone().AsObject();
        foreach (string member in NotOfTheBytes) expected.Remove(member);
        Vectors.AssertHolds(expected, json, vector.Layer);
        Assert.False(document.IsRefused);
        AssertEveryOctetIsExplained(document, vector.Bytes.Length);
    }

    [Theory, MemberData(nameof(Readable))]
    public void RefusesEveryTruncationOrReadsItAsLess(string name)
    {
        Vector vector = Vectors.Get(name);
        for (int length = 0; length < vector.Bytes.Length; length++)
        {
            var decoder = new DlmsDecoder(vector.DlmsKeys(withTitle: true));
            bool read = decoder.TryDecode(vector.Bytes.AsMemory(0, length), out DlmsDocument? document, out DecodeError error);
            if (!read)
            {
                Assert.InRange(error.Offset, 0, DlmsDecoder.InputLengthMax);
                Assert.NotEmpty(error.Reason);
                continue;
            }
            // Whole frames of a longer input are no truncation, and a few octets may be a value of another kind; an APDU must not come out shorter.
            bool wholeFrames = vector.Layer == "hdlc" && vector.Bytes[length - 1] == 0x7E;
            Assert.True(wholeFrames || document!.Layer != vector.Layer, $"{length} octets of {vector.Bytes.Length} were read as {document!.Layer}");
        }
    }

    [Theory, MemberData(nameof(Malformed))]
    public void RefusesWhatIsMalformedWithoutUsingMemory(string name)
    {
        Vector vector = Vectors.Get(name);
        var decoder = new DlmsDecoder(vector.DlmsKeys(withTitle: true));
        decoder.TryDecode(vector.Bytes, out _, out _); // tables are made at the first use
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool read = decoder.TryDecode(vector.Bytes, out DlmsDocument? document, out DecodeError error);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(!read || document!.IsRefused, "it was read as good");
        if (!read) Assert.NotEmpty(error.Reason);
        else Assert.Null(document!.ToJson().ToJsonString().Contains("plaintextHex", StringComparison.Ordinal) ? "the content of a tag that does not verify is shown" : null);
        Assert.True(allocated < 64 * vector.Bytes.Length + 65_536, $"{allocated} octets were allocated");
    }

    [Fact]
    public void KeepsNoTitleOfARefusedApdu()
    {
        Vector vector = Vectors.All.FirstOrDefault(candidate => candidate.Name == "session-w-us-05-req")!;
        Assert.SkipWhen(vector is null, "the shared vectors are not beside this checkout");
        byte[] altered = [.. vector.Bytes];
        altered[^1] ^= 1;
        var decoder = new DlmsDecoder(vector.DlmsKeys(withTitle: false));
        Assert.True(decoder.TryDecode(altered, out DlmsDocument? document, out _));
        Assert.True(document.IsRefused);
        Assert.False(document.ToJson()["apdu"]!["security"]!["tagVerified"]!.GetValue<bool>());
        Assert.Null(document.ToJson()["apdu"]!["inner"]);
    }

    // A session is a conversation: what was sent before tells titles, keys and segments.
    private static DlmsDecoder AfterWhatCameBefore(Vector vector)
    {
        bool session = vector.File == "sessions";
        bool answerMissing = vector.Name.StartsWith("session-w-us-ded", StringComparison.Ordinal); // its AARE is not among the vectors
        var decoder = new DlmsDecoder(vector.DlmsKeys(withTitle: !session || answerMissing));
        if (!session) return decoder;
        string conversation = Conversation(vector.Name);
        foreach (Vector earlier in Vectors.All.Where(other => other.File == "sessions" && Conversation(other.Name) == conversation))
        {
            if (earlier.Name == vector.Name) break;
            Assert.True(decoder.TryDecode(earlier.Bytes, out _, out DecodeError error), $"{earlier.Name}: {error}");
        }
        return decoder;
    }

    private static string Conversation(string name) => name[..name.LastIndexOf('-', name.LastIndexOf('-') - 1)];

    private static void AssertEveryOctetIsExplained(DlmsDocument document, int length)
    {
        var covered = new bool[length];
        void Cover(ExplainNode node)
        {
            if (node.Of is null && node.Children.Count == 0)
            {
                for (int at = node.Offset; at < node.Offset + node.Length; at++) covered[at] = true;
            }
            foreach (ExplainNode child in node.Children) Cover(child);
        }
        foreach (ExplainNode node in document.Explain) Cover(node);
        int missing = Array.IndexOf(covered, false);
        Assert.True(missing < 0, "no field covers octet " + missing.ToString(CultureInfo.InvariantCulture));
    }
}
