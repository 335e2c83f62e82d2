using System.Globalization;
using System.Numerics;
using System.Text;

namespace Praman.Transports.Serial;

/// <summary>What a meter does next at its optical port, in this order.</summary>
/// <param name="Send">Octets to send, at the speed that the line has.</param>
/// <param name="Pause">Silence to keep then, until they have left.</param>
/// <param name="Line">Speed and form to set then; null to leave them.</param>
/// <param name="IsOpen">True where the line then speaks HDLC.</param>
/// <param name="Rest">Octets that came behind what opened the line.</param>
public readonly record struct ModeEAnswer(ReadOnlyMemory<byte> Send, TimeSpan Pause, SerialLine? Line, bool IsOpen, ReadOnlyMemory<byte> Rest);

/// <summary>
/// The meter's side of the opening that leads to HDLC (IEC 62056-21, mode E): it answers a sign-on that calls it, offers HDLC, confirms the
/// speed that is chosen and changes to it. Without a port: octets in, octets out; the parity bit is put on and not looked at. What is neither is
/// passed over.
/// </summary>
public sealed class ModeEMeter
{
    private const int ReceivedLengthMax = 64;
    private const byte Acknowledge = 0x06;

    private static readonly int[] Bauds = [300, 600, 1200, 2400, 4800, 9600, 19200];

    private readonly string _deviceAddress;
    private readonly byte[] _identification;
    private readonly int _speedMax;
    private readonly List<byte> _received = [];
    private bool _isCalled;

    /// <param name="flagId">The maker's three letters.</param>
    /// <param name="name">What the meter calls itself, up to 16 letters, digits, points and dashes.</param>
    /// <param name="deviceAddress">Its address, to which it answers as to a sign-on without one.</param>
    /// <param name="baudMax">Highest speed that it offers.</param>
    public ModeEMeter(string flagId, string name, string deviceAddress = "", int baudMax = 9600)
    {
        ArgumentNullException.ThrowIfNull(flagId);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(deviceAddress);
        ArgumentOutOfRangeException.ThrowIfLessThan(baudMax, Bauds[0]);
        if (flagId.Length != 3 || !flagId.All(char.IsAsciiLetter)) throw new ArgumentException("a maker has three letters", nameof(flagId));
        if (name.Length is 0 or > 16 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')) throw new ArgumentException("a name has 1 to 16 letters, digits, points and dashes", nameof(name));
        _deviceAddress = deviceAddress;
        _speedMax = Array.FindLastIndex(Bauds, baud => baud <= baudMax);
        _identification = WithParity(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/{flagId}{_speedMax}\\2{name}\r\n")));
    }

    /// <summary>How the line stands until it is opened, and again once it is closed.</summary>
    public static SerialLine SignOnLine { get; } = new(Bauds[0], 8, LineParity.None, 1);

    /// <summary>The link is closed: the next sign-on is awaited.</summary>
    public void Reset()
    {
        _received.Clear();
        _isCalled = false;
    }

    /// <summary>Takes in what came until the line is open.</summary>
    public ModeEAnswer Received(ReadOnlySpan<byte> octets)
    {
        for (int index = 0; index < octets.Length; index++)
        {
            _received.Add((byte)(octets[index] & 0x7F));
            if (!EndsLine())
            {
                if (_received.Count > ReceivedLengthMax) _received.RemoveAt(0);
                continue;
            }
            string line = Encoding.ASCII.GetString([.. _received.Take(_received.Count - 2)]);
            _received.Clear();
            if (TakeLine(line) is not { } answer) continue;
            return answer with { Rest = octets[(index + 1)..].ToArray() };
        }
        return default;
    }

    private ModeEAnswer? TakeLine(string line)
    {
        int signOn = line.LastIndexOf("/?", StringComparison.Ordinal);
        if (signOn >= 0 && line.EndsWith('!'))
        {
            string called = line[(signOn + 2)..^1];
            _isCalled = called.Length == 0 || called == _deviceAddress;
            return _isCalled ? new(_identification, default, null, false, default) : null;
        }
        int select = line.LastIndexOf((char)Acknowledge);
        bool wasCalled = _isCalled;
        _isCalled = false;
        if (!wasCalled || select < 0 || line[select..] is not [_, '2', var speed, '2'] || speed - '0' is < 0 or > 6 || speed - '0' > _speedMax) return null;
        byte[] confirmation = WithParity(Encoding.ASCII.GetBytes($"{line[select..]}\r\n"));
        TimeSpan leaves = TimeSpan.FromSeconds(confirmation.Length * 10.0 / Bauds[0]); // ten bits a character
        return new(confirmation, leaves, new SerialLine(Bauds[speed - '0'], 8, LineParity.None, 1), true, default);
    }

    private bool EndsLine() => _received.Count >= 2 && _received[^2] == '\r' && _received[^1] == '\n';

    private static byte[] WithParity(byte[] octets) =>
        [.. octets.Select(octet => (byte)(octet | (int.IsOddInteger(BitOperations.PopCount(octet)) ? 0x80 : 0)))];
}
