using System.Text;
using NodaTime;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.Billing.Verification;

/// <summary>A string of a file, in place: its octets between the quotes.</summary>
public readonly record struct TextSlice(int Start, int Length, bool HasEscapes);

/// <summary>
/// Reads a canonical file of known shape, member after member. The first thing that is not as expected is kept as <see cref="Fault"/>, and from then
/// on every read gives a stand-in value: who reads checks <see cref="Ok"/> before each loop and at the end.
/// </summary>
internal ref struct StrictJson
{
    private readonly string _file;
    private readonly ReadOnlySpan<byte> _json;
    private CanonicalJsonReader _reader;

    public StrictJson(string file, ReadOnlySpan<byte> json)
    {
        _file = file;
        _json = json;
        _reader = new CanonicalJsonReader(json);
    }

    public UnreadableFile? Fault { get; private set; }

    public readonly bool Ok => Fault is null;

    /// <summary>The start of an object.</summary>
    public void Open() => Expect(CanonicalJsonToken.StartObject, "an object");

    /// <summary>The end of an object whose members were all read.</summary>
    public void Close()
    {
        if (!Next()) return;
        if (_reader.Token == CanonicalJsonToken.Name) Fail("unknown member");
        else if (_reader.Token != CanonicalJsonToken.EndObject) Fail("the end of the object is expected");
    }

    /// <summary>The end of the file.</summary>
    public void End()
    {
        if (Ok && !_reader.Read() && _reader.Token != CanonicalJsonToken.End) Fail(_reader.Error);
    }

    /// <summary>The name of the next member, which must be this one.</summary>
    public void Name(ReadOnlySpan<byte> name)
    {
        if (!Next()) return;
        Match(name);
    }

    /// <summary>The next name, which must be one of two.</summary>
    /// <returns>True where it is the first.</returns>
    public bool Name(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (!Next()) return false;
        bool isFirst = _reader.Token == CanonicalJsonToken.Name && _reader.Raw.SequenceEqual(first);
        Match(isFirst ? first : second);
        return isFirst;
    }

    /// <summary>The name of the next member where it is this one, which may be missing.</summary>
    /// <returns>Whether it was there and was read.</returns>
    public bool NameIfThere(ReadOnlySpan<byte> name)
    {
        if (!Ok) return false;
        ReadOnlySpan<byte> rest = _json[_reader.Consumed..];
        if (rest.StartsWith((byte)',')) rest = rest[1..];
        if (rest.Length < name.Length + 2 || rest[0] != '"' || rest[name.Length + 1] != '"' || !rest[1..].StartsWith(name)) return false;
        Name(name);
        return Ok;
    }

    private void Match(ReadOnlySpan<byte> name)
    {
        if (_reader.Token == CanonicalJsonToken.Name && _reader.Raw.SequenceEqual(name)) return;
        string expected = Encoding.UTF8.GetString(name);
        bool isUnknown = _reader.Token == CanonicalJsonToken.Name && CanonicalJson.CompareKeys(_reader.Raw, name) < 0;
        if (isUnknown) Fail($"unknown member, \"{expected}\" is expected");
        else Fail(new DecodeError(_reader.TokenStart, "this member is missing"), expected);
    }

    /// <summary>Starts an array.</summary>
    public void OpenArray() => Expect(CanonicalJsonToken.StartArray, "an array");

    /// <summary>Whether another object follows in the array; it is opened. At the end of the array, which is read, false.</summary>
    public bool MoreObjects(int count, int countMax)
    {
        if (!More(count, countMax)) return false;
        if (_reader.Token != CanonicalJsonToken.StartObject) Fail("an object is expected");
        return Ok;
    }

    /// <summary>Whether another string follows in the array; it is read. At the end of the array, which is read, false.</summary>
    public bool MoreTexts(int count, int countMax, out TextSlice text)
    {
        text = default;
        if (!More(count, countMax)) return false;
        if (_reader.Token != CanonicalJsonToken.String) Fail("a string is expected");
        text = Slice();
        return Ok;
    }

    /// <summary>Whether another hash in base64 follows in the array; it is read. At the end of the array, which is read, false.</summary>
    public bool MoreDigests(int count, int countMax, out Digest digest)
    {
        digest = default;
        if (!More(count, countMax)) return false;
        if (_reader.Token != CanonicalJsonToken.String || !Digest.TryParseBase64(_reader.Raw, out digest)) Fail("32 octets in base64 are expected");
        return Ok;
    }

    private bool More(int count, int countMax)
    {
        if (!Next() || _reader.Token == CanonicalJsonToken.EndArray) return false;
        if (count == countMax) Fail($"an array of at most {countMax}");
        return Ok;
    }

    /// <summary>Whether another member follows in an object of free names; its name is read. At the end of the object, which is read, false.</summary>
    public bool MoreMembers(int count, int countMax, out string name)
    {
        name = "";
        if (!Next() || _reader.Token == CanonicalJsonToken.EndObject) return false;
        if (count == countMax) Fail($"an object of at most {countMax} members");
        else name = _reader.GetString();
        return Ok;
    }

    /// <summary>An object that is kept as it stands: its octets.</summary>
    public (int Start, int Length) AnyObject()
    {
        Expect(CanonicalJsonToken.StartObject, "an object");
        if (!Ok) return default;
        int start = _reader.TokenStart;
        if (!_reader.SkipToClose()) Fail(_reader.Error);
        return (start, _reader.Consumed - start);
    }

    /// <summary>Offset after what was read.</summary>
    public readonly int Consumed => _reader.Consumed;

    /// <summary>What follows, where so many octets do; else nothing.</summary>
    public readonly ReadOnlySpan<byte> Ahead(int length) => Ok && _json.Length - _reader.Consumed >= length ? _json.Slice(_reader.Consumed, length) : [];

    /// <summary>The last so many octets that were read.</summary>
    public readonly ReadOnlySpan<byte> Behind(int length) => _json.Slice(_reader.Consumed - length, length);

    /// <summary>Where the object that was just opened starts.</summary>
    public readonly int ObjectStart => _reader.TokenStart;

    /// <summary>The object that was just closed, to be known again.</summary>
    public readonly KnownObject Keep(int start) => new(_json[start.._reader.Consumed].ToArray());

    /// <summary>Passes over the next object where it is one that was read at such a place before.</summary>
    public bool TryPass(KnownObject known) => Ok && _reader.TryPassObject(known.Octets);

    /// <summary>Passes over the rest of an array of strings where it is one that was read before.</summary>
    public bool TryPassToClose(ReadOnlySpan<byte> known) => Ok && _reader.TryPassToClose(known);

    public TextSlice Text()
    {
        Expect(CanonicalJsonToken.String, "a string");
        return Ok ? Slice() : default;
    }

    public string String()
    {
        Expect(CanonicalJsonToken.String, "a string");
        return Ok ? _reader.GetString() : "";
    }

    /// <summary>A string that must be this one.</summary>
    public void Constant(ReadOnlySpan<byte> text)
    {
        Expect(CanonicalJsonToken.String, "a string");
        if (Ok && !_reader.Raw.SequenceEqual(text)) Fail($"\"{Encoding.UTF8.GetString(text)}\" is expected");
    }

    public long Integer(long min = long.MinValue)
    {
        Expect(CanonicalJsonToken.Integer, "a whole number");
        if (Ok && _reader.Integer < min) Fail($"a whole number from {min} is expected");
        return Ok ? _reader.Integer : 0;
    }

    /// <summary>A string of the form that <paramref name="isForm"/> accepts.</summary>
    public TextSlice Formed(TextForm isForm, string expected)
    {
        TextSlice text = Text();
        if (Ok && !isForm(_reader.Raw)) Fail($"{expected} is expected");
        return text;
    }

    public Digest Hex()
    {
        Expect(CanonicalJsonToken.String, "a hash");
        Digest digest = default;
        if (Ok && !Digest.TryParseHex(_reader.Raw, out digest)) Fail("64 lower-case hex digits are expected");
        return digest;
    }

    public Digest Base64Digest()
    {
        Expect(CanonicalJsonToken.String, "a hash");
        Digest digest = default;
        if (Ok && !Digest.TryParseBase64(_reader.Raw, out digest)) Fail("32 octets in base64 are expected");
        return digest;
    }

    public LocalDate Date()
    {
        Expect(CanonicalJsonToken.String, "a date");
        LocalDate date = default;
        if (Ok && !TextForms.TryDate(_reader.Raw, out date)) Fail("a date YYYY-MM-DD is expected");
        return date;
    }

    public Instant Instant()
    {
        Expect(CanonicalJsonToken.String, "an instant");
        Instant instant = default;
        if (Ok && !TextForms.TryInstant(_reader.Raw, out instant)) Fail("an instant in UTC, YYYY-MM-DDThh:mm:ssZ, is expected");
        return instant;
    }

    /// <summary>Refuses the value just read.</summary>
    public void Fail(string reason) => Fail(new DecodeError(_reader.TokenStart, reason, null));

    private void Fail(DecodeError error, string? missing = null)
    {
        if (Fault is null) Fault = new UnreadableFile(_file, MemberPath.At(_json, error.Offset, missing), error);
    }

    private readonly TextSlice Slice() => new(_reader.RawStart, _reader.Raw.Length, _reader.HasEscapes);

    private void Expect(CanonicalJsonToken token, string what)
    {
        if (Next() && _reader.Token != token) Fail($"{what} is expected");
    }

    private bool Next()
    {
        if (!Ok) return false;
        if (_reader.Read()) return true;
        Fail(_reader.Token == CanonicalJsonToken.End ? new DecodeError(_reader.Consumed, "the file ends early") : _reader.Error);
        return false;
    }
}

/// <summary>The text of an object that was read, to be passed over where it stands again.</summary>
internal readonly record struct KnownObject(byte[] Octets);

/// <summary>A test of a string's octets.</summary>
internal delegate bool TextForm(ReadOnlySpan<byte> text);
