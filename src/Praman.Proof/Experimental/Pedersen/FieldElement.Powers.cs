namespace Praman.Proof.Experimental.Pedersen;

/// <summary>Powers with public exponents: inverses and square roots.</summary>
internal readonly partial struct FieldElement
{
    /// <summary>1/a, and 0 for 0 (a^(p−2)). The exponent is public: the steps are the same for every a.</summary>
    public FieldElement Invert() => Power([P0 - 2, P1, P2, P3]);

    /// <summary>A root of a, or of nothing where a is no square: the caller squares it to see (a^((p+1)/4), as p = 3 mod 4).</summary>
    public FieldElement RootCandidate() => Power([0, 0x4000_0000, 0x4000_0000_0000_0000, 0x3FFF_FFFF_C000_0000]);

    /// <summary>Replaces each of the elements, none of which is zero, by its inverse: one inversion and three multiplications an element.</summary>
    /// <param name="scratch">As long as <paramref name="elements"/>.</param>
    public static void InvertAll(Span<FieldElement> elements, Span<FieldElement> scratch)
    {
        FieldElement product = One;
        for (int i = 0; i < elements.Length; i++)
        {
            scratch[i] = product;
            product = Multiply(product, elements[i]);
        }
        FieldElement inverse = product.Invert();
        for (int i = elements.Length - 1; i >= 0; i--)
        {
            FieldElement element = elements[i];
            elements[i] = Multiply(inverse, scratch[i]);
            inverse = Multiply(inverse, element);
        }
    }

    private FieldElement Power(ReadOnlySpan<ulong> exponent)
    {
        FieldElement power = One;
        for (int bit = (64 * exponent.Length) - 1; bit >= 0; bit--)
        {
            power = Square(power);
            if ((exponent[bit >> 6] >> (bit & 63) & 1) != 0) power = Multiply(power, this);
        }
        return power;
    }
}
