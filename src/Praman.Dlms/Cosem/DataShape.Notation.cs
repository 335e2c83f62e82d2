using System.Globalization;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

// The text that shapes are written in:
//   shape     = one { "|" one }
//   one       = "array" bounds "of" one | "{" name ":" shape { "," name ":" shape } "}" | "(" shape ")" | "any" | name of a type [ bounds ]
//   bounds    = "[" number [ ".." number ] "]"; of an array one number is the most, of all else it is exact
public sealed partial class DataShape
{
    // Shapes that many classes use, by a name of their own.
    private static readonly Dictionary<string, string> Known = new()
    {
        ["attribute-reference"] = "{ class_id: long-unsigned, logical_name: logical-name, attribute_index: integer }",
        ["capture-object"] = "{ class_id: long-unsigned, logical_name: logical-name, attribute_index: integer, data_index: long-unsigned }",
        ["object-reference"] = "{ class_id: long-unsigned, logical_name: logical-name }",
        ["script-reference"] = "{ script_logical_name: logical-name, script_selector: long-unsigned }",
        ["scaler-unit"] = "{ scaler: integer, unit: enum }",
        ["number"] = "double-long-unsigned | double-long | unsigned | long-unsigned | integer | long | long64 | long64-unsigned | enum | float32 | float64",
        ["whole-number"] = "double-long-unsigned | double-long | unsigned | long-unsigned | integer | long | long64 | long64-unsigned",
    };

    private static readonly Dictionary<string, CosemDataType> Types = Enum.GetValues<CosemDataType>().ToDictionary(t => t.Name(), t => t);

    /// <summary>Reads a shape as the tables write it: <c>array[16] of { threshold: double-long-unsigned, name: octet-string[1..16] }</c>.</summary>
    /// <exception cref="FormatException">It is not one; the text says where.</exception>
    public static DataShape Parse(string notation)
    {
        ArgumentNullException.ThrowIfNull(notation);
        var reader = new NotationReader(notation);
        DataShape shape = ReadShape(ref reader);
        return reader.IsAtEnd ? shape : throw reader.Fault("the end");
    }

    private static DataShape Simple(CosemDataType type, string? alias = null)
    {
        (long min, long max) = Limits(type);
        return new(ShapeKind.Simple, type, min, max, alias);
    }

    private static (long Min, long Max) Limits(CosemDataType type) => type switch
    {
        CosemDataType.DateTime or CosemDataType.Date or CosemDataType.Time => (type.FixedSize(), type.FixedSize()),
        CosemDataType.Boolean => (0, 1),
        CosemDataType.Long64 or CosemDataType.Long64Unsigned or CosemDataType.Float32 or CosemDataType.Float64 => (type == CosemDataType.Long64 ? long.MinValue : 0, long.MaxValue),
        _ when type.IsSigned() => (-(1L << ((type.FixedSize() * 8) - 1)), (1L << ((type.FixedSize() * 8) - 1)) - 1),
        _ when type.IsInteger() => (0, (1L << (type.FixedSize() * 8)) - 1),
        _ => (0, OctetsMax),
    };

    private static DataShape ReadShape(ref NotationReader reader)
    {
        DataShape first = ReadOne(ref reader);
        if (!reader.Take('|')) return first;
        List<DataShape> alternatives = [first];
        do alternatives.Add(ReadOne(ref reader));
        while (reader.Take('|'));
        return new(ShapeKind.Choice, CosemDataType.NullData, 0, 0) { Alternatives = alternatives };
    }

    private static DataShape ReadOne(ref NotationReader reader)
    {
        if (reader.Take('('))
        {
            DataShape inner = ReadShape(ref reader);
            return reader.Take(')') ? inner : throw reader.Fault("')'");
        }
        if (reader.Take('{')) return ReadStructure(ref reader);
        string word = reader.Word();
        switch (word)
        {
            case "any": return Any;
            case "array": return ReadArray(ref reader);
            case "logical-name": return new(ShapeKind.Simple, CosemDataType.OctetString, 6, 6, "logical-name");
            case "date-time-octets": return new(ShapeKind.Simple, CosemDataType.OctetString, 12, 12, "date-time");
            case "date-octets": return new(ShapeKind.Simple, CosemDataType.OctetString, 5, 5, "date");
            case "time-octets": return new(ShapeKind.Simple, CosemDataType.OctetString, 4, 4, "time");
        }
        if (Known.TryGetValue(word, out string? known))
        {
            DataShape shape = Parse(known);
            return shape.Kind != ShapeKind.Choice ? shape
                : new(ShapeKind.Choice, CosemDataType.NullData, 0, 0, word == "number" ? "any number" : "any whole number") { Alternatives = shape.Alternatives };
        }
        if (!Types.TryGetValue(word, out CosemDataType type)) throw reader.Fault("a type or the name of a shape", word);
        if (!reader.Take('[')) return Simple(type);
        (long min, long max) = ReadBounds(ref reader);
        return new(ShapeKind.Simple, type, min, max);
    }

    private static DataShape ReadArray(ref NotationReader reader)
    {
        if (!reader.Take('[')) throw reader.Fault("'[' and the most elements");
        (long min, long max) = ReadBounds(ref reader, isArray: true);
        if (reader.Word() is not "of" and var word) throw reader.Fault("'of'", word);
        return new(ShapeKind.Array, CosemDataType.Array, min, max) { Element = ReadOne(ref reader) };
    }

    private static DataShape ReadStructure(ref NotationReader reader)
    {
        List<ShapeField> fields = [];
        do
        {
            string name = reader.Word();
            if (!reader.Take(':')) throw reader.Fault("':'");
            fields.Add(new(name, ReadShape(ref reader)));
        }
        while (reader.Take(','));
        return reader.Take('}') ? new(ShapeKind.Structure, CosemDataType.Structure, fields.Count, fields.Count) { Fields = fields } : throw reader.Fault("'}' or ','");
    }

    private static (long Min, long Max) ReadBounds(ref NotationReader reader, bool isArray = false)
    {
        long first = reader.Number(), last = first;
        bool isRange = reader.Take('.') && reader.Take('.');
        if (isRange) last = reader.Number();
        if (!reader.Take(']')) throw reader.Fault("']'");
        if (last < first) throw reader.Fault("bounds in order");
        return (isArray && !isRange ? 0 : first, last);
    }

    private ref struct NotationReader(string text)
    {
        private readonly string _text = text;
        private int _at;

        public bool IsAtEnd
        {
            get
            {
                SkipBlanks();
                return _at == _text.Length;
            }
        }

        public bool Take(char expected)
        {
            SkipBlanks();
            if (_at >= _text.Length || _text[_at] != expected) return false;
            _at++;
            return true;
        }

        public string Word()
        {
            SkipBlanks();
            int start = _at;
            while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or '_')) _at++;
            return _at > start ? _text[start.._at] : throw Fault("a word");
        }

        public long Number()
        {
            string word = Word();
            return long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : throw Fault("a number", word);
        }

        public readonly FormatException Fault(string expected, string? found = null) =>
            new($"shape '{_text}', at {_at}: {expected} expected{(found is null ? "" : $", not '{found}'")}");

        private void SkipBlanks()
        {
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
        }
    }
}
