
namespace Praman.Dlms.Explain;

/// <summary>
/// Walks octets that a decoder has accepted and notes each field. Past the end it gives zeros and empty fields instead of failing: the decoder is
/// the judge, this is its narrator.
/// </summary>
internal sealed class ExplainCursor(ReadOnlyMemory<byte> source, ExplainNode parent, int origin, string? of)
{
    private readonly Stack<ExplainNode> _open = new([parent]);
    private int _position;

    public int Position => _position;

    public int Remaining => source.Length - _position;

    public ReadOnlySpan<byte> Rest => source.Span[_position..];

    public ReadOnlyMemory<byte> Source => source;

    public int Origin => origin;

    public string? Of => of;

    public byte Peek(int ahead = 0) => _position + ahead < source.Length ? source.Span[_position + ahead] : (byte)0;

    public ushort Peek16(int ahead = 0) => (ushort)((Peek(ahead) << 8) | Peek(ahead + 1));

    public uint Peek32(int ahead = 0) => ((uint)Peek16(ahead) << 16) | Peek16(ahead + 2);

    /// <summary>Notes the next <paramref name="length"/> octets as one field and steps over them.</summary>
    public ExplainNode Take(int length, string field, string? meaning, string? clause = null, string? value = null)
    {
        length = Math.Clamp(length, 0, Remaining);
        var node = new ExplainNode
        {
            Offset = origin + _position, Length = length, Of = of, Field = field, Bytes = Convert.ToHexString(source.Span.Slice(_position, length)),
            Value = value ?? Hex(source.Span.Slice(_position, length)), Meaning = meaning, Clause = clause,
        };
        _open.Peek().Add(node);
        _position += length;
        return node;
    }

    /// <summary>Steps over octets that another cursor has noted.</summary>
    public void Skip(int length) => _position = Math.Min(_position + length, source.Length);

    /// <summary>Begins a field of several; what is taken until <see cref="Close"/> stands below it.</summary>
    public ExplainNode Open(string field, string? meaning, string? clause = null)
    {
        var node = new ExplainNode { Offset = origin + _position, Of = of, Field = field, Meaning = meaning, Clause = clause };
        _open.Peek().Add(node);
        _open.Push(node);
        return node;
    }

    public void Close()
    {
        ExplainNode node = _open.Pop();
        node.Length = origin + _position - node.Offset;
        node.Bytes = Hex(source.Span.Slice(node.Offset - origin, node.Length));
    }

    /// <summary>Reads a length field without noting it: its value and the octets it takes.</summary>
    public int PeekLength(out int octets)
    {
        byte first = Peek();
        octets = first < 0x80 ? 1 : 1 + (first & 0x7F);
        if (first < 0x80) return first;
        uint length = 0;
        for (int index = 1; index < octets && index <= 4; index++) length = (length << 8) | Peek(index);
        return (int)Math.Min(length, int.MaxValue);
    }

    public int TakeLength(string what, string? clause)
    {
        int length = PeekLength(out int octets);
        Take(octets, "length", $"{length} {what}", clause);
        return length;
    }

    public static string Hex(ReadOnlySpan<byte> octets)
    {
        const int shown = 64;
        return octets.Length <= shown ? Convert.ToHexString(octets) : Convert.ToHexString(octets[..shown]) + "…";
    }
}
