using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Praman.Metering;

namespace Praman.Proof.Notes;

/// <summary>
/// A text and its signatures (C2SP signed-note). The octets that were read are kept as they are, so a note that passes through is never
/// written anew. Nothing in it may be believed before a signature of a known key was verified.
/// </summary>
public sealed class SignedNote
{
    /// <summary>Octets of a note, at most.</summary>
    public const int LengthMax = 256 * 1024;

    /// <summary>Signature lines of a note, at most; the specification asks for 16 or more.</summary>
    public const int SignatureCountMax = 64;

    private const string Clause = "C2SP signed-note";

    /// <summary>Octets below the space, without the line feed.</summary>
    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 0x20).Where(octet => octet != '\n').Select(octet => (byte)octet)]);

    private readonly byte[] _octets;
    private readonly int _textLength;

    private SignedNote(byte[] octets, int textLength, IReadOnlyList<NoteSignature> signatures)
    {
        _octets = octets;
        _textLength = textLength;
        Signatures = signatures;
    }

    /// <summary>The whole note.</summary>
    public ReadOnlySpan<byte> Octets => _octets;

    /// <summary>The text that is signed, with its last line feed.</summary>
    public ReadOnlySpan<byte> Text => _octets.AsSpan(0, _textLength);

    /// <summary>The signature lines, in order.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Makes a note of a text and its first signatures.</summary>
    /// <param name="text">Ends with a line feed.</param>
    /// <param name="signatures">At least one.</param>
    public static SignedNote Create(ReadOnlySpan<byte> text, params IReadOnlyList<NoteSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        var octets = new List<byte>(text.Length + 128 * signatures.Count);
        octets.AddRange(text);
        octets.Add((byte)'\n');
        foreach (NoteSignature signature in signatures) octets.AddRange(signature.ToLine());
        return TryParse(octets.ToArray(), out SignedNote? note, out DecodeError error) ? note : throw new ArgumentException(error.ToString(), nameof(text));
    }

    /// <summary>The note with one more signature line at its end; a line of the same key is replaced.</summary>
    public SignedNote With(NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return Create(Text, [.. Signatures.Where(line => line.KeyId != signature.KeyId || line.Name != signature.Name), signature]);
    }

    /// <summary>Reads a note. Signatures are taken apart, not verified.</summary>
    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out SignedNote? note, out DecodeError error)
    {
        note = null;
        if (octets.Length > LengthMax) return Refuse(out error, LengthMax, $"more than {LengthMax} octets");
        if (!Canonical.Utf8Text.IsValid(octets)) return Refuse(out error, Canonical.Utf8Text.FirstInvalid(octets), "not UTF-8");
        int control = octets.IndexOfAny(Controls);
        if (control >= 0) return Refuse(out error, control, "a control character other than the line feed");
        int blank = octets.LastIndexOf("\n\n"u8);
        if (blank < 0) return Refuse(out error, octets.Length, "an empty line parts the text from its signatures");
        int at = blank + 2;
        if (at == octets.Length) return Refuse(out error, at, "at least one signature line");
        if (octets[^1] != '\n') return Refuse(out error, octets.Length, "a line feed ends the last signature line");
        var signatures = new List<NoteSignature>();
        while (at < octets.Length)
        {
            if (signatures.Count == SignatureCountMax) return Refuse(out error, at, $"more than {SignatureCountMax} signature lines");
            int length = octets[at..].IndexOf((byte)'\n');
            if (!TryParseLine(octets.Slice(at, length), out NoteSignature? signature))
                return Refuse(out error, at, "a signature line is written: em dash, space, key name, space, base64 of key id and signature");
            signatures.Add(signature);
            at += length + 1;
        }
        note = new(octets.ToArray(), blank + 1, signatures);
        error = default;
        return true;
    }

    /// <summary>
    /// Whether the lines of this key, if any, are its over the text. One false line of a key makes the answer Invalid, whatever the others are.
    /// </summary>
    public SignatureCheck Check(NoteVerifierKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Type != NoteKeyType.Ed25519) throw new ArgumentException("A cosignature is checked with its time: SignedCheckpoint.", nameof(key));
        SignatureCheck check = SignatureCheck.Absent;
        foreach (NoteSignature line in Signatures)
        {
            if (!line.IsOf(key)) continue;
            if (!key.Verify(Text, line.Octets.Span)) return SignatureCheck.Invalid;
            check = SignatureCheck.Valid;
        }
        return check;
    }

    private static bool TryParseLine(ReadOnlySpan<byte> line, [NotNullWhen(true)] out NoteSignature? signature)
    {
        signature = null;
        ReadOnlySpan<byte> dash = "\u2014 "u8;
        if (!line.StartsWith(dash)) return false;
        line = line[dash.Length..];
        int space = line.IndexOf((byte)' ');
        if (space <= 0) return false;
        string name = Encoding.UTF8.GetString(line[..space]);
        if (!NoteVerifierKey.IsName(name)) return false;
        byte[]? octets = CanonicalBase64.Decode(line[(space + 1)..], LengthMax);
        if (octets is null || octets.Length < 5) return false;
        signature = new(name, BinaryPrimitives.ReadUInt32BigEndian(octets), octets.AsMemory(4));
        return true;
    }

    private static bool Refuse(out DecodeError error, int offset, string reason)
    {
        error = new(offset, reason, Clause);
        return false;
    }
}

/// <summary>What a note says of one key.</summary>
public enum SignatureCheck
{
    /// <summary>No line is of that key.</summary>
    Absent,
    /// <summary>Each line of that key is its signature.</summary>
    Valid,
    /// <summary>A line claims that key and is not its signature.</summary>
    Invalid,
}
