using System.Text;
using NodaTime;
using Praman.Metering;
using Praman.Proof.Notes;

namespace Praman.Proof.Tests.Notes;

public class SignedNoteTests
{
    private static readonly NoteSigningKey LogKey = new("log.example/a", NoteKeyType.Ed25519, new byte[32]);
    private static readonly NoteSigningKey[] WitnessKeys =
        [.. Enumerable.Range(1, 3).Select(i => new NoteSigningKey($"witness.example/{i}", NoteKeyType.CosignatureV1, Digest.Sha256([(byte)i]).Octets))];
    private static readonly Instant Noon = Instant.FromUtc(2026, 4, 2, 12, 0);

    private static SignedCheckpoint Signed(params NoteSigningKey[] witnesses)
    {
        SignedCheckpoint signed = SignedCheckpoint.Sign(new("log.example/a", 5, Digest.Sha256("root"u8)), LogKey);
        foreach (NoteSigningKey witness in witnesses) signed = signed.With(witness.Cosign(signed.Note.Text, Noon));
        return signed;
    }

    private static CheckpointPolicy Policy(int min, params NoteSigningKey[] witnesses) => new([LogKey.VerifierKey], [.. witnesses.Select(key => key.VerifierKey)], min);

    [Fact]
    public void KOfNWitnessesOfDifferentKeysAreAskedFor()
    {
        SignedCheckpoint signed = Signed(WitnessKeys[0], WitnessKeys[1]);
        Assert.True(Policy(2, WitnessKeys).Check(signed).IsTrusted);
        Assert.False(Policy(3, WitnessKeys).Check(signed).IsTrusted);
        Assert.True(Policy(0).Check(signed).IsTrusted);
        Assert.False(Policy(1).Check(signed).IsTrusted);
        // One key under two names signs twice and counts once.
        using var alias = new NoteSigningKey("witness.example/alias", NoteKeyType.CosignatureV1, Digest.Sha256([1]).Octets);
        SignedCheckpoint twice = Signed(WitnessKeys[0], alias);
        Assert.Single(Policy(2, WitnessKeys[0], alias).Check(twice).Witnesses);
        Assert.False(Policy(2, WitnessKeys[0], alias).Check(twice).IsTrusted);
    }

    [Fact]
    public void ACosignatureOfTheFutureIsRefusedWhereTheTimeIsKnown()
    {
        SignedCheckpoint signed = Signed(WitnessKeys[0]);
        Assert.True(Policy(1, WitnessKeys[0]).Check(signed, Noon - Duration.FromMinutes(9)).IsTrusted);
        CheckpointTrust trust = Policy(1, WitnessKeys[0]).Check(signed, Noon - Duration.FromMinutes(11));
        Assert.False(trust.IsTrusted);
        Assert.Equal("witness.example/1", trust.InvalidWitness);
    }

    [Fact]
    public void ALogKeyAnswersForItsOwnOriginOnly()
    {
        using var other = new NoteSigningKey("log.example/b", NoteKeyType.Ed25519, Digest.Sha256("b"u8).Octets);
        SignedCheckpoint foreign = SignedCheckpoint.Sign(new("log.example/a", 5, Digest.Sha256("root"u8)), other);
        CheckpointTrust trust = new CheckpointPolicy([other.VerifierKey], [], 0).Check(foreign);
        Assert.False(trust.LogKnown);
        Assert.False(trust.IsTrusted);
        Assert.Equal(SignatureCheck.Absent, Policy(0).Check(foreign).Log);
    }

    [Fact]
    public void AFalseLineOfAKnownKeySpoilsTheNote()
    {
        SignedCheckpoint signed = Signed(WitnessKeys[0]);
        byte[] octets = signed.Note.Signatures[0].Octets.ToArray();
        octets[5] ^= 1;
        SignedNote note = SignedNote.Create(signed.Note.Text, [.. signed.Note.Signatures, signed.Note.Signatures[0] with { Octets = octets }]);
        Assert.True(SignedCheckpoint.TryParse(note.Octets, out SignedCheckpoint? spoiled, out _));
        Assert.Equal(SignatureCheck.Invalid, spoiled.CheckLog(LogKey.VerifierKey));
        Assert.False(Policy(1, WitnessKeys[0]).Check(spoiled).IsTrusted);
        // A line of an unknown key, whatever it says, is passed over.
        SignedCheckpoint with = signed.With(new NoteSignature("stranger.example", 1, new byte[2420]));
        Assert.True(Policy(1, WitnessKeys[0]).Check(with).IsTrusted);
    }

