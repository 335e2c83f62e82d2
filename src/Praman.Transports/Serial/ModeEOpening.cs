using System.Numerics;
using System.Text;

namespace Praman.Transports.Serial;

/// <summary>How far the opening is.</summary>
public enum ModeEStatus
{
    /// <summary>Do what the step says, in its order: line, pause, send; then hand in what comes, or that nothing came.</summary>
    Pending,

    /// <summary>The line speaks HDLC once it is set as the step says.</summary>
    Done,

    /// <summary>The meter does not open; see the error.</summary>
    Failed,
}

/// <summary>What to do next, in this order.</summary>
/// <param name="Status">How far it is.</param>
/// <param name="Line">Speed and form to set first; null to leave them.</param>
/// <param name="Pause">Silence to keep before sending.</param>
/// <param name="Send">Octets to send.</param>
/// <param name="Silence">How long nothing may come before <see cref="ModeEOpening.TimedOut"/> is called.</param>
/// <param name="Error">Why it failed.</param>
public readonly record struct ModeEStep(ModeEStatus Status, SerialLine? Line, TimeSpan Pause, ReadOnlyMemory<byte> Send, TimeSpan Silence, string? Error);

/// <summary>
/// The opening of an optical port that leads to HDLC (IEC 62056-21, mode E): sign-on at 300 baud, the meter's identification, our
/// acknowledgement with the HDLC option, its confirmation, and the change of speed. Without a port: octets in, octets out. The standard's
/// 7 bits with even parity are 8 bits without on the line, the parity worked out here: drivers and pseudo-terminals that know only 8 bits do.
/// </summary>
public sealed class ModeEOpening
{
    private const int IdentificationLengthMax = 128;
    private const int DeviceAddressLengthMax = 32;
    private const byte Acknowledge = 0x06;

    private static readonly SerialLine SignOnLine = new(300, 8, LineParity.None, 1);
    private static readonly int[] Bauds = [300, 600, 1200, 2400, 4800, 9600, 19200];
    private static readonly TimeSpan Reaction = TimeSpan.FromMilliseconds(200), Silence = TimeSpan.FromSeconds(2);

    private enum State
    {
        Idle,
        AwaitingIdentification,
        AwaitingConfirmation,
        Ended,
    }

    private readonly byte[] _signOn;
    private readonly int _baudMax;
    private readonly List<byte> _received = [];
    private State _state;
    private byte[] _acknowledgement = [];
    private int _baud;
    private bool _hasEcho;

    /// <param name="deviceAddress">Of one meter among several on the line, up to 32 letters, digits and blanks; empty for any.</param>
    /// <param name="baudMax">Highest speed that is taken, where the port or the probe allows less than the meter offers.</param>
    public ModeEOpening(string deviceAddress = "", int baudMax = 19200)
    {
        ArgumentNullException.ThrowIfNull(deviceAddress);
        ArgumentOutOfRangeException.ThrowIfLessThan(baudMax, Bauds[0]);
        if (deviceAddress.Length > DeviceAddressLengthMax || !deviceAddress.All(c => char.IsAsciiLetterOrDigit(c) || c == ' '))
            throw new ArgumentException($"a device address has up to {DeviceAddressLengthMax} letters, digits and blanks", nameof(deviceAddress));
        _signOn = WithParity(Encoding.ASCII.GetBytes($"/?{deviceAddress}!\r\n"));
        _baudMax = baudMax;
    }

    /// <summary>What the meter calls itself, once it said it: maker, speed, options and type.</summary>
    public string Identification { get; private set; } = "";

    /// <summary>Begins: sign-on.</summary>
    public ModeEStep Start()
    {
        _state = State.AwaitingIdentification;
        _received.Clear();
        _hasEcho = false;
        return new(ModeEStatus.Pending, SignOnLine, TimeSpan.Zero, _signOn, Silence, null);
    }

    /// <summary>Takes in what came; the octets' parity bit is not looked at.</summary>
    public ModeEStep Received(ReadOnlySpan<byte> octets)
    {
        foreach (byte octet in octets)
        {
            if (_received.Count < IdentificationLengthMax) _received.Add((byte)(octet & 0x7F));
        }
        return _state switch
        {
            State.AwaitingIdentification => TakeIdentification(),
            State.AwaitingConfirmation => TakeConfirmation(),
            _ => Wait(),
        };
    }

