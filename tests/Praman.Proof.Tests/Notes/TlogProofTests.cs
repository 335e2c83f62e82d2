using System.Text;
using System.Text.RegularExpressions;
using NodaTime;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Notes;

namespace Praman.Proof.Tests.Notes;

public class TlogProofTests
{
    private static VectorFiles Files => new();

    [Fact]
    public void TheVectorIsReadWrittenByteForByteAndVerified()
    {
        VectorFiles files = Files;
        Assert.True(TlogProof.TryParse(files.Proof, out TlogProof? proof, out DecodeError error), error.ToString());
        Assert.Equal(files.Proof, proof.ToBytes());
        Assert.Equal(files.Expected.GetProperty("index").GetInt64(), proof.Index);
        Assert.Equal(files.Expected.GetProperty("size").GetInt64(), proof.Checkpoint.Size);
        Assert.Equal(files.Expected.GetProperty("root").GetString(), proof.Checkpoint.Root.ToString());
        Assert.Equal(files.Expected.GetProperty("salt_hex").GetString(), Convert.ToHexStringLower(proof.Extra!.Value.Span));
        CheckpointTrust trust = files.Policy.Check(proof.Checkpoint);
        Assert.True(trust.IsTrusted);
        WitnessedAt witness = Assert.Single(trust.Witnesses);
        Assert.Equal(files.Expected.GetProperty("witness_time").GetInt64(), witness.At.ToUnixTimeSeconds());
        Assert.True(files.Verifies(files.Bill, files.Proof));
    }

    [Fact]
    public void TheVectorsSignaturesAreMadeAgainFromTheirSeeds()
    {
        VectorFiles files = Files;
        Assert.True(TlogProof.TryParse(files.Proof, out TlogProof? proof, out _));
        using var log = new NoteSigningKey("log.praman.example/test-discom", NoteKeyType.Ed25519, Digest.Sha256("praman test log key"u8).Octets);
        using var witness = new NoteSigningKey("witness.praman.example/test", NoteKeyType.CosignatureV1, Digest.Sha256("praman test witness key"u8).Octets);
        SignedCheckpoint signed = SignedCheckpoint.Sign(proof.Checkpoint.Checkpoint, log);
        signed = signed.With(witness.Cosign(signed.Note.Text, Instant.FromUnixTimeSeconds(1759276800)));
        Assert.Equal(Encoding.UTF8.GetString(proof.Checkpoint.Note.Octets), Encoding.UTF8.GetString(signed.Note.Octets));
    }

    [Fact]
    public void ACheckpointReadBeforeIsTakenOnlyWhereEachOctetIsTheSame()
    {
        byte[] file = Files.Proof;
        Assert.True(TlogProof.TryParse(file, out TlogProof? proof, out _));
        SignedCheckpoint known = proof.Checkpoint;
        Assert.True(TlogProof.TryParse(file, known, out TlogProof? again, out DecodeError error), error.ToString());
        Assert.Same(known, again.Checkpoint);
        Assert.Equal(file, again.ToBytes());
        for (int at = file.Length - known.Note.Octets.Length; at < file.Length; at++)
        {
            byte[] changed = [.. file];
            changed[at] ^= 1;
            bool reads = TlogProof.TryParse(changed, out TlogProof? alone, out DecodeError aloneError);
            Assert.Equal(reads, TlogProof.TryParse(changed, known, out TlogProof? beside, out DecodeError besideError));
            Assert.Equal(aloneError, besideError);
            if (!reads) continue;
            Assert.NotSame(known, beside!.Checkpoint);
            Assert.Equal(alone!.ToBytes(), beside.ToBytes());
            Assert.Equal(changed, beside.ToBytes());
        }
    }

    public static TheoryData<string> MustFail =>
        ["index 7 in the proof", "checkpoint size 14", "witness time + 1", "salt line removed", "first proof hash and last swapped", "signature line of the log removed"];

