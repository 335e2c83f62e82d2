using CsCheck;

namespace Praman.Proof.Tests;

public class CanonicalBase64Tests
{
    /// <summary>A text is taken exactly where it is what its octets are written as.</summary>
    [Fact]
    public void OneTextStandsForOneValue()
    {
        const string Characters = "ABQgw/+z09= \n-";
        int taken = 0;
        Gen.Char[Characters].Array[0, 12].Sample(
            characters =>
            {
                string text = new(characters);
                byte[] ascii = System.Text.Encoding.ASCII.GetBytes(text), octets = new byte[16];
                bool ours = CanonicalBase64.TryDecode(ascii, octets, out int written);
                bool expected = false;
                try
                {
                    expected = text.Length > 0 && Convert.ToBase64String(Convert.FromBase64String(text)) == text;
                }
                catch (FormatException)
                {
                    // not base64 at all
                }
                Assert.Equal(expected, ours);
                if (!ours) return;
                Assert.Equal(Convert.FromBase64String(text), octets[..written]);
                Interlocked.Increment(ref taken);
            },
            iter: 20_000, threads: 1);
        Assert.True(taken > 100, $"{taken} texts were taken");
    }

    [Theory]
    [InlineData("AA==", true)]
    [InlineData("AB==", false)]
    [InlineData("AAA=", true)]
    [InlineData("AAB=", false)]
    [InlineData("AAAA", true)]
    [InlineData("AAA", false)]
    [InlineData("AA=\n", false)]
    [InlineData("AAAA    ", false)]
    [InlineData("AA== AA=", false)]
    [InlineData("", false)]
    public void StrayBitsAndWhiteSpaceAreRefused(string text, bool expected) =>
        Assert.Equal(expected, CanonicalBase64.TryDecode(System.Text.Encoding.ASCII.GetBytes(text), new byte[16], out _));
}
