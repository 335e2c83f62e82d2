using System.Security.Cryptography;
using System.Text.Json;
using CsCheck;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;
using Praman.Testing;

namespace Praman.Proof.Tests;

public class CommitmentTests
{
    [Fact]
    public void TheBillOfTheVectorsHasItsKnownCommitmentEntryAndLeaf()
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/expected.json")));
        string Field(string name) => expected.RootElement.GetProperty(name).GetString()!;
        byte[] bill = File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/bill.json")), salt = Convert.FromHexString(Field("salt_hex"));
        Assert.Equal(Field("bill_sha256"), Digest.Sha256(bill).ToString());
        Digest commitment = Commitment.Compute(salt, bill);
        Assert.Equal(Field("commitment_hex"), commitment.ToString());
        Assert.True(Commitment.Opens(commitment, salt, bill));

        var entry = new LogEntry(LogEntryKind.Bill, commitment);
        byte[] text = File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/entry.txt"));
        Assert.Equal(text, entry.ToBytes());
        Assert.Equal(Field("entry_sha256"), Digest.Sha256(text).ToString());
        Assert.Equal(Field("leaf_hash"), entry.LeafHash().ToString());
        Assert.Equal(Field("leaf_hash"), MerkleHash.Leaf(text).ToString());
    }

    /// <summary>Short and long inputs go different ways, also through different libraries.</summary>
    [Fact]
    public void HashesOfEveryLengthAreThePlatforms()
    {
        byte[] bytes = new byte[1_400], salt = new byte[32];
        new Random(21).NextBytes(bytes);
        new Random(22).NextBytes(salt);
        for (int length = 0; length <= bytes.Length; length++)
        {
            ReadOnlySpan<byte> text = bytes.AsSpan(0, length);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(text)), Digest.Sha256(text).ToString());
            Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(salt, text)), Commitment.Compute(salt, text).ToString());
        }
    }

    [Fact]
    public void EveryChangedBitIsAnotherCommitment()
    {
        byte[] bytes = [1, 2, 3, 4, 5], salt = new byte[32];
        Digest commitment = Commitment.Compute(salt, bytes);
        for (int bit = 0; bit < 8 * bytes.Length; bit++)
        {
            byte[] other = [.. bytes];
            other[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.False(Commitment.Opens(commitment, salt, other));
        }
        for (int bit = 0; bit < 8 * salt.Length; bit++)
        {
            byte[] other = [.. salt];
            other[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.False(Commitment.Opens(commitment, other, bytes));
        }
        Assert.False(Commitment.Opens(commitment, salt.AsSpan(1), bytes));
        Assert.Throws<ArgumentException>(() => Commitment.Compute(new byte[31], bytes));
    }

    [Fact]
    public void ACommitmentIsTheHmacOfAnyLength()
    {
        var random = new Random(3);
        byte[] salt = new byte[32];
        foreach (int length in (int[])[.. Enumerable.Range(0, 200), 1023, 1024, 1025, 5000])
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            random.NextBytes(salt);
            Assert.Equal(HMACSHA256.HashData(salt, bytes), Commitment.Compute(salt, bytes).Octets.ToArray());
        }
    }

    [Fact]
    public void CommitmentLeafAndEntryAllocateNothing()
    {
        byte[] block = new byte[200], salt = new byte[32], derived = new byte[32];
        using var master = new MasterSalt(salt);
        Digest Once()
        {
            master.TryDeriveBlockSalt(block.AsSpan(0, 16), derived);
            Digest commitment = Commitment.Compute(derived, block);
            return MerkleHash.Node(BatchHead.LeafHash(commitment), new LogEntry(LogEntryKind.Bill, commitment).LeafHash());
        }
        Once();
        Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void SaltsFollowFromMasterLabelAndHeaderAlone()
    {
        byte[] secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] header = "UP-000000042|2026-04-12"u8.ToArray(), salt = new byte[32], again = new byte[32];
        using var master = new MasterSalt(secret);
        using var same = new MasterSalt(secret);
        Assert.True(master.TryDeriveBlockSalt(header, salt));
        Assert.True(same.TryDeriveBlockSalt(header, again));
        Assert.Equal(salt, again);
        Assert.Equal(HMACSHA256.HashData(secret, (byte[])[.. "praman-block-salt/1\n"u8, .. header]), salt);
        Assert.True(same.TryDeriveBillSalt(header, again));
        Assert.NotEqual(salt, again);
        Assert.True(same.TryDeriveBlockSalt(new byte[600], again)); // a header longer than the stack's share
        Assert.Equal(HMACSHA256.HashData(secret, (byte[])[.. "praman-block-salt/1\n"u8, .. new byte[600]]), again);
        Assert.Throws<ArgumentException>(() => master.TryDerive("a\nb"u8, header, salt));
    }

    [Fact]
    public void AnErasedMasterGivesNothing()
    {
        byte[] salt = new byte[32];
        var master = MasterSalt.Create();
        Assert.True(master.TryDeriveBlockSalt("x"u8, salt));
        Assert.True(master.TryExport(new byte[32]));
        master.Erase();
        Assert.True(master.IsErased);
        byte[] untouched = [.. salt];
        Assert.False(master.TryDeriveBlockSalt("x"u8, salt));
        Assert.False(master.TryExport(salt));
        Assert.Equal(untouched, salt);
    }

    [Fact]
    public void DigestTextGoesBothWaysAndNoOther() =>
        Gen.Byte.Array[32].Sample(octets =>
        {
            var digest = new Digest(octets);
            Assert.True(Digest.TryParseHex(digest.ToString(), out Digest back) && back == digest);
            Assert.False(Digest.TryParseHex(digest.ToString().ToUpperInvariant().Replace('1', 'A'), out _));
            byte[] base64 = System.Text.Encoding.ASCII.GetBytes(digest.ToBase64());
            Assert.True(Digest.TryParseBase64(base64, out back) && back == digest);
            Assert.Equal(Convert.ToHexStringLower(octets), digest.ToString());
            base64[42]++; // the last character before the padding carries two unused bits
            Assert.False(Digest.TryParseBase64(base64, out back) && back == digest);
        }, iter: 200);

    [Theory]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=")] // stray bits
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] // no padding
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")] // 31 octets
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \nAAA=")] // white space
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-=")] // another alphabet
    public void OneBase64TextStandsForOneDigest(string text) => Assert.False(Digest.TryParseBase64(System.Text.Encoding.ASCII.GetBytes(text), out _));
}
