using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Praman.Metering;

namespace Praman.Proof.Notes;

/// <summary>
/// The head of a log: origin, number of leaves, root (C2SP tlog-checkpoint). A text of three lines; lines of extension are kept, and mean
/// nothing here.
/// </summary>
public sealed record Checkpoint(string Origin, long Size, Digest Root)
{
    private const string Clause = "C2SP tlog-checkpoint";

    /// <summary>Lines after the third, empty as a rule.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>The text that is signed.</summary>
    public byte[] ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root.ToBase64()}\n");
        foreach (string line in Extensions) text.Append(line).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public override string ToString() => Encoding.UTF8.GetString(ToText());

    /// <summary>Reads the text of a checkpoint's note.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Checkpoint? checkpoint, out DecodeError error)
    {
        checkpoint = null;
        error = default;
        int at = 0;
        if (!TryLine(text, ref at, out ReadOnlySpan<byte> origin)) return Refuse(out error, 0, "the first line is the log's origin");
        int start = at;
        if (!TryLine(text, ref at, out ReadOnlySpan<byte> line) || !DecimalText.TryParse(line, out long size))
            return Refuse(out error, start, "the second line is the tree size, decimal, without leading zeros, below 2^63");
        start = at;
        if (!TryLine(text, ref at, out line) || !Digest.TryParseBase64(line, out Digest root))
            return Refuse(out error, start, "the third line is the root, 44 characters of base64");
        List<string>? extensions = null;
        while (at < text.Length)
        {
            start = at;
            if (!TryLine(text, ref at, out line)) return Refuse(out error, start, "an extension line is not empty and ends with a line feed");
            (extensions ??= []).Add(Encoding.UTF8.GetString(line));
        }
        checkpoint = new(Encoding.UTF8.GetString(origin), size, root) { Extensions = (IReadOnlyList<string>?)extensions ?? [] };
        return true;
    }

    /// <summary>Same head and same extension lines.</summary>
    public bool Equals(Checkpoint? other) =>
        other is not null && Origin == other.Origin && Size == other.Size && Root == other.Root && Extensions.SequenceEqual(other.Extensions);

    public override int GetHashCode() => HashCode.Combine(Origin, Size, Root);

    private static bool TryLine(ReadOnlySpan<byte> text, ref int at, out ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = text[at..];
        int end = rest.IndexOf((byte)'\n');
        line = end > 0 ? rest[..end] : default;
        if (end > 0) at += end + 1;
        return end > 0;
    }

    private static bool Refuse(out DecodeError error, int offset, string reason)
    {
        error = new(offset, reason, Clause);
        return false;
    }
}
