using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;

namespace Praman.Billing.Verification;

/// <summary>What bills of one issue have in common, checked once: the head's signatures, nodes of the trees, tariffs. All of it by hash.</summary>
internal sealed class VerifierCache
{
    private const int CountMax = 1_024;
    private readonly Dictionary<Digest, CheckpointTrust> _heads = [];
    private readonly Dictionary<(long Size, Digest Root), KnownNodes> _trees = [];
    private readonly Dictionary<Digest, EvidencedTariff> _tariffs = [];
    private readonly Dictionary<BatchHead, Digest> _batches = [];

    public CheckpointTrust Trust(SignedCheckpoint head, Func<SignedCheckpoint, CheckpointTrust> check) =>
        Get(_heads, Digest.Sha256(head.Note.Octets), (head, check), static made => made.check(made.head));

    public KnownNodes Tree(long size, in Digest root) => Get(_trees, (size, root), (size, root), static made => new KnownNodes(made.size, made.root));

    public EvidencedTariff Tariff(EvidenceDocument evidence, in Digest key) => Get(_tariffs, key, evidence, static made => EvidencedTariff.Read(made));

    /// <summary>The leaf of a batch's entry in the log.</summary>
    public Digest LeafOf(BatchHead head) => Get(_batches, head, head, static made => made.ToLogEntry().LeafHash());

    private static TValue Get<TKey, TValue, TArgument>(Dictionary<TKey, TValue> cache, TKey key, TArgument argument, Func<TArgument, TValue> make)
        where TKey : notnull
    {
        if (cache.TryGetValue(key, out TValue? value)) return value;
        if (cache.Count == CountMax) cache.Clear();
        value = make(argument);
        cache[key] = value;
        return value;
    }
}
