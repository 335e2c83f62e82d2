using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Praman.Metering;

namespace Praman.Proof.Canonical;

/// <summary>
/// One pass over JSON text that writes its canonical form. The output is never longer than the input, so both buffers have the input's
/// length from the start. Members that stand out of order are moved when their object ends.
/// </summary>
internal ref struct Canonicalizer
{
    private readonly record struct Member(int KeyStart, int KeyLength, int TextStart, int TextEnd, int SourceOffset);

    private readonly ReadOnlySpan<byte> _source;
    private byte[] _output;
    private byte[] _keys;
    private List<Member>? _members;
    private int _at;
    private int _written;
    private int _keyBytes;
    private DecodeError _error;

    public Canonicalizer(ReadOnlySpan<byte> source)
    {
        _source = source;
        _output = [];
        _keys = [];
    }

    public bool TryRun([NotNullWhen(true)] out byte[]? canonical, out DecodeError error)
    {
        canonical = null;
        if (!Utf8.IsValid(_source))
        {
            error = new(Utf8Text.FirstInvalid(_source), "not UTF-8", "RFC 8259 8.1");
            return false;
        }
        _output = ArrayPool<byte>.Shared.Rent(_source.Length + 1);
        _keys = ArrayPool<byte>.Shared.Rent(_source.Length + 1);
        try
        {
            bool done = TryValue(0) && TryEnd();
            error = _error;
            if (done) canonical = _output.AsSpan(0, _written).ToArray();
            return done;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_output);
            ArrayPool<byte>.Shared.Return(_keys);
        }
    }

    private bool TryEnd()
    {
        SkipSpace();
        return _at == _source.Length || Fail("text after the value", "RFC 8259 2");
    }

    private bool TryValue(int depth)
    {
        SkipSpace();
        if (_at == _source.Length) return Fail("the text ends where a value is expected", "RFC 8259 3");
        byte first = _source[_at];
        switch (first)
        {
            case (byte)'{': return TryObject(depth + 1);
            case (byte)'[': return TryArray(depth + 1);
            case (byte)'"': return TryString(isKey: false);
            case (byte)'t': return TryWord("true"u8);
            case (byte)'f': return TryWord("false"u8);
            case (byte)'n': return TryWord("null"u8);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'): return TryInteger();
            default: return Fail("not the start of a value", "RFC 8259 3");
        }
    }

    private bool TryWord(ReadOnlySpan<byte> word)
    {
        if (!_source[_at..].StartsWith(word)) return Fail("not true, false or null", "RFC 8259 3");
        Write(word);
        _at += word.Length;
        return true;
    }

    private bool TryInteger()
    {
        int length = JsonInteger.Length(_source[_at..], out _, out string? fault);
        if (fault is not null) return Fail(fault, JsonInteger.Clause);
        Write(_source.Slice(_at, length));
        _at += length;
        return true;
    }

    private bool TryArray(int depth)
    {
        if (depth > CanonicalJson.DepthMax) return Fail($"more than {CanonicalJson.DepthMax} objects and arrays within one another", "RFC 8259 9");
        Take((byte)'[');
        if (TryTake((byte)']')) return true;
        while (true)
        {
            if (!TryValue(depth)) return false;
            if (TryTake((byte)']')) return true;
            if (!TryTake((byte)',')) return Fail("a comma or the end of the array is expected", "RFC 8259 5");
        }
    }

    private bool TryObject(int depth)
    {
        if (depth > CanonicalJson.DepthMax) return Fail($"more than {CanonicalJson.DepthMax} objects and arrays within one another", "RFC 8259 9");
        int textStart = _written, keysStart = _keyBytes;
        Take((byte)'{');
        if (TryTake((byte)'}')) return true;
        var members = _members ??= [];
        int first = members.Count;
        while (true)
        {
            SkipSpace();
            int keyStart = _keyBytes, memberStart = _written, offset = _at;
            if (_at == _source.Length || _source[_at] != '"') return Fail("a key in quotes is expected", "RFC 8259 4");
            if (!TryString(isKey: true)) return false;
            int keyEnd = _keyBytes;
            if (!TryTake((byte)':')) return Fail("a colon is expected", "RFC 8259 4");
            if (!TryValue(depth)) return false;
            members.Add(new(keyStart, keyEnd - keyStart, memberStart, _written, offset));
            if (TryTake((byte)'}')) break;
            if (!TryTake((byte)',')) return Fail("a comma or the end of the object is expected", "RFC 8259 4");
        }
        if (!TrySort(first, textStart)) return false;
        members.RemoveRange(first, members.Count - first);
        _keyBytes = keysStart;
        return true;
    }

    /// <summary>Puts the members written since <paramref name="textStart"/> in order, if they are not, and refuses a key that stands twice.</summary>
    private bool TrySort(int first, int textStart)
    {
        List<Member> members = _members!;
        byte[] keys = _keys;
        bool ordered = true;
        for (int i = first + 1; i < members.Count && ordered; i++) ordered = Compare(keys, members[i - 1], members[i]) < 0;
        if (ordered) return true;

        members.Sort(first, members.Count - first, Comparer<Member>.Create((a, b) => Compare(keys, a, b)));
        for (int i = first + 1; i < members.Count; i++)
        {
            if (Compare(keys, members[i - 1], members[i]) != 0) continue;
            _at = Math.Max(members[i - 1].SourceOffset, members[i].SourceOffset);
            string key = Encoding.UTF8.GetString(keys, members[i].KeyStart, Math.Min(members[i].KeyLength, 40));
            return Fail($"the key \"{key}\" stands twice in one object", "RFC 8785 3.1");
        }
        int length = _written - textStart;
        byte[] copy = ArrayPool<byte>.Shared.Rent(length);
        _output.AsSpan(textStart, length).CopyTo(copy);
        int to = textStart + 1;
        for (int i = first; i < members.Count; i++)
        {
            if (i > first) _output[to++] = (byte)',';
            var text = copy.AsSpan(members[i].TextStart - textStart, members[i].TextEnd - members[i].TextStart);
            text.CopyTo(_output.AsSpan(to));
            to += text.Length;
        }
        ArrayPool<byte>.Shared.Return(copy);
        return true;
    }

    private static int Compare(byte[] keys, Member a, Member b) =>
        CanonicalJson.CompareKeys(keys.AsSpan(a.KeyStart, a.KeyLength), keys.AsSpan(b.KeyStart, b.KeyLength));

    private bool TryString(bool isKey)
    {
        Take((byte)'"');
        Span<byte> octets = stackalloc byte[4];
        while (true)
        {
            ReadOnlySpan<byte> rest = _source[_at..];
            int plain = rest.IndexOfAny(JsonText.Special);
            if (plain < 0)
            {
                _at = _source.Length;
                return Fail("the string does not end", "RFC 8259 7");
            }
            Write(rest[..plain]);
            if (isKey) AddKey(rest[..plain]);
            _at += plain;
            byte special = rest[plain];
            if (special == '"')
            {
                Take((byte)'"');
                return true;
            }
            if (special != '\\') return Fail("a control character stands unescaped in a string", "RFC 8259 7");
            int length = JsonText.ReadEscape(_source[_at..], octets, out int escaped, out string? fault);
            if (fault is not null) return Fail(fault, "RFC 8259 7");
            _at += escaped;
            _written += JsonText.WriteEscaped(octets[..length], _output.AsSpan(_written));
            if (isKey) AddKey(octets[..length]);
        }
    }

    private void AddKey(scoped ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(_keys.AsSpan(_keyBytes));
        _keyBytes += octets.Length;
    }

    private void Write(scoped ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(_output.AsSpan(_written));
        _written += octets.Length;
    }

    private void Take(byte octet)
    {
        _at++;
        _output[_written++] = octet;
    }

    private bool TryTake(byte octet)
    {
        SkipSpace();
        if (_at == _source.Length || _source[_at] != octet) return false;
        Take(octet);
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _source.Length && _source[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') _at++;
    }

    private bool Fail(string reason, string clause)
    {
        _error = new(_at, reason, clause);
        return false;
    }
}
