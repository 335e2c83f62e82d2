using System.Buffers.Binary;
using System.Net;

namespace Praman.Testing;

/// <summary>The four forms of pcap, and pcapng in both byte orders.</summary>
public enum CaptureForm
{
    PcapMicroLittle, PcapMicroBig, PcapNanoLittle, PcapNanoBig, NgLittle, NgBig,
}

/// <summary>Makes capture files octet by octet.</summary>
internal sealed class CaptureBuilder
{
    public const int Ethernet = 1, Null = 0, Raw = 101, Loop = 108, LinuxCooked = 113, LinuxCooked2 = 276;

    private readonly CaptureForm _form;
    private readonly int _linkType;
    private readonly List<byte> _file = [];
    private readonly bool _big;

    public CaptureBuilder(CaptureForm form = CaptureForm.PcapMicroLittle, int linkType = Ethernet)
    {
        (_form, _linkType) = (form, linkType);
        _big = form is CaptureForm.PcapMicroBig or CaptureForm.PcapNanoBig or CaptureForm.NgBig;
        if (IsNg)
        {
            Block(0x0A0D0D0A, [.. U32(0x1A2B3C4D), .. U16(1), .. U16(0), .. U32(0xFFFFFFFF), .. U32(0xFFFFFFFF)]);
            // Time resolution of nanoseconds: option 9, one octet.
            Block(1, [.. U16((ushort)linkType), .. U16(0), .. U32(0), .. U16(9), .. U16(1), 9, 0, 0, 0, .. U16(0), .. U16(0)]);
            return;
        }
        bool nano = form is CaptureForm.PcapNanoLittle or CaptureForm.PcapNanoBig;
        _file.AddRange([.. U32(nano ? 0xA1B23C4D : 0xA1B2C3D4), .. U16(2), .. U16(4), .. U32(0), .. U32(0), .. U32(0xFFFF), .. U32((uint)linkType)]);
    }

    private bool IsNg => _form is CaptureForm.NgLittle or CaptureForm.NgBig;

    public byte[] File => [.. _file];

    /// <summary>Microseconds after 2026-01-02T03:04:05Z of the next packet; each takes one more millisecond.</summary>
    public long Microseconds { get; set; }

    public CaptureBuilder Packet(byte[] octets, int? originalLength = null)
    {
        long nanoseconds = 1_767_323_045L * 1_000_000_000 + Microseconds * 1000;
        Microseconds += 1000;
        uint original = (uint)(originalLength ?? octets.Length);
        if (IsNg) Block(6, [.. U32(0), .. U32((uint)(nanoseconds >> 32)), .. U32((uint)nanoseconds), .. U32((uint)octets.Length), .. U32(original), .. Padded(octets)]);
        else
        {
            bool nano = _form is CaptureForm.PcapNanoLittle or CaptureForm.PcapNanoBig;
            uint fraction = (uint)(nanoseconds % 1_000_000_000 / (nano ? 1 : 1000));
            _file.AddRange([.. U32((uint)(nanoseconds / 1_000_000_000)), .. U32(fraction), .. U32((uint)octets.Length), .. U32(original), .. octets]);
        }
        return this;
    }

    public CaptureBuilder Tcp(string from, string to, uint sequence, byte[] payload, byte flags = 0x10, uint acknowledged = 0) =>
        Packet(Link(Ip(from, to, 6, [.. Big16(Port(from)), .. Big16(Port(to)), .. Big32(sequence), .. Big32(acknowledged), 0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0, .. payload]), from));

    public CaptureBuilder Udp(string from, string to, byte[] payload) =>
        Packet(Link(Ip(from, to, 17, [.. Big16(Port(from)), .. Big16(Port(to)), .. Big16((ushort)(8 + payload.Length)), 0, 0, .. payload]), from));

    public void Block(uint type, byte[] body)
    {
        byte[] padded = Padded(body);
        _file.AddRange([.. U32(type), .. U32((uint)padded.Length + 12), .. padded, .. U32((uint)padded.Length + 12)]);
    }

    /// <summary>An IP datagram, version 4 or 6 by the addresses.</summary>
    public static byte[] Ip(string from, string to, byte protocol, byte[] transport)
    {
        byte[] source = IPEndPoint.Parse(from).Address.GetAddressBytes(), destination = IPEndPoint.Parse(to).Address.GetAddressBytes();
        return source.Length == 4
            ? [0x45, 0, .. Big16((ushort)(20 + transport.Length)), 0, 1, 0x40, 0, 64, protocol, 0, 0, .. source, .. destination, .. transport]
            : [0x60, 0, 0, 0, .. Big16((ushort)transport.Length), protocol, 64, .. source, .. destination, .. transport];
    }

    private byte[] Link(byte[] ip, string from)
    {
        bool six = IPEndPoint.Parse(from).Address.GetAddressBytes().Length == 16;
        byte[] type = six ? [0x86, 0xDD] : [0x08, 0x00];
        return _linkType switch
        {
            Ethernet => [.. new byte[12], .. type, .. ip, .. new byte[Math.Max(0, 46 - ip.Length)]], // padded to the least frame
            LinuxCooked => [0, 0, 0, 1, 0, 6, .. new byte[8], .. type, .. ip],
            LinuxCooked2 => [.. type, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, .. new byte[8], .. ip],
            Null => [.. U32(six ? 30u : 2u), .. ip],
            Loop => [0, 0, 0, six ? (byte)30 : (byte)2, .. ip],
            _ => ip,
        };
    }

    private static ushort Port(string endpoint) => (ushort)IPEndPoint.Parse(endpoint).Port;

    private static byte[] Padded(byte[] octets) => [.. octets, .. new byte[(4 - octets.Length % 4) % 4]];

    private byte[] U16(ushort value) => _big ? Big16(value) : [(byte)value, (byte)(value >> 8)];

    private byte[] U32(uint value) => _big ? Big32(value) : [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];

    private static byte[] Big16(ushort value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Big32(uint value)
    {
        byte[] octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        return octets;
    }
}
