using System.Numerics;
using System.Runtime.InteropServices;
using Praman.Proof;
using Praman.Proof.Merkle;

namespace Praman.Billing.Verification;

/// <summary>
/// Checks proofs of inclusion in one tree (RFC 9162 section 2.1.3.2) and keeps the nodes that they proved, so that the next proof climbs only until
/// it meets one. The answer to a proof never depends on what was checked before: where a node is known, the rest of the path must be the known one.
/// The way of the last leaf is kept apart, since the next bill's leaf mostly stands beside it.
/// </summary>
internal sealed class KnownNodes
{
    private const int NodeCountMax = 1 << 20, LevelMax = 57, NearLevels = 4;
    private readonly long _size;
    private readonly Digest _root;
    private readonly int _depth;
    private readonly Dictionary<ulong, Digest> _nodes = [];
    private readonly Digest[] _lastNodes = new Digest[NearLevels]; // by level, from the leaf
    private readonly Digest[] _lastPath = new Digest[LevelMax + 2];
    private int _lastLevels;
    private int _lastCount;
    private long _lastIndex;

    public KnownNodes(long size, Digest root)
    {
        _size = size;
        _root = root;
        for (long count = size; count > 1; count = (count >> 1) + (count & 1)) _depth++;
        Forget();
    }

    /// <summary>Whether the leaf stands at the index, by exactly this path.</summary>
    public bool Includes(in Digest leaf, long index, ReadOnlySpan<Digest> path)
    {
        if (_size >> LevelMax != 0) return MerkleProof.VerifyInclusion(leaf, index, _size, path, _root);
        if (index < 0 || index >= _size) return false;
        int apart = BitOperations.Log2((ulong)(index ^ _lastIndex) | 1); // level at which the ways part: neighbours there, one above
        if (apart < _lastLevels && index != _lastIndex) return IncludesNear(leaf, index, path, apart);
        Span<Digest> climbed = stackalloc Digest[LevelMax + 2];
        Digest node = leaf;
        long at = index, count = _size;
        int level = 0, used = 0;
        Digest known;
        while (!_nodes.TryGetValue(Key(level, at), out known)) // the root is known, so this ends
        {
            climbed[level] = node;
            if ((at ^ 1) < count)
            {
                if (used == path.Length) return false;
                node = (at & 1) != 0 ? MerkleHash.Node(path[used], node) : MerkleHash.Node(node, path[used]);
                used++;
            }
            level++;
            at >>= 1;
            count = (count >> 1) + (count & 1);
        }
        if (known != node) return false;

        // From a known node up, every neighbour is known too.
        long high = at, highCount = count;
        int next = used;
        for (int up = level; up < _depth; up++)
        {
            if ((high ^ 1) < highCount)
            {
                if (next == path.Length || path[next++] != _nodes[Key(up, high ^ 1)]) return false;
            }
            high >>= 1;
            highCount = (highCount >> 1) + (highCount & 1);
        }
        if (next != path.Length) return false;
        Keep(index, level, climbed, path);
        climbed[level] = known;
        _lastIndex = index;
        _lastLevels = Math.Min(level + 1, NearLevels);
        climbed[.._lastLevels].CopyTo(_lastNodes);
        path.CopyTo(_lastPath);
        _lastCount = path.Length;
        return true;
    }

    /// <summary>The same, for a leaf whose way meets that of the last one at a low level: each is then on the path of the other.</summary>
    private bool IncludesNear(in Digest leaf, long index, ReadOnlySpan<Digest> path, int apart)
    {
        Span<Digest> climbed = stackalloc Digest[NearLevels];
        Digest node = leaf;
        long at = index, lastAt = _lastIndex, count = _size;
        int used = 0, lastUsed = 0;
        for (int level = 0; level < apart; level++)
        {
            climbed[level] = node;
            if ((at ^ 1) < count)
            {
                if (used == path.Length) return false;
                node = (at & 1) != 0 ? MerkleHash.Node(path[used], node) : MerkleHash.Node(node, path[used]);
                used++;
            }
            if ((lastAt ^ 1) < count) lastUsed++;
            at >>= 1;
            lastAt >>= 1;
            count = (count >> 1) + (count & 1);
        }
        climbed[apart] = node;
        ReadOnlySpan<Digest> last = _lastPath.AsSpan(lastUsed, _lastCount - lastUsed);
        if (path.Length - used != last.Length || node != last[0] || path[used] != _lastNodes[apart]) return false;
        if (!MemoryMarshal.AsBytes(path[(used + 1)..]).SequenceEqual(MemoryMarshal.AsBytes(last[1..]))) return false;
        climbed[..(apart + 1)].CopyTo(_lastNodes);
        if (used == lastUsed) path[..(used + 1)].CopyTo(_lastPath);
        else path.CopyTo(_lastPath);
        _lastCount = path.Length;
        _lastIndex = index;
        return true;
    }

    private void Keep(long index, int levels, ReadOnlySpan<Digest> climbed, ReadOnlySpan<Digest> path)
    {
        if (levels == 0) return;
        if (_nodes.Count + (2 * levels) > NodeCountMax)
        {
            Forget();
            return;
        }
        long at = index, count = _size;
        int used = 0;
        for (int level = 0; level < levels; level++)
        {
            _nodes[Key(level, at)] = climbed[level];
            if ((at ^ 1) < count) _nodes[Key(level, at ^ 1)] = path[used++];
            at >>= 1;
            count = (count >> 1) + (count & 1);
        }
    }

    private void Forget()
    {
        _nodes.Clear();
        _nodes[Key(_depth, 0)] = _root;
    }

    private static ulong Key(int level, long index) => ((ulong)index << 6) | (uint)level;
}
