using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Praman.Proof.Canonical;

/// <summary>
/// Writes JSON that is canonical as it is written (<see cref="CanonicalJson"/>). Names must come in order: one that does not is the caller's
/// bug and throws, so that a wrong order is found by the first test and not by a verifier. Nothing is allocated per member;
/// <see cref="Reset"/> makes one writer serve many documents. Octets are gathered and handed on in runs: the output has all of them once
/// <see cref="IsComplete"/>, and not before.
/// </summary>
public sealed class CanonicalJsonWriter
{
    private enum Place
    {
        Start,
        FirstName,
        Name,
        MemberValue,
        FirstItem,
        Item,
        End,
    }

    private struct Frame
    {
        public Place After; // the place to go on from when the frame above it closes
        public int KeyStart;
        public int KeyLength;
    }

    /// <summary>Octets gathered before they are handed on: a bill or a record of the journal goes in one run.</summary>
    private const int RunLength = 4096;

    private readonly Frame[] _frames = new Frame[CanonicalJson.DepthMax];
    private byte[] _keys = new byte[256];
    private IBufferWriter<byte> _output;
    private byte[] _run = new byte[RunLength];
    private int _gathered;
    private int _depth;
    private Place _place;

    /// <summary>Writes to <paramref name="output"/>.</summary>
    public CanonicalJsonWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
    }

    /// <summary>Whether one whole value has been written; its octets are then all in the output.</summary>
    public bool IsComplete => _place == Place.End;

    /// <summary>Begins another document on another output. Of a document that was not completed, what was not handed on is dropped.</summary>
    public void Reset(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
        _depth = 0;
        _gathered = 0;
        _place = Place.Start;
    }

    public void StartObject()
    {
        BeginValue((byte)'{');
        Push(Place.FirstName);
    }

    public void EndObject()
    {
        if (_place is not (Place.FirstName or Place.Name)) throw Misplaced("the end of an object");
        Pop((byte)'}');
    }

    public void StartArray()
    {
        BeginValue((byte)'[');
        Push(Place.FirstItem);
    }

    public void EndArray()
    {
        if (_place is not (Place.FirstItem or Place.Item)) throw Misplaced("the end of an array");
        Pop((byte)']');
    }

    /// <summary>The name of the next member, in UTF-8; it must come after the last one of this object in UTF-16 order.</summary>
    /// <exception cref="InvalidOperationException">It does not, or no name has a place here.</exception>
    public void Name(ReadOnlySpan<byte> name)
    {
        if (_place is not (Place.FirstName or Place.Name)) throw Misplaced("a name");
        ref Frame frame = ref _frames[_depth - 1];
        if (_place == Place.Name)
        {
            if (CanonicalJson.CompareKeys(_keys.AsSpan(frame.KeyStart, frame.KeyLength), name) >= 0)
            {
                string last = Encoding.UTF8.GetString(_keys, frame.KeyStart, frame.KeyLength);
                throw new InvalidOperationException($"The name \"{Encoding.UTF8.GetString(name)}\" must not follow \"{last}\" in canonical JSON.");
            }
        }
        if (_keys.Length < frame.KeyStart + name.Length) Array.Resize(ref _keys, Math.Max(_keys.Length * 2, frame.KeyStart + name.Length));
        name.CopyTo(_keys.AsSpan(frame.KeyStart));
        frame.KeyLength = name.Length;
        if (name.IndexOfAny(JsonText.Special) < 0)
        {
            Span<byte> whole = Room(name.Length + 4);
            int at = 0;
            if (_place == Place.Name) whole[at++] = (byte)',';
            whole[at++] = (byte)'"';
            name.CopyTo(whole[at..]);
            at += name.Length;
            whole[at++] = (byte)'"';
            whole[at++] = (byte)':';
            _gathered += at;
        }
        else
        {
            if (_place == Place.Name) Put((byte)',');
            PutEscaped(name);
            Put((byte)':');
        }
        _place = Place.MemberValue;
    }

    /// <summary>As <see cref="Name(ReadOnlySpan{byte})"/>, for a name that is not known in UTF-8.</summary>
    public void Name(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int length = Encoding.UTF8.GetMaxByteCount(name.Length);
        byte[]? rented = null;
        Span<byte> octets = length <= 256 ? stackalloc byte[256] : rented = ArrayPool<byte>.Shared.Rent(length);
        if (Utf8.FromUtf16(name, octets, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done) throw Unpaired();
        Name(octets[..written]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>A string, given in UTF-8.</summary>
    public void String(ReadOnlySpan<byte> text)
    {
        BeginValue();
        PutText(text);
        EndValue();
    }

    /// <summary>A string.</summary>
    /// <exception cref="ArgumentException">The text holds half of a surrogate pair.</exception>
    public void String(ReadOnlySpan<char> text)
    {
        BeginValue();
        if (text.IndexOfAny(JsonText.SpecialChars) < 0)
        {
            Span<byte> whole = Room(Encoding.UTF8.GetMaxByteCount(text.Length) + 2);
            whole[0] = (byte)'"';
            if (Utf8.FromUtf16(text, whole[1..], out _, out int length, replaceInvalidSequences: false) != OperationStatus.Done) throw Unpaired();
            whole[length + 1] = (byte)'"';
            _gathered += length + 2;
        }
        else
        {
            PutEscaped(text);
        }
        EndValue();
    }

    private void PutEscaped(ReadOnlySpan<char> text)
    {
        Put((byte)'"');
        Span<byte> escape = stackalloc byte[6];
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAny(JsonText.SpecialChars);
            ReadOnlySpan<char> run = plain < 0 ? text : text[..plain];
            if (!run.IsEmpty)
            {
                Span<byte> span = Room(Encoding.UTF8.GetMaxByteCount(run.Length));
                if (Utf8.FromUtf16(run, span, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done) throw Unpaired();
                _gathered += written;
            }
            if (plain < 0) break;
            int length = JsonText.WriteEscaped([(byte)text[plain]], escape);
            Put(escape[..length]);
            text = text[(plain + 1)..];
        }
        Put((byte)'"');
    }

    /// <inheritdoc cref="String(ReadOnlySpan{char})"/>
    public void String(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        String(text.AsSpan());
    }

    /// <summary>An integer; beyond 2^53 − 1 in size it throws.</summary>
    public void Integer(long value)
    {
        if (value is > CanonicalJson.IntegerMax or < -CanonicalJson.IntegerMax)
            throw new ArgumentOutOfRangeException(nameof(value), value, "Canonical JSON holds integers of at most 2^53 - 1 in size.");
        BeginValue();
        Utf8Formatter.TryFormat(value, Room(20), out int written);
        _gathered += written;
        EndValue();
    }

    public void Boolean(bool value) => Word(value ? "true"u8 : "false"u8);

    public void Null() => Word("null"u8);

    /// <summary>A value that is canonical already, such as one member of another document. It is not checked again.</summary>
    public void Raw(ReadOnlySpan<byte> canonical)
    {
        BeginValue();
        Put(canonical);
        EndValue();
    }

    public void Member(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        Name(name);
        String(text);
    }

    public void Member(ReadOnlySpan<byte> name, string text)
    {
        Name(name);
        String(text);
    }

    public void Member(ReadOnlySpan<byte> name, long value)
    {
        Name(name);
        Integer(value);
    }

    public void Member(ReadOnlySpan<byte> name, bool value)
    {
        Name(name);
        Boolean(value);
    }

    /// <summary>A hash or other octets as lower-case hex.</summary>
    public void MemberHex(ReadOnlySpan<byte> name, ReadOnlySpan<byte> octets)
    {
        Name(name);
        BeginValue();
        Span<byte> span = Room(octets.Length * 2 + 2);
        span[0] = (byte)'"';
        for (int i = 0; i < octets.Length; i++)
        {
            span[1 + 2 * i] = (byte)"0123456789abcdef"[octets[i] >> 4];
            span[2 + 2 * i] = (byte)"0123456789abcdef"[octets[i] & 15];
        }
        span[1 + 2 * octets.Length] = (byte)'"';
        _gathered += octets.Length * 2 + 2;
        EndValue();
    }

    /// <summary>Octets as base64 (RFC 4648 section 4).</summary>
    public void MemberBase64(ReadOnlySpan<byte> name, ReadOnlySpan<byte> octets)
    {
        Name(name);
        BeginValue();
        int length = Base64.GetMaxEncodedToUtf8Length(octets.Length);
        Span<byte> span = Room(length + 2);
        span[0] = (byte)'"';
        Base64.EncodeToUtf8(octets, span[1..], out _, out int written);
        span[1 + written] = (byte)'"';
        _gathered += written + 2;
        EndValue();
    }

    private void Word(ReadOnlySpan<byte> word)
    {
        BeginValue();
        Put(word);
        EndValue();
    }

    private void PutText(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(JsonText.Special) < 0)
        {
            Span<byte> whole = Room(text.Length + 2);
            whole[0] = (byte)'"';
            text.CopyTo(whole[1..]);
            whole[text.Length + 1] = (byte)'"';
            _gathered += text.Length + 2;
            return;
        }
        PutEscaped(text);
    }

    private void PutEscaped(ReadOnlySpan<byte> text)
    {
        Put((byte)'"');
        Span<byte> escape = stackalloc byte[6];
        while (true)
        {
            int plain = text.IndexOfAny(JsonText.Special);
            Put(plain < 0 ? text : text[..plain]);
            if (plain < 0) break;
            int length = JsonText.WriteEscaped(text.Slice(plain, 1), escape);
            Put(escape[..length]);
            text = text[(plain + 1)..];
        }
        Put((byte)'"');
    }

    private void BeginValue(byte opening = 0)
    {
        switch (_place)
        {
            case Place.Item:
                Put((byte)',');
                break;
            case Place.Start or Place.MemberValue or Place.FirstItem:
                break;
            default:
                throw Misplaced("a value");
        }
        if (opening != 0) Put(opening);
    }

    private void EndValue()
    {
        _place = Next(_place);
        if (_place == Place.End) HandOn();
    }

    private static Place Next(Place place) => place switch
    {
        Place.MemberValue => Place.Name,
        Place.FirstItem or Place.Item => Place.Item,
        _ => Place.End,
    };

    private void Push(Place inside)
    {
        if (_depth == CanonicalJson.DepthMax)
            throw new InvalidOperationException($"Canonical JSON nests at most {CanonicalJson.DepthMax} objects and arrays.");
        int keyStart = _depth == 0 ? 0 : _frames[_depth - 1].KeyStart + _frames[_depth - 1].KeyLength;
        _frames[_depth++] = new() { After = Next(_place), KeyStart = keyStart };
        _place = inside;
    }

    private void Pop(byte closing)
    {
        Put(closing);
        _place = _frames[--_depth].After;
        if (_place == Place.End) HandOn();
    }

    private void Put(byte octet)
    {
        Room(1)[0] = octet;
        _gathered++;
    }

    private void Put(ReadOnlySpan<byte> octets)
    {
        if (octets.Length > RunLength)
        {
            HandOn();
            _output.Write(octets);
            return;
        }
        octets.CopyTo(Room(octets.Length));
        _gathered += octets.Length;
    }

    /// <summary>Where the next octets go, at least so many; the caller counts what it put there.</summary>
    private Span<byte> Room(int length)
    {
        if (_run.Length - _gathered < length) MakeRoom(length);
        return _run.AsSpan(_gathered);
    }

    private void MakeRoom(int length)
    {
        HandOn();
        if (_run.Length < length) _run = new byte[length];
    }

    private void HandOn()
    {
        if (_gathered == 0) return;
        _output.Write(_run.AsSpan(0, _gathered));
        _gathered = 0;
    }

    private InvalidOperationException Misplaced(string what) => new($"{what} has no place here in the JSON text: {_place} at depth {_depth}.");

    private static ArgumentException Unpaired() => new("The text holds half of a surrogate pair, which UTF-8 cannot.", "text");
}
