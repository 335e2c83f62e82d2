using System.Text;
using System.Text.Json;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Testing;

namespace Praman.Proof.Tests.Notes;

/// <summary>The bill, proof and keys of <c>vectors/tlog</c>, and the whole check of one.</summary>
internal sealed class VectorFiles
{
    public byte[] Bill { get; } = File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/bill.json"));

    public byte[] Proof { get; } = File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/bill.tlog-proof"));

    public string ProofText => Encoding.UTF8.GetString(Proof);

    public JsonElement Expected { get; } = JsonDocument.Parse(File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/expected.json"))).RootElement;

    public CheckpointPolicy Policy { get; } = ReadPolicy();

    private static CheckpointPolicy ReadPolicy()
    {
        var keys = new List<NoteVerifierKey>();
        foreach (string line in File.ReadAllLines(TestFiles.SharedOrSkip("vectors/tlog/vkeys.txt")))
        {
            Assert.True(NoteVerifierKey.TryParse(line, out NoteVerifierKey? key, out DecodeError error), error.ToString());
            keys.Add(key);
        }
        return new([.. keys.Where(key => key.Type == NoteKeyType.Ed25519)], [.. keys.Where(key => key.Type == NoteKeyType.CosignatureV1)], 1);
    }

    /// <summary>Proof file parsed, entry rebuilt with the salt, included, log and witness signatures valid.</summary>
    public bool Verifies(ReadOnlySpan<byte> bill, ReadOnlySpan<byte> proofFile) =>
        TlogProof.TryParse(proofFile, out TlogProof? proof, out _) && proof.Extra is { Length: Commitment.SaltLength } salt
        && proof.Includes(new LogEntry(LogEntryKind.Bill, Commitment.Compute(salt.Span, bill)).LeafHash()) && Policy.Check(proof.Checkpoint).IsTrusted;
}
