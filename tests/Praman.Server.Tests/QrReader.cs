using System.Text;
using System.Text.RegularExpressions;
using Praman.Server.Bills;

namespace Praman.Server.Tests;

/// <summary>
/// Reads a drawn square code as a camera that sees every module would (ISO/IEC 18004): versions 7 to 9, level M; no error correction, because
/// nothing is smudged here. Shares nothing with what draws it.
/// </summary>
internal static partial class QrReader
{
    private const int Margin = 4;

    public static string Read(ProofCode code)
    {
        bool[,] dark = Modules(code);
        int size = dark.GetLength(0), version = (size - 17) / 4;
        Assert.InRange(version, 7, 9);
        // The format beside the upper left finder: two bits of level, three of mask, under a fixed pattern.
        int format = 0;
        for (int i = 0; i < 5; i++) format = (format << 1) | (dark[8, i] ? 1 : 0);
        format ^= 0b10101;
        Assert.Equal(0, format >> 3); // level M
        byte[] words = Codewords(dark, version, format & 7);
        (int blocks, int shorter, int words1)[] table = [(4, 4, 31), (4, 2, 38), (5, 3, 36)]; // versions 7, 8, 9 at level M: blocks, how many are shorter, their data words
        (int count, int shortCount, int length) = table[version - 7];
        var data = new List<byte>[count];
        for (int i = 0; i < count; i++) data[i] = [];
        int at = 0;
        for (int row = 0; row <= length; row++)
        {
            for (int block = row < length ? 0 : shortCount; block < count; block++) data[block].Add(words[at++]);
        }
        string bits = string.Concat(data.SelectMany(block => block).Select(word => Convert.ToString(word, 2).PadLeft(8, '0')));
        return Text(bits);
    }

    /// <summary>Segments of digits, of capitals and digits, and of bytes, up to the terminator.</summary>
    private static string Text(string bits)
    {
        const string Capitals = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        var text = new StringBuilder();
        int at = 0;
        int Take(int count) => Convert.ToInt32(bits.Substring((at += count) - count, count), 2);
        while (Take(4) is var mode and not 0)
        {
            int left = Take(mode switch { 1 => 10, 2 => 9, 4 => 8, _ => throw new InvalidDataException($"mode {mode}") });
            for (; left > 0; left -= mode switch { 1 => 3, 2 => 2, _ => 1 })
            {
                if (mode == 1) text.Append(Take(left > 2 ? 10 : left == 2 ? 7 : 4).ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(Math.Min(left, 3), '0'));
                else if (mode == 4) text.Append((char)Take(8));
                else if (left == 1) text.Append(Capitals[Take(6)]);
                else
                {
                    int pair = Take(11);
                    text.Append(Capitals[pair / 45]).Append(Capitals[pair % 45]);
                }
            }
        }
        return text.ToString();
    }

    private static bool[,] Modules(ProofCode code)
    {
        int size = code.Size - (2 * Margin);
        var dark = new bool[size, size];
        foreach (Match run in Run().Matches(code.Path))
        {
            int x = int.Parse(run.Groups[1].ValueSpan, null), y = int.Parse(run.Groups[2].ValueSpan, null), length = int.Parse(run.Groups[3].ValueSpan, null);
            for (int i = 0; i < length; i++) dark[y - Margin, x + i - Margin] = true;
        }
        return dark;
    }

    private static byte[] Codewords(bool[,] dark, int version, int mask)
    {
        int size = dark.GetLength(0);
        int[] centres = [6, 16 + (2 * (version - 4)), size - 7];
        var bits = new List<bool>();
        bool upwards = true;
        for (int right = size - 1; right > 0; right -= 2, upwards = !upwards)
        {
            if (right == 6) right--; // the timing column
            for (int i = 0; i < size; i++)
            {
                int y = upwards ? size - 1 - i : i;
                for (int x = right; x > right - 2; x--)
                {
                    if (!IsFunction(x, y, size, centres)) bits.Add(dark[y, x] ^ IsMasked(mask, x, y));
                }
            }
        }
        return [.. bits.Chunk(8).Where(word => word.Length == 8).Select(word => (byte)word.Aggregate(0, (sum, bit) => (sum << 1) | (bit ? 1 : 0)))];
    }

    private static bool IsFunction(int x, int y, int size, int[] centres)
    {
        if (x == 6 || y == 6) return true; // timing
        if ((x < 9 && y < 9) || (x >= size - 8 && y < 9) || (x < 9 && y >= size - 8)) return true; // finders and format
        if ((x >= size - 11 && y < 6) || (y >= size - 11 && x < 6)) return true; // version
        foreach (int cx in centres)
        {
            foreach (int cy in centres)
            {
                bool isFinder = (cx == 6 && cy == 6) || (cx == 6 && cy == size - 7) || (cx == size - 7 && cy == 6);
                if (!isFinder && Math.Abs(x - cx) <= 2 && Math.Abs(y - cy) <= 2) return true;
            }
        }
        return false;
    }

    private static bool IsMasked(int mask, int x, int y) => mask switch
    {
        0 => (x + y) % 2 == 0,
        1 => y % 2 == 0,
        2 => x % 3 == 0,
        3 => (x + y) % 3 == 0,
        4 => ((x / 3) + (y / 2)) % 2 == 0,
        5 => (x * y % 2) + (x * y % 3) == 0,
        6 => ((x * y % 2) + (x * y % 3)) % 2 == 0,
        _ => (((x + y) % 2) + (x * y % 3)) % 2 == 0,
    };

    [GeneratedRegex("M([0-9]+) ([0-9]+)h([0-9]+)v1h-")]
    private static partial Regex Run();
}
