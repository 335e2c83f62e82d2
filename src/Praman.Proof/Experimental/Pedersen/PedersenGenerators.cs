namespace Praman.Proof.Experimental.Pedersen;

/// <summary>
/// The two points that values and blinding factors are multiplied with: G of the standard, and H, hashed from words so that nobody, whoever chose the
/// words included, knows h with H = h × G. Who knew it could open a commitment to any value.
/// </summary>
internal static class PedersenGenerators
{
    /// <summary>Bits of the longest sum of values.</summary>
    public const int SumBits = 63;

    /// <summary>Bits of the longest blinding factor.</summary>
    public const int BlindingBits = 256;

    public static ReadOnlySpan<byte> Tag => "PRAMAN-V01-CS01-with-P256_XMD:SHA-256_SSWU_RO_"u8;

    public static ReadOnlySpan<byte> Words => "praman-pedersen/1: the generator of blinding factors"u8;

    public static AffinePoint H { get; } = HashToCurve.Hash(Words, Tag);

    private static readonly FixedBase Values = new(AffinePoint.Generator, SumBits), Blindings = new(H, BlindingBits);

    /// <summary>value × G + blinding × H, the same steps for every value of so many bits and every blinding factor.</summary>
    public static ProjectivePoint Commit(long value, in Scalar blinding, int valueBits) => Blindings.AddMultiple(
        Values.AddMultiple(ProjectivePoint.Infinity, Scalar.Of((ulong)value), FixedBase.Windows(valueBits)), blinding, Blindings.WindowCount);
}
