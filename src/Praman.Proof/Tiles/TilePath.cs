using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Praman.Proof.Tiles;

/// <summary>
/// The place of a tile (C2SP tlog-tiles): <c>tile/L/N</c> for hashes of level L, <c>tile/entries/N</c> for entries, with <c>.p/W</c> where it has
/// W of 256. N is written in groups of three digits, all but the last with an x before them.
/// </summary>
/// <param name="Level">0 to 63; <see cref="EntriesLevel"/> for a bundle of entries.</param>
/// <param name="Index">From 0.</param>
/// <param name="Width">Hashes or entries in it, 1 to 256.</param>
public readonly record struct TilePath(int Level, long Index, int Width)
{
    /// <summary>Hashes or entries of a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>The level that stands for bundles of entries.</summary>
    public const int EntriesLevel = -1;

    public bool IsFull => Width == FullWidth;

    public bool IsEntries => Level == EntriesLevel;

    /// <summary>The same tile, full.</summary>
    public TilePath Full => this with { Width = FullWidth };

    /// <summary>The tile of a level that holds the place, in a tree of <paramref name="size"/> leaves.</summary>
    public static TilePath At(int level, long index, long size)
    {
        int shift = 8 * Math.Max(level, 0);
        long count = shift > 62 ? 0 : size >> shift; // hashes of that level
        long width = Math.Min(FullWidth, count - index * FullWidth);
        return new(level, index, (int)width);
    }

    /// <summary>The path below the log's prefix, with slashes.</summary>
    public override string ToString()
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"{Index % 1000:000}");
        for (long rest = Index / 1000; rest > 0; rest /= 1000) path = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:000}/{path}");
        string level = IsEntries ? "entries" : Level.ToString(CultureInfo.InvariantCulture);
        return IsFull ? $"tile/{level}/{path}" : string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{path}.p/{Width}");
    }

    /// <summary>Reads a path; one path stands for one tile.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TilePath path)
    {
        path = default;
        if (text is null || text.Length > 64) return false;
        string[] parts = text.Split('/');
        if (parts.Length < 3 || parts[0] != "tile") return false;
        int level = EntriesLevel;
        if (parts[1] != "entries" && (!TryNumber(parts[1], 63, out level) || level.ToString(CultureInfo.InvariantCulture) != parts[1])) return false;
        int width = FullWidth, last = parts.Length - 1;
        if (parts[last - 1].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!TryNumber(parts[last], FullWidth - 1, out width) || width == 0 || parts[last][0] == '0') return false;
            last--;
            parts[last] = parts[last][..^2];
        }
        if (last < 2 || last > 8) return false; // seven groups of three digits hold every index below 2^63
        decimal index = 0;
        for (int i = 2; i <= last; i++)
        {
            string group = parts[i];
            if (i < last)
            {
                if (group.Length != 4 || group[0] != 'x') return false;
                group = group[1..];
            }
            if (group.Length != 3 || !TryNumber(group, 999, out int value)) return false;
            index = index * 1000 + value;
        }
        if (index > long.MaxValue) return false;
        path = new(level, (long)index, width);
        return path.ToString() == text; // no leading x000
    }

    private static bool TryNumber(string text, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && text.Length <= 3 && value <= max;
}
