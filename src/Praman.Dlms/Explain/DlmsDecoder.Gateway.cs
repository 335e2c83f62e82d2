using System.Globalization;
using System.Text.Json.Nodes;
using Praman.Dlms.Framing;
using Praman.Metering;

namespace Praman.Dlms.Explain;

// Meters behind a gateway: each has its own conversation within the one with the gateway.
public sealed partial class DlmsDecoder
{
    private const int MetersMax = 64;

    private readonly Dictionary<GatewayAddress, DlmsDecoder> _meters = [];

    private bool TryAddGateway(DlmsDocument document, ReadOnlyMemory<byte> bytes, int origin, string? of, out DecodeError error)
    {
        if (!GatewayHeader.TryRead(bytes.Span, out GatewayHeader header, out error))
        {
            if (of is null) error = error with { Offset = error.Offset + origin };
            return false;
        }
        GatewayAddress meter = header.Address;
        document.Content["gateway"] = new JsonObject
        {
            ["header"] = bytes.Span[0], ["networkId"] = meter.Network, ["physicalDeviceAddress"] = Convert.ToHexString(meter.Physical.Span),
        };
        string way = header.IsResponse ? "an answer of a meter behind the gateway" : "to or from a meter behind the gateway";
        var node = ExplainNode.Over(bytes.Span[..header.Length], origin, of, "gateway header", way, GatewayHeader.Clause);
        document.Root.Add(node);
        var cursor = new ExplainCursor(bytes[..header.Length], node, origin, of);
        cursor.Take(1, "header", header.IsResponse ? "E7: a response" : "E6: a request, or what a meter sends unasked", GatewayHeader.Clause);
        cursor.Take(1, "network id", string.Create(CultureInfo.InvariantCulture, $"network {meter.Network} of the gateway"), GatewayHeader.Clause);
        cursor.Take(1, "address length", string.Create(CultureInfo.InvariantCulture, $"{meter.Physical.Length} octets"), GatewayHeader.Clause);
        cursor.Take(meter.Physical.Length, "physical device address", $"meter {meter}", GatewayHeader.Clause);
        if (!_meters.TryGetValue(meter, out DlmsDecoder? conversation))
        {
            if (_meters.Count == MetersMax) _meters.Clear();
            _meters[meter] = conversation = new DlmsDecoder(_keys);
        }
        ReadOnlyMemory<byte> rest = bytes[header.Length..];
        bool decoded = !GatewayHeader.Stands(rest.Span) ? conversation.TryAddApdu(document, rest, origin + header.Length, of, out error)
            : Fail(of is null ? origin + header.Length : 0, "a gateway header behind a gateway header: expected an APDU", GatewayHeader.Clause, out error);
        if (!decoded && of is not null) error = error with { Offset = error.Offset + header.Length };
        return decoded;
    }
}
