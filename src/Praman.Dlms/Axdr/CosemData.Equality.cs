using System.Globalization;
using System.Text;

namespace Praman.Dlms.Axdr;

public readonly partial struct CosemData
{
    private const int TextLengthMax = 4096;

    /// <summary>Same type and same value, through the whole tree.</summary>
    public bool Equals(CosemData other)
    {
        CosemDataType type = Type;
        if (type != other.Type) return false;
        return _reference switch
        {
            CosemData[] => Items.SequenceEqual(other.Items),
            byte[] => BitCount == other.BitCount && OctetSpan.SequenceEqual(other.OctetSpan),
            _ => _bits == other._bits,
        };
    }

    public override bool Equals(object? obj) => obj is CosemData other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Type);
        if (_reference is CosemData[]) hash.Add(Count);
        else if (_reference is byte[]) hash.AddBytes(OctetSpan);
        else hash.Add(_bits);
        return hash.ToHashCode();
    }

    public static bool operator ==(CosemData left, CosemData right) => left.Equals(right);

    public static bool operator !=(CosemData left, CosemData right) => !left.Equals(right);

    /// <summary>One line for a log or a debugger, cut where long.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text);
        return text.ToString();
    }

    private void Append(StringBuilder text)
    {
        if (text.Length > TextLengthMax)
        {
            text.Append('…');
            return;
        }
        CosemDataType type = Type;
        text.Append(type.Name());
        if (_reference is CosemData[])
        {
            text.Append('{');
            for (int index = 0; index < Count && text.Length <= TextLengthMax; index++) Items[index].Append(text.Append(index == 0 ? "" : ", "));
            text.Append('}');
        }
        else if (_reference is byte[]) text.Append(' ').Append(Convert.ToHexString(OctetSpan));
        else if (TryGetDouble(out double real)) text.Append(' ').Append(real.ToString("R", CultureInfo.InvariantCulture));
        else if (TryGetNumber(out decimal number)) text.Append(' ').Append(number.ToString(CultureInfo.InvariantCulture));
    }
}
