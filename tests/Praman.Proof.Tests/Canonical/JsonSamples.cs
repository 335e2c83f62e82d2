using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace Praman.Proof.Tests.Canonical;

/// <summary>Random JSON values of the subset, written in many ways, and a slow canonical form to compare with.</summary>
internal static class JsonSamples
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char['a', 'e'], 0, 4],
        Gen.String[Gen.Char['\u0000', '\u0080'], 0, 6],
        Any("é", "€", "\ufb33", "😀", "𝄞x", "\u2028", "\\", "\"", "\u007f"));

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>A value as objects (sorted by nothing), arrays, strings, longs, booleans, null; and a seed for how it is written.</summary>
    public static Gen<(object?, int)> Value { get; } = Gen.Select(Tree(3), Gen.Int[0, int.MaxValue - 1]);

    private static Gen<object?> Tree(int depth)
    {
        Gen<object?> leaf = Gen.OneOf(
            Text.Select(text => (object?)text),
            Gen.Long[-9_007_199_254_740_991, 9_007_199_254_740_991].Select(value => (object?)value),
            Gen.Int[-20, 20].Select(value => (object?)(long)value),
            Any<object?>(true, false, null));
        if (depth == 0) return leaf;
        Gen<object?> below = Tree(depth - 1);
        return Gen.OneOf(leaf,
            below.Array[0, 5].Select(items => (object?)items),
            Gen.Select(Text, below).Array[0, 6].Select(members => (object?)members
                .DistinctBy(member => member.Item1).Select(member => KeyValuePair.Create(member.Item1, member.Item2)).ToList()));
    }

    /// <summary>Writes the value with members shuffled, spaces, and escapes where none is needed.</summary>
    public static string Write(object? value, Random random)
    {
        var text = new StringBuilder();
        Write(value, random, text);
        return text.ToString();
    }

    private static void Write(object? value, Random random, StringBuilder text)
    {
        Space(random, text);
        switch (value)
        {
            case string s:
                WriteText(s, random, text);
                break;
            case object?[] items:
                text.Append('[');
                for (int i = 0; i < items.Length; i++)
                {
                    if (i > 0) text.Append(',');
                    Write(items[i], random, text);
                }
                text.Append(']');
                break;
            case List<KeyValuePair<string, object?>> members:
                KeyValuePair<string, object?>[] shuffled = [.. members];
                random.Shuffle(shuffled);
                text.Append('{');
                for (int i = 0; i < shuffled.Length; i++)
                {
                    if (i > 0) text.Append(',');
                    Space(random, text);
                    WriteText(shuffled[i].Key, random, text);
                    Space(random, text);
                    text.Append(':');
                    Write(shuffled[i].Value, random, text);
                }
                text.Append('}');
                break;
            default:
                text.Append(Scalar(value));
                break;
        }
        Space(random, text);
    }

    private static void Space(Random random, StringBuilder text) => text.Append(random.Next(6) switch { 0 => " ", 1 => "\n\t", 2 => "\r", _ => "" });

    private static void WriteText(string value, Random random, StringBuilder text)
    {
        text.Append('"');
        foreach (Rune rune in value.EnumerateRunes())
        {
            bool escaped = rune.Value < 0x20 || rune.Value is '"' or '\\' || random.Next(8) == 0;
            foreach (char unit in rune.ToString())
            {
                if (escaped) text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
                else text.Append(unit);
            }
        }
        text.Append('"');
    }

    private static string Scalar(object? value) => value switch
    {
        null => "null",
        true => "true",
        false => "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>The canonical form by the shortest way: ordinal sorting of .NET strings is by UTF-16 code units.</summary>
    public static string Reference(object? value) => value switch
    {
        string s => ReferenceText(s),
        object?[] items => "[" + string.Join(",", items.Select(Reference)) + "]",
        List<KeyValuePair<string, object?>> members =>
            "{" + string.Join(",", members.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => ReferenceText(m.Key) + ":" + Reference(m.Value))) + "}",
        _ => Scalar(value),
    };

    private static string ReferenceText(string text)
    {
        var result = new StringBuilder("\"");
        foreach (char unit in text)
        {
            result.Append(unit switch
            {
                '"' or '\\' => "\\" + unit,
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                < ' ' => $"\\u{(int)unit:x4}",
                _ => unit.ToString(),
            });
        }
        string written = result.Append('"').ToString();
        using JsonDocument back = JsonDocument.Parse(written); // and another reader sees the same text
        Assert.Equal(text, back.RootElement.GetString());
        return written;
    }
}
