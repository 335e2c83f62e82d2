using System.Text;
using CsCheck;
using NodaTime;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;

namespace Praman.Proof.Tests.Logs;

/// <summary>C2SP tlog-witness: bodies, status codes, and what is kept before it is signed.</summary>
public class WitnessProtocolTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 4, 2, 12, 0);

    private static readonly NoteSigningKey LogKey = new("log.example/a", NoteKeyType.Ed25519, new byte[32]);

    private static readonly NoteSigningKey WitnessKey = new("witness.example/w", NoteKeyType.CosignatureV1, new byte[32]);

    private static SignedCheckpoint Grow(Log log, int count, int seed = 0)
    {
        for (int i = 0; i < count; i++) log.Append(new LogEntry(LogEntryKind.Bill, Digest.Sha256(BitConverter.GetBytes((long)seed << 32 | log.Size))));
        return log.Sign();
    }

    private static Witness NewWitness(Action<SignedCheckpoint>? keep = null) => new(WitnessKey, [LogKey.VerifierKey], null, keep);

    private static WitnessResponse Ask(Witness witness, long old, Digest[] proof, SignedCheckpoint head) =>
        WitnessProtocol.Answer(witness, new AddCheckpointRequest(old, proof, head).ToBytes(), Noon);

    [Fact]
    public void TheBodyIsWrittenAsTheSpecificationSays()
    {
        var log = Log.Create(LogKey, new MemoryTileStore());
        SignedCheckpoint head = Grow(log, 7);
        Digest[] proof = log.ConsistencyProof(3, 7)!;
        byte[] body = new AddCheckpointRequest(3, proof, head).ToBytes();
        string expected = "old 3\n" + string.Concat(proof.Select(hash => hash.ToBase64() + "\n")) + "\n" + Encoding.UTF8.GetString(head.Note.Octets);
        Assert.Equal(expected, Encoding.UTF8.GetString(body));
        Assert.True(AddCheckpointRequest.TryParse(body, out AddCheckpointRequest? back, out DecodeError error), error.ToString());
        Assert.Equal(3, back.OldSize);
        Assert.Equal(proof, back.Proof);
        Assert.Equal(body, back.ToBytes());
        for (int length = 0; length < body.Length; length++) Assert.False(AddCheckpointRequest.TryParse(body.AsSpan(0, length), out _, out _));
    }

    /// <summary>The request that the specification itself prints, with the signatures of a key that is not known here.</summary>
    [Fact]
    public void TheExampleOfTheSpecificationIsReadAndItsLogIsNotKnown()
    {
        const string example =
            "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
            + "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n"
            + "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
            + "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
            + "— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
        byte[] body = Encoding.UTF8.GetBytes(example);
        Assert.True(AddCheckpointRequest.TryParse(body, out AddCheckpointRequest? request, out DecodeError error), error.ToString());
        Assert.Equal((20852014L, 4, 20852163L), (request.OldSize, request.Proof.Count, request.Checkpoint.Size));
        Assert.Equal(body, request.ToBytes());
        Assert.Equal(404, WitnessProtocol.Answer(NewWitness(), body, Noon).Status);
    }

    [Fact]
    public void EveryRefusalHasItsStatus()
    {
        var log = Log.Create(LogKey, new MemoryTileStore());
        SignedCheckpoint at100 = Grow(log, 100), at200 = Grow(log, 100), at300 = Grow(log, 100);
        var fork = Log.Create(LogKey, new MemoryTileStore());
        SignedCheckpoint fork200 = Grow(fork, 200, seed: 1), fork300 = Grow(fork, 100, seed: 1);
        Witness witness = NewWitness();

        WitnessResponse first = Ask(witness, 0, [], at200);
        Assert.Equal(200, first.Status);
        Assert.True(WitnessProtocol.TryRead(at200, WitnessKey.VerifierKey, first.Body, out SignedCheckpoint cosigned));
        Assert.Equal(SignatureCheck.Valid, cosigned.CheckWitness(WitnessKey.VerifierKey, out Instant at));
        Assert.Equal(Noon, at);

        void Conflict(WitnessResponse answer)
        {
            Assert.Equal((409, "text/x.tlog.size", "200\n"), (answer.Status, answer.MediaType, Encoding.ASCII.GetString(answer.Body)));
            Assert.True(WitnessProtocol.TryReadSize(answer.Body, out long size));
            Assert.Equal(200, size);
        }

        Conflict(Ask(witness, 0, [], at300)); // asks for the size, as the specification allows
        Conflict(Ask(witness, 100, log.ConsistencyProof(100, 300)!, at300));
        Conflict(Ask(witness, 100, [], at100)); // smaller than what was cosigned
        Conflict(Ask(witness, 200, [], fork200)); // same size, another root
        Assert.Equal(400, Ask(witness, 200, [], at100).Status); // old is larger than the head
        Assert.Equal(422, Ask(witness, 200, fork.ConsistencyProof(200, 300)!, fork300).Status);
        Assert.Equal(422, Ask(witness, 200, [], at300).Status);
        Assert.Equal(422, Ask(witness, 200, [Digest.Sha256("x"u8)], at200).Status);
        using var thief = new NoteSigningKey("log.example/a", NoteKeyType.Ed25519, Digest.Sha256("thief"u8).Octets);
        Assert.Equal(403, Ask(witness, 200, log.ConsistencyProof(200, 300)!, SignedCheckpoint.Sign(at300.Checkpoint, thief)).Status);
        using var stranger = new NoteSigningKey("log.example/b", NoteKeyType.Ed25519, new byte[32]);
        Assert.Equal(404, Ask(witness, 0, [], SignedCheckpoint.Sign(at300.Checkpoint with { Origin = "log.example/b" }, stranger)).Status);
        Assert.Equal(400, WitnessProtocol.Answer(witness, "old 007\n\n"u8, Noon).Status);
        Assert.Equal(200, witness.HeadOf("log.example/a")!.Size);

        Assert.Equal(200, Ask(witness, 200, [], at200).Status); // the same again is cosigned anew
        Assert.Equal(200, Ask(witness, 200, log.ConsistencyProof(200, 300)!, at300).Status);
    }

    [Fact]
    public void AHeadIsKeptBeforeItIsSignedAndNothingIsSignedThatCannotBeKept()
    {
        var log = Log.Create(LogKey, new MemoryTileStore());
        SignedCheckpoint at10 = Grow(log, 10), at20 = Grow(log, 10);
        var kept = new List<long>();
        bool full = false;
        Witness witness = NewWitness(head =>
        {
            if (full) throw new IOException("disk full");
            kept.Add(head.Size);
        });
        Assert.Equal(200, Ask(witness, 0, [], at10).Status);
        Assert.Equal([10], kept);
        full = true;
        Assert.Throws<IOException>(() => Ask(witness, 10, log.ConsistencyProof(10, 20)!, at20));
        Assert.Equal(10, witness.HeadOf("log.example/a")!.Size);
        full = false;
        Assert.Equal(200, Ask(witness, 10, log.ConsistencyProof(10, 20)!, at20).Status);
        Assert.Equal([10, 20], kept);
    }

    [Fact]
    public void AnAnswerThatIsNotTheWitnessesOwnIsNotTaken()
    {
        var log = Log.Create(LogKey, new MemoryTileStore());
        SignedCheckpoint at10 = Grow(log, 10), at20 = Grow(log, 10);
        using var other = new NoteSigningKey("witness.example/w", NoteKeyType.CosignatureV1, Digest.Sha256("o"u8).Octets);
        byte[] right = WitnessKey.Cosign(at20.Note.Text, Noon).ToLine();
        byte[][] wrong =
        [
            [], "x"u8.ToArray(), other.Cosign(at20.Note.Text, Noon).ToLine(), WitnessKey.Cosign(at10.Note.Text, Noon).ToLine(),
            right[..^1], [(byte)'\n', .. right], [.. "text\n\n"u8, .. right], new byte[WitnessProtocol.AnswerLengthMax + 1],
        ];
        foreach (byte[] body in wrong)
        {
            Assert.False(WitnessProtocol.TryRead(at20, WitnessKey.VerifierKey, body, out SignedCheckpoint same));
            Assert.Same(at20, same);
        }
        // Lines of keys that are not known are passed over.
        Assert.True(WitnessProtocol.TryRead(at20, WitnessKey.VerifierKey, [.. other.Cosign(at20.Note.Text, Noon).ToLine(), .. right], out SignedCheckpoint cosigned));
        Assert.Equal(2, cosigned.Note.Signatures.Count);
        foreach (string size in (string[])["", "5", "05\n", "-1\n", "5\n\n", "9223372036854775808\n"]) Assert.False(WitnessProtocol.TryReadSize(Encoding.ASCII.GetBytes(size), out _));
    }

    [Fact]
    public void HostileBodiesAreAnsweredAndNeverCosigned()
    {
        var log = Log.Create(LogKey, new MemoryTileStore());
        SignedCheckpoint at10 = Grow(log, 10), at20 = Grow(log, 10);
        byte[] good = new AddCheckpointRequest(10, log.ConsistencyProof(10, 20)!, at20).ToBytes();
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, 3]).Sample(
            change =>
            {
                (int at, byte value, int kind) = change;
                byte[] body = kind switch
                {
                    0 => [.. good[..at], value, .. good[(at + 1)..]],
                    1 => [.. good[..at], value, .. good[at..]],
                    2 => [.. good[..at], .. good[(at + 1)..]],
                    _ => [.. good[..at], .. good],
                };
                Witness witness = NewWitness();
                Assert.Equal(200, Ask(witness, 0, [], at10).Status);
                WitnessResponse answer = WitnessProtocol.Answer(witness, body, Noon);
                Assert.Contains(answer.Status, (int[])[200, 400, 403, 404, 409, 422]);
                // What is cosigned is the log's own head: a change may at most stand in a signature line that nobody knows.
                if (answer.Status == 200) Assert.Equal((20L, at20.Root), (witness.HeadOf("log.example/a")!.Size, witness.HeadOf("log.example/a")!.Root));
                else Assert.Equal(10, witness.HeadOf("log.example/a")!.Size);
            },
            iter: 3_000);
    }
}