    [Fact]
    public void AnotherSignatureOfTheSameKeyReplacesTheFirst()
    {
        SignedCheckpoint signed = Signed(WitnessKeys[0]);
        SignedCheckpoint later = signed.With(WitnessKeys[0].Cosign(signed.Note.Text, Noon + Duration.FromHours(1)));
        Assert.Equal(2, later.Note.Signatures.Count);
        Assert.Equal(Noon + Duration.FromHours(1), Assert.Single(Policy(1, WitnessKeys).Check(later).Witnesses).At);
    }

    [Fact]
    public void ExtensionLinesAreKeptAndSigned()
    {
        var checkpoint = new Checkpoint("log.example/a", 0, Praman.Proof.Merkle.MerkleHash.Empty) { Extensions = ["ext 1", "ext 2"] };
        SignedCheckpoint signed = SignedCheckpoint.Sign(checkpoint, LogKey);
        Assert.True(SignedCheckpoint.TryParse(signed.Note.Octets, out SignedCheckpoint? back, out DecodeError error), error.ToString());
        Assert.Equal(checkpoint, back.Checkpoint);
        Assert.Equal(SignatureCheck.Valid, back.CheckLog(LogKey.VerifierKey));
        byte[] changed = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(signed.Note.Octets).Replace("ext 2", "ext 3", StringComparison.Ordinal));
        Assert.True(SignedCheckpoint.TryParse(changed, out back, out _));
        Assert.Equal(SignatureCheck.Invalid, back.CheckLog(LogKey.VerifierKey));
    }

    [Fact]
    public void ATextMayHoldEmptyLinesAndTheLastOneParts()
    {
        byte[] text = "a\n\nb\n"u8.ToArray();
        SignedNote note = SignedNote.Create(text, LogKey.Sign(text));
        Assert.True(SignedNote.TryParse(note.Octets, out SignedNote? back, out _));
        Assert.Equal(text, back.Text.ToArray());
        Assert.Equal(SignatureCheck.Valid, back.Check(LogKey.VerifierKey));
    }

    public static TheoryData<string, int> Broken => new()
    {
        { "", 0 },
        { "text\n", 5 },
        { "text\n\n", 6 },
        { "text\n\n— a AAAAAAA=", 20 },
        { "te\txt\n\n— a AAAAAAA=\n", 2 },
        { "text\r\n\n— a AAAAAAA=\n", 4 },
        { "text\n\n- a AAAAAAA=\n", 6 },
        { "text\n\n— AAAAAAA=\n", 6 },
        { "text\n\n— a b AAAAAAA=\n", 6 },
        { "text\n\n— a+b AAAAAAA=\n", 6 },
        { "text\n\n— a\u00a0b AAAAAAA=\n", 6 },
        { "text\n\n— a AAAAAA==\n", 6 }, // four octets are a key id and no signature
        { "text\n\n— a AAAAAAA\n", 6 },
        { "text\n\n— a AAAAAAB=\n", 6 }, // stray bits
        { "text\n\n— a AAAAAAA=\nmore\n", 21 },
    };

    [Theory, MemberData(nameof(Broken))]
    public void ANoteOfAnotherFormIsRefusedAndSaysWhere(string text, int offset)
    {
        Assert.False(SignedNote.TryParse(Encoding.UTF8.GetBytes(text), out _, out DecodeError error));
        Assert.Equal(offset, error.Offset);
        Assert.NotEmpty(error.Reason);
    }

    [Theory]
    [InlineData("a\n", 2)]
    [InlineData("a\n01\nAAAA\n", 2)]
    [InlineData("a\n-1\nAAAA\n", 2)]
    [InlineData("a\n9223372036854775808\nAAAA\n", 2)]
    [InlineData("a\n1\nAAAA\n", 4)]
    [InlineData("\n1\nAAAA\n", 0)]
    [InlineData("a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\nx\n", 49)]
    public void ACheckpointOfAnotherFormIsRefusedAndSaysWhere(string text, int offset)
    {
        Assert.False(Checkpoint.TryParse(Encoding.UTF8.GetBytes(text), out _, out DecodeError error));
        Assert.Equal(offset, error.Offset);
    }

    [Fact]
    public void KeysSignOnlyWhatTheirTypeSigns()
    {
        Assert.Throws<InvalidOperationException>(() => LogKey.Cosign("x\n"u8, Noon));
        Assert.Throws<InvalidOperationException>(() => WitnessKeys[0].Sign("x\n"u8));
        Assert.Equal(SignatureCheck.Absent, Signed().CheckWitness(LogKey.VerifierKey, out _));
        Assert.Equal(SignatureCheck.Absent, Signed().CheckLog(WitnessKeys[0].VerifierKey));
    }
}