    [Theory, MemberData(nameof(MustFail))]
    public void EachChangeThatMustFailFails(string change)
    {
        VectorFiles files = Files;
        Assert.Contains(files.Expected.GetProperty("must_fail").EnumerateArray(), row => row.GetProperty("change").GetString() == change);
        string[] lines = files.ProofText.Split('\n');
        switch (change)
        {
            case "index 7 in the proof": lines[2] = "index 7"; break;
            case "checkpoint size 14": lines[9] = "14"; break;
            case "witness time + 1":
                byte[] octets = Convert.FromBase64String(lines[13].Split(' ')[2]);
                octets[11]++; // key id (4), then the time (8)
                lines[13] = $"— witness.praman.example/test {Convert.ToBase64String(octets)}";
                break;
            case "salt line removed": lines = [lines[0], .. lines[2..]]; break;
            case "first proof hash and last swapped": (lines[3], lines[6]) = (lines[6], lines[3]); break;
            case "signature line of the log removed": lines = [.. lines[..12], .. lines[13..]]; break;
        }
        byte[] changed = Encoding.UTF8.GetBytes(string.Join('\n', lines));
        Assert.NotEqual(files.Proof, changed);
        Assert.True(TlogProof.TryParse(changed, out _, out DecodeError error), error.ToString()); // well formed, yet not true
        Assert.False(files.Verifies(files.Bill, changed));
    }

    [Fact]
    public void TheListOfChangesIsTheWholeList() =>
        Assert.Equal(["one byte of bill.json", .. MustFail.Select(row => row.Data)], Files.Expected.GetProperty("must_fail").EnumerateArray().Select(row => row.GetProperty("change").GetString()!));

