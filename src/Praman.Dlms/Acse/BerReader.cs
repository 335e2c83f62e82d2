using Praman.Dlms.Axdr;

namespace Praman.Dlms.Acse;

/// <summary>The little of BER that ACSE needs: one-octet tags, definite lengths (ITU-T X.690).</summary>
internal static class Ber
{
    public const string Clause = "ITU-T X.690";

    /// <summary>Reads one element; <paramref name="content"/> is within what is left.</summary>
    public static bool TryRead(scoped ref AxdrReader reader, out byte tag, out ReadOnlySpan<byte> content, out int contentAt)
    {
        content = default;
        contentAt = 0;
        if (!reader.TryReadByte(out tag) || !reader.TryReadLength(out int length)) return false;
        contentAt = reader.Position;
        return reader.TryReadBytes(length, out content);
    }

    /// <summary>Takes one element with the given tag out of <paramref name="octets"/>, which must hold nothing else.</summary>
    public static bool TryUnwrap(ReadOnlySpan<byte> octets, byte expected, out ReadOnlySpan<byte> content)
    {
        var reader = new AxdrReader(octets);
        return TryRead(ref reader, out byte tag, out content, out _) && tag == expected && reader.IsAtEnd;
    }

    public static void Write(ref AxdrWriter writer, byte tag, scoped ReadOnlySpan<byte> content)
    {
        writer.WriteByte(tag);
        writer.WriteOctets(content);
    }

    /// <summary>Writes an element that holds one other.</summary>
    public static void WriteNested(ref AxdrWriter writer, byte outer, byte inner, scoped ReadOnlySpan<byte> content)
    {
        writer.WriteByte(outer);
        writer.WriteLength(1 + AxdrWriter.LengthOctets(content.Length) + content.Length);
        Write(ref writer, inner, content);
    }
}
