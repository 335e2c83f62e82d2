using System.Globalization;

namespace Praman.Transports.Serial;

/// <summary>Parity of a serial line.</summary>
public enum LineParity
{
    None,
    Even,
    Odd,
}

/// <summary>Speed and form of the characters of a serial line.</summary>
/// <param name="Baud">Bits a second.</param>
/// <param name="DataBits">7 or 8.</param>
/// <param name="Parity">Of each character.</param>
/// <param name="StopBits">1 or 2.</param>
public readonly record struct SerialLine(int Baud, int DataBits, LineParity Parity, int StopBits)
{
    public const int BaudMin = 300, BaudMax = 921_600;

    /// <summary>9600 baud, 8 data bits, no parity, 1 stop bit: what meters with HDLC on RS-485 and direct optical ports use as a rule.</summary>
    public static SerialLine Default { get; } = new(9600, 8, LineParity.None, 1);

    /// <summary>The form of characters in three letters: <c>8N1</c>.</summary>
    public string Format => $"{DataBits}{(Parity == LineParity.None ? 'N' : Parity == LineParity.Even ? 'E' : 'O')}{StopBits}";

    /// <summary>Reads the form of characters: <c>8N1</c>, <c>7E1</c>.</summary>
    public static bool TryParseFormat(string? text, int baud, out SerialLine line)
    {
        line = default;
        if (text is not { Length: 3 } || text[0] is not ('7' or '8') || text[2] is not ('1' or '2') || "NEO".IndexOf(text[1], StringComparison.Ordinal) is var parity && parity < 0) return false;
        line = new(baud, text[0] - '0', (LineParity)parity, text[2] - '0');
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Baud} {Format}");
}