    [Fact]
    public void EveryChangedBitOfTheBillFails()
    {
        VectorFiles files = Files;
        for (int bit = 0; bit < 8 * files.Bill.Length; bit++)
        {
            byte[] changed = [.. files.Bill];
            changed[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.True(TlogProof.TryParse(files.Proof, out TlogProof? proof, out _));
            Assert.False(proof.Includes(new LogEntry(LogEntryKind.Bill, Commitment.Compute(proof.Extra!.Value.Span, changed)).LeafHash()));
        }
    }

    [Fact]
    public void EveryChangedByteOfTheProofFails()
    {
        VectorFiles files = Files;
        foreach (int flip in (int[])[0x01, 0x20, 0x80])
        {
            for (int i = 0; i < files.Proof.Length; i++)
            {
                byte[] changed = [.. files.Proof];
                changed[i] ^= (byte)flip;
                Assert.False(files.Verifies(files.Bill, changed), $"byte {i} ^ {flip:x2}");
            }
        }
    }

    [Fact]
    public void EveryTruncationFailsAndSaysWhere()
    {
        VectorFiles files = Files;
        int unreadable = 0;
        for (int length = 0; length < files.Proof.Length; length++)
        {
            ReadOnlySpan<byte> text = files.Proof.AsSpan(0, length);
            if (!TlogProof.TryParse(text, out _, out DecodeError error))
            {
                unreadable++;
                Assert.InRange(error.Offset, 0, length);
                Assert.NotEmpty(error.Reason);
            }
            Assert.False(files.Verifies(files.Bill, text));
        }
        Assert.Equal(files.Proof.Length - 1, unreadable); // only the file without its last line is a proof, and it lacks the witness
    }

    [Fact]
    public void AProofWithoutExtraDataGoesBothWays()
    {
        byte[] text = Encoding.UTF8.GetBytes(Regex.Replace(Files.ProofText, "extra .*\n", ""));
        Assert.True(TlogProof.TryParse(text, out TlogProof? proof, out DecodeError error), error.ToString());
        Assert.Null(proof.Extra);
        Assert.Equal(text, proof.ToBytes());
        Assert.False(TlogProof.TryParse(Encoding.UTF8.GetBytes(Regex.Replace(Files.ProofText, "extra .*\n", "extra \n")), out _, out error)); // says that there is some
        Assert.Equal(29, error.Offset);
    }

    [Theory]
    [InlineData("index 06")]
    [InlineData("index -1")]
    [InlineData("index +6")]
    [InlineData("index 6 ")]
    [InlineData("index  6")]
    [InlineData("index")]
    [InlineData("index 9223372036854775808")]
    [InlineData("index 99999999999999999999999999999")]
    [InlineData("Index 6")]
    public void AnIndexOfAnotherFormIsRefused(string line)
    {
        string text = Files.ProofText.Replace("index 6", line, StringComparison.Ordinal);
        Assert.False(TlogProof.TryParse(Encoding.UTF8.GetBytes(text), out _, out DecodeError error));
        Assert.Equal(Files.ProofText.IndexOf("index 6", StringComparison.Ordinal), error.Offset);
    }

    [Fact]
    public void HostileFilesAreBounded()
    {
        VectorFiles files = Files;
        string hash = default(Digest).ToBase64();
        string many = string.Concat(Enumerable.Repeat(hash + "\n", 65));
        byte[] hashes = Encoding.UTF8.GetBytes(files.ProofText.Replace("\n\n", "\n" + many + "\n", StringComparison.Ordinal));
        Assert.False(TlogProof.TryParse(hashes, out _, out DecodeError error));
        Assert.Contains("64 hashes", error.Reason, StringComparison.Ordinal);

        string line = files.ProofText.Split('\n')[13];
        byte[] signatures = Encoding.UTF8.GetBytes(files.ProofText + string.Concat(Enumerable.Repeat(line + "\n", 100)));
        Assert.False(TlogProof.TryParse(signatures, out _, out error));
        Assert.Contains("64 signature lines", error.Reason, StringComparison.Ordinal);

        string extra = Regex.Replace(files.ProofText, "extra .*\n", "extra " + Convert.ToBase64String(new byte[TlogProof.ExtraLengthMax + 1]) + "\n");
        Assert.False(TlogProof.TryParse(Encoding.UTF8.GetBytes(extra), out _, out error));
        Assert.Equal(29, error.Offset);

        byte[] huge = new byte[TlogProof.LengthMax + 1];
        files.Proof.CopyTo(huge, 0);
        Assert.False(TlogProof.TryParse(huge, out _, out error));
        Assert.Equal(TlogProof.LengthMax, error.Offset);

        string giant = files.ProofText.Replace("\n13\n", "\n9223372036854775807\n", StringComparison.Ordinal).Replace("index 6", "index 9223372036854775806", StringComparison.Ordinal);
        Assert.True(TlogProof.TryParse(Encoding.UTF8.GetBytes(giant), out TlogProof? proof, out error), error.ToString());
        Assert.False(proof.Includes(default));
    }

    [Fact]
    public void RandomMutationsNeverThrowAndNeverPass()
    {
        VectorFiles files = Files;
        var random = new Random(20260402);
        int parsed = 0;
        for (int round = 0; round < 30_000; round++)
        {
            List<byte> changed = [.. files.Proof];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int at = random.Next(changed.Count);
                switch (random.Next(4))
                {
                    case 0: changed[at] = (byte)random.Next(256); break;
                    case 1: changed.RemoveAt(at); break;
                    case 2: changed.Insert(at, (byte)random.Next(256)); break;
                    default:
                        int length = Math.Min(random.Next(60), changed.Count - at);
                        changed.InsertRange(random.Next(changed.Count), changed.GetRange(at, length));
                        break;
                }
            }
            byte[] bytes = [.. changed];
            if (bytes.AsSpan().SequenceEqual(files.Proof)) continue;
            if (TlogProof.TryParse(bytes, out TlogProof? proof, out _))
            {
                parsed++;
                Assert.Equal(bytes, proof.ToBytes());
            }
            // A whole signature line said twice, or lines of unknown keys, leave the note true; all else must fail.
            if (files.Verifies(files.Bill, bytes)) Assert.StartsWith(files.ProofText[..files.ProofText.LastIndexOf("— log", StringComparison.Ordinal)], Encoding.UTF8.GetString(bytes));
        }
        Assert.True(parsed > 300, $"only {parsed} mutations were well formed");
    }
}
