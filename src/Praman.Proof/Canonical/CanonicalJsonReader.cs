using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Praman.Metering;

namespace Praman.Proof.Canonical;

/// <summary>What <see cref="CanonicalJsonReader"/> has just read.</summary>
public enum CanonicalJsonToken
{
    /// <summary>Nothing yet, or the bytes were refused.</summary>
    None,
    StartObject,
    EndObject,
    StartArray,
    EndArray,
    Name,
    String,
    Integer,
    True,
    False,
    Null,
    /// <summary>The whole value was read, and nothing follows it.</summary>
    End,
}

/// <summary>
/// Reads JSON that must be canonical (<see cref="CanonicalJson"/>), token by token, without allocating. The first octet that departs
/// from the canonical form ends the reading with <see cref="Error"/>: what was read up to there must not be used.
/// </summary>
public ref struct CanonicalJsonReader
{
    private readonly record struct KeyPlace(int Start, int Length);

    [InlineArray(CanonicalJson.DepthMax)]
    private struct KeyPlaces
    {
        private KeyPlace _first;
    }

    private readonly ReadOnlySpan<byte> _json;
    private KeyPlaces _lastKeys;
    private ulong _objects; // bit d - 1 is set where depth d is an object
    private int _depth;
    private int _at;
    private bool _afterValue;
    private bool _failed;
    private int _valueStart;
    private int _valueLength;

    public CanonicalJsonReader(ReadOnlySpan<byte> json)
    {
        _json = json;
        if (!Utf8.IsValid(json)) Fail(Utf8Text.FirstInvalid(json), "not UTF-8", "RFC 8259 8.1");
    }

    /// <summary>The token just read.</summary>
    public CanonicalJsonToken Token { get; private set; }

    /// <summary>The offset of the token's first octet.</summary>
    public int TokenStart { get; private set; }

    /// <summary>The value of an <see cref="CanonicalJsonToken.Integer"/>.</summary>
    public long Integer { get; private set; }

    /// <summary>Why reading stopped early; null in <see cref="DecodeError.Reason"/> while nothing is wrong.</summary>
    public DecodeError Error { get; private set; }

    /// <summary>Objects and arrays that are open.</summary>
    public readonly int Depth => _depth;

    /// <summary>The octets of a name or string between its quotes, escapes as they stand.</summary>
    public readonly ReadOnlySpan<byte> Raw => _json.Slice(_valueStart, _valueLength);

    /// <summary>Where <see cref="Raw"/> starts in the input.</summary>
    public readonly int RawStart => _valueStart;

    /// <summary>Octets read so far: the offset after the last token.</summary>
    public readonly int Consumed => _at;

    /// <summary>Where the name or string has escapes, so that <see cref="Raw"/> is not its text.</summary>
    public readonly bool HasEscapes => Raw.Contains((byte)'\\');

    /// <summary>The text of a name or string.</summary>
    public readonly string GetString() => HasEscapes ? Unescape(Raw) : Encoding.UTF8.GetString(Raw);

    /// <summary>Reads the next token.</summary>
    /// <returns>False at the end (<see cref="CanonicalJsonToken.End"/>) and where the bytes are refused (<see cref="Error"/>).</returns>
    public bool Read()
    {
        if (_failed || Token == CanonicalJsonToken.End) return false;
        if (_depth == 0 && _afterValue)
        {
            if (_at != _json.Length) return Fail(_at, "text after the value", "RFC 8259 2");
            Token = CanonicalJsonToken.End;
            return false;
        }
        bool inObject = _depth > 0 && (_objects >> (_depth - 1) & 1) != 0;
        if (Token == CanonicalJsonToken.Name)
        {
            if (!TakeIf((byte)':')) return Fail(_at, "a colon is expected", "RFC 8259 4");
            return ReadValue();
        }
        if (_depth > 0)
        {
            if (TakeIf(inObject ? (byte)'}' : (byte)']')) return Close(inObject);
            if (_afterValue && !TakeIf((byte)',')) return Fail(_at, "a comma or the end is expected", inObject ? "RFC 8259 4" : "RFC 8259 5");
            if (inObject) return ReadName();
        }
        return ReadValue();
    }

    /// <summary>Passes over the value that comes next, whatever it is.</summary>
    public bool Skip()
    {
        if (!Read()) return false;
        return Token is not (CanonicalJsonToken.StartObject or CanonicalJsonToken.StartArray) || SkipToClose();
    }

    /// <summary>Passes over the rest of the object or array that was just opened, its end included.</summary>
    public bool SkipToClose()
    {
        int outer = _depth - 1;
        while (_depth > outer)
        {
            if (!Read()) return false;
        }
        return true;
    }

    /// <summary>
    /// Passes over the object that comes next where its text is <paramref name="known"/>: one that this reader's kind has read before, at this depth.
    /// It is not checked again. Then its end is the token just read; else nothing is read.
    /// </summary>
    public bool TryPassObject(ReadOnlySpan<byte> known)
    {
        if (_failed || known.IsEmpty || known[0] != '{') return false;
        int start = _at;
        if (Token == CanonicalJsonToken.Name) start++;
        else if (_depth == 0 ? _afterValue : (_objects >> (_depth - 1) & 1) != 0) return false;
        else if (_afterValue) start++;
        if (start > _json.Length || (start > _at && _json[_at] != (Token == CanonicalJsonToken.Name ? ':' : ','))) return false;
        if (!_json[start..].StartsWith(known)) return false;
        _at = start + known.Length;
        _afterValue = true;
        TokenStart = _at - 1;
        Token = CanonicalJsonToken.EndObject;
        return true;
    }

    /// <summary>
    /// Passes over the rest of the array that is open where its text is <paramref name="known"/>, its bracket included: one that this reader's kind has
    /// read before. It is not checked again. Then the end of the array is the token just read; else nothing is read.
    /// </summary>
    public bool TryPassToClose(ReadOnlySpan<byte> known)
    {
        if (_failed || _depth == 0 || (_objects >> (_depth - 1) & 1) != 0 || known.IsEmpty) return false;
        bool isStart = known[0] is not ((byte)',' or (byte)']');
        if ((isStart && _afterValue) || (known[0] == ',' && !_afterValue) || !_json[_at..].StartsWith(known)) return false;
        _at += known.Length;
        return Close(isObject: false);
    }

    private bool ReadName()
    {
        if (_at == _json.Length || _json[_at] != '"') return Fail(_at, "a key in quotes is expected, without white space", "RFC 8259 4");
        int start = _at;
        if (!ReadString()) return false;
        ref KeyPlace last = ref _lastKeys[_depth - 1];
        if (last.Start > 0)
        {
            int order = CompareRaw(_json.Slice(last.Start, last.Length), Raw);
            if (order == 0) return Fail(start, "a key stands twice in one object", "RFC 8785 3.1");
            if (order > 0) return Fail(start, "the keys are not in order", "RFC 8785 3.2.3");
        }
        last = new(_valueStart, _valueLength);
        Token = CanonicalJsonToken.Name;
        TokenStart = start;
        _afterValue = false;
        return true;
    }

    private bool ReadValue()
    {
        if (_at == _json.Length) return Fail(_at, "the text ends where a value is expected", "RFC 8259 3");
        TokenStart = _at;
        _afterValue = true;
        switch (_json[_at])
        {
            case (byte)'{': return Open(isObject: true);
            case (byte)'[': return Open(isObject: false);
            case (byte)'"':
                Token = CanonicalJsonToken.String;
                return ReadString();
            case (byte)'t': return ReadWord("true"u8, CanonicalJsonToken.True);
            case (byte)'f': return ReadWord("false"u8, CanonicalJsonToken.False);
            case (byte)'n': return ReadWord("null"u8, CanonicalJsonToken.Null);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                int length = JsonInteger.Length(_json[_at..], out long value, out string? fault);
                if (fault is not null) return Fail(_at, fault, JsonInteger.Clause);
                _at += length;
                Integer = value;
                Token = CanonicalJsonToken.Integer;
                return true;
            default: return Fail(_at, "a value is expected, without white space", "RFC 8785 3.2.1");
        }
    }

    private bool Open(bool isObject)
    {
        if (_depth == CanonicalJson.DepthMax)
            return Fail(_at, $"more than {CanonicalJson.DepthMax} objects and arrays within one another", "RFC 8259 9");
        ulong bit = 1ul << _depth;
        _objects = isObject ? _objects | bit : _objects & ~bit;
        _lastKeys[_depth++] = default;
        _at++;
        _afterValue = false;
        Token = isObject ? CanonicalJsonToken.StartObject : CanonicalJsonToken.StartArray;
        return true;
    }

    private bool Close(bool isObject)
    {
        _depth--;
        _afterValue = true;
        TokenStart = _at - 1;
        Token = isObject ? CanonicalJsonToken.EndObject : CanonicalJsonToken.EndArray;
        return true;
    }

    private bool ReadWord(ReadOnlySpan<byte> word, CanonicalJsonToken token)
    {
        if (!_json[_at..].StartsWith(word)) return Fail(_at, "not true, false or null", "RFC 8259 3");
        _at += word.Length;
        Token = token;
        return true;
    }

    private bool ReadString()
    {
        int start = ++_at;
        while (true)
        {
            int plain = _json[_at..].IndexOfAny(JsonText.Special);
            if (plain < 0) return Fail(_json.Length, "the string does not end", "RFC 8259 7");
            _at += plain;
            if (_json[_at] == '"') break;
            int escape = CanonicalEscapeLength(_json[_at..]);
            if (escape == 0) return Fail(_at, "not the escape that is canonical for this character", "RFC 8785 3.2.2.2");
            _at += escape;
        }
        _valueStart = start;
        _valueLength = _at - start;
        _at++;
        return true;
    }

    /// <summary>The octets of a canonical escape at the start, or 0 where there is none: a raw control character, too.</summary>
    private static int CanonicalEscapeLength(ReadOnlySpan<byte> text)
    {
        if (text[0] != '\\') return 0;
        Span<byte> octets = stackalloc byte[4], again = stackalloc byte[6];
        int length = JsonText.ReadEscape(text, octets, out int consumed, out string? fault);
        if (fault is not null) return 0;
        int written = JsonText.WriteEscaped(octets[..length], again);
        return written == consumed && text[..consumed].SequenceEqual(again[..written]) ? consumed : 0;
    }

    private static int CompareRaw(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (!left.Contains((byte)'\\') && !right.Contains((byte)'\\')) return CanonicalJson.CompareKeys(left, right);
        int common = left.CommonPrefixLength(right);
        // The first octet that differs may stand within an escape of either: go back to the start of it.
        int at = 0, from = 0;
        while (at < common)
        {
            from = at;
            at += left[at] != '\\' ? 1 : left.Length > at + 1 && left[at + 1] == 'u' ? 6 : 2;
        }
        if (at == common) from = at;
        Span<byte> a = stackalloc byte[4], b = stackalloc byte[4];
        return CanonicalJson.CompareKeys(FirstOf(left[from..], a), FirstOf(right[from..], b));
    }

    private static ReadOnlySpan<byte> FirstOf(ReadOnlySpan<byte> text, Span<byte> octets)
    {
        if (text.IsEmpty || text[0] != '\\') return text.IsEmpty ? text : text[..1];
        int length = JsonText.ReadEscape(text, octets, out _, out _);
        return octets[..length];
    }

    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        byte[] text = new byte[raw.Length];
        int written = 0;
        for (int at = 0; at < raw.Length;)
        {
            if (raw[at] != '\\')
            {
                text[written++] = raw[at++];
                continue;
            }
            written += JsonText.ReadEscape(raw[at..], text.AsSpan(written), out int consumed, out _);
            at += consumed;
        }
        return Encoding.UTF8.GetString(text, 0, written);
    }

    private bool TakeIf(byte octet)
    {
        if (_at == _json.Length || _json[_at] != octet) return false;
        _at++;
        return true;
    }

    private bool Fail(int offset, string reason, string clause)
    {
        Error = new(offset, reason, clause);
        _failed = true;
        Token = CanonicalJsonToken.None;
        return false;
    }
}
