using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>A gateway before two meters, called by anybody: with headers of its meters, of none, and broken ones.</summary>
internal sealed class GatewayTarget() : FuzzTarget("gateway")
{
    private static readonly GatewayAddress[] Meters = [new(0, "PEE1"u8), new(1, "PEE2"u8)];

    private readonly TestDevice[] _devices = [new(), new()];
    private readonly byte[] _frame = new byte[WrapperHeader.Length + GatewayHeader.FixedLength + 4 + FuzzMutator.GrownLengthMax + 256];
    private DlmsGateway? _gateway;

    public override int SessionLength => 64;

    public override bool OffsetIsOfInput => false;

    public override int AllocatedConstant => 1 << 17;

    // First how the rest is put on the wire, then the APDU.
    public override IEnumerable<byte[]> Seeds()
    {
        using var server = new ServerTarget();
        foreach (byte[] seed in server.Seeds().Where(seed => seed[0] == 1))
        {
            yield return [1, .. seed.AsSpan(1)];
            yield return [2, .. seed.AsSpan(1)];
            yield return [3, 0xE6, 0, 4, .. "PEE1"u8, .. seed.AsSpan(1)];
        }
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty) return FuzzOutcome.Read(0);
        int mode = input.Span[0] & 3;
        ReadOnlySpan<byte> apdu = input.Span[1..];
        ReadOnlySpan<byte> octets = apdu;
        if (mode != 0)
        {
            GatewayAddress? meter = mode == 3 ? null : Meters[mode - 1];
            int head = meter is null ? 0 : GatewayHeader.LengthOf(meter), length = Math.Min(head + apdu.Length, WrapperHeader.ApduLengthMax);
            new WrapperHeader(16, 1, (ushort)length).Write(_frame);
            if (meter is not null) GatewayHeader.Write(_frame.AsSpan(WrapperHeader.Length), meter, isResponse: false);
            apdu[..(length - head)].CopyTo(_frame.AsSpan(WrapperHeader.Length + head));
            octets = _frame.AsSpan(0, WrapperHeader.Length + length);
        }
        ReadOnlySpan<byte> answer = _gateway!.Receive(octets, ServerTarget.Now).Span;
        int shape = (mode << 28) | (_gateway.StationCount << 24) | Math.Min(answer.Length / 32, 255);
        if (answer.Length > WrapperHeader.Length + 8) shape |= (answer[WrapperHeader.Length + 7] << 16) | (answer[WrapperHeader.Length + 8] << 8);
        if (_gateway.IsClosed) Begin();
        return FuzzOutcome.Read(shape);
    }

    public override void Restart(FuzzRandom random) => Begin();

    protected override void Close() => _gateway?.Dispose();

    private void Begin()
    {
        _gateway?.Dispose();
        _gateway = new DlmsGateway((_, address) => Array.FindIndex(Meters, meter => meter.Equals(address)) is var index && index < 0 ? null : new DlmsServerAssociation(_devices[index]));
    }
}