    /// <summary>Nothing came for as long as the step allows. A meter that does not confirm has been seen to go on: so do we.</summary>
    public ModeEStep TimedOut() => _state switch
    {
        State.AwaitingConfirmation when _received.Count == 0 || _hasEcho => Finish(),
        State.AwaitingConfirmation => Fail($"the meter answered the option select with {Hex()}: expected the same back"),
        _ => Fail(_received.Count == 0 ? "the meter did not answer the sign-on" : $"the meter answered the sign-on with {Hex()}: expected an identification that ends in CR LF"),
    };

    private ModeEStep TakeIdentification()
    {
        int end = EndOfLine();
        if (end < 0) return _received.Count == IdentificationLengthMax ? Fail($"an identification of more than {IdentificationLengthMax} octets") : Wait();
        string line = Encoding.ASCII.GetString([.. _received.Take(end)]);
        _received.RemoveRange(0, end + 2);
        int slash = line.LastIndexOf('/');
        if (slash < 0) return TakeIdentification(); // noise
        line = line[slash..];
        if (line.StartsWith("/?", StringComparison.Ordinal))
        {
            _hasEcho = true; // the probe gives our own back
            return TakeIdentification();
        }
        Identification = line[1..];
        if (line.Length < 5) return Fail($"the identification '{line}' is too short: expected a slash, three letters and a speed");
        int speed = line[4] - '0';
        if (speed is < 0 or > 6) return Fail($"the identification '{line}' offers the speed '{line[4]}': expected 0 to 6, as modes C and E have");
        if (!OffersHdlc(line)) return Fail($"the identification '{line}' does not offer HDLC: expected \\2 behind the speed (mode E)");
        while (Bauds[speed] > _baudMax) speed--;
        _baud = Bauds[speed];
        _acknowledgement = [Acknowledge, (byte)'2', (byte)('0' + speed), (byte)'2', (byte)'\r', (byte)'\n'];
        _state = State.AwaitingConfirmation;
        _received.Clear();
        return new(ModeEStatus.Pending, null, Reaction, WithParity(_acknowledgement), Silence, null);
    }

    private ModeEStep TakeConfirmation()
    {
        int expected = _hasEcho ? 2 * _acknowledgement.Length : _acknowledgement.Length;
        for (int index = 0; index < Math.Min(_received.Count, expected); index++)
        {
            if (_received[index] != _acknowledgement[index % _acknowledgement.Length])
                return Fail($"the meter answered the option select with {Hex()}: expected the same back");
        }
        return _received.Count >= expected ? Finish() : Wait();
    }

    // Escape pairs follow the speed; those of mode E name a protocol, 2 is HDLC.
    private static bool OffersHdlc(string line)
    {
        for (int index = 5; index + 1 < line.Length && line[index] == '\\'; index += 2)
        {
            if (line[index + 1] == '2') return true;
        }
        return false;
    }

    private int EndOfLine()
    {
        for (int index = 0; index + 1 < _received.Count; index++)
        {
            if (_received[index] == '\r' && _received[index + 1] == '\n') return index;
        }
        return -1;
    }

    private static byte[] WithParity(byte[] octets) =>
        [.. octets.Select(octet => (byte)(octet | (int.IsOddInteger(BitOperations.PopCount(octet)) ? 0x80 : 0)))];

    private string Hex() => Convert.ToHexString([.. _received.Take(24)]);

    private ModeEStep Finish()
    {
        _state = State.Ended;
        return new(ModeEStatus.Done, new SerialLine(_baud, 8, LineParity.None, 1), Reaction, default, default, null);
    }

    private ModeEStep Fail(string error)
    {
        _state = State.Ended;
        return new(ModeEStatus.Failed, null, default, default, default, error);
    }

    private static ModeEStep Wait() => new(ModeEStatus.Pending, null, TimeSpan.Zero, default, Silence, null);
}
