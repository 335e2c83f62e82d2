using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Metering;

namespace Praman.Dlms.Push;

/// <summary>How a push came.</summary>
public enum PushCarrier
{
    /// <summary>A bare APDU in a datagram.</summary>
    Bare,

    /// <summary>The wrapper of TCP and UDP.</summary>
    Wrapper,

    /// <summary>HDLC frames.</summary>
    Hdlc,

    /// <summary>Wired M-Bus long frames.</summary>
    MBus,
}

/// <summary>Why a push cannot be used.</summary>
public enum PushFault
{
    None = 0,

    /// <summary>Its octets cannot be read.</summary>
    Malformed,

    /// <summary>The key that it needs is not here.</summary>
    MissingKey,

    /// <summary>It does not verify: wrong key, altered, repeated, or protected less than asked.</summary>
    NotAuthentic,

    /// <summary>It is an APDU that nobody pushes.</summary>
    Unexpected,
}

/// <summary>A value of a push, with the object that it belongs to where the push or its template says.</summary>
/// <param name="Attribute">The attribute; null where nothing says. Its class is 0 where only the logical name is known.</param>
/// <param name="Value">The value.</param>
/// <param name="ScalerUnit">Scaler and unit, where they stand beside it.</param>
public sealed record PushedValue(AttributeDescriptor? Attribute, CosemData Value, ScalerUnit? ScalerUnit = null);

/// <summary>One push: what it said, or why it cannot be used.</summary>
public sealed record PushMessage(PushCarrier Carrier)
{
    /// <summary>The notification; null where there is a fault.</summary>
    public Apdu? Apdu { get; init; }

    /// <summary>Who sent it, where it says or the host knew: eight octets; else empty.</summary>
    public ReadOnlyMemory<byte> SystemTitle { get; init; }

    /// <summary>The meter as the gateway names it that passed the push on; null where none did.</summary>
    public GatewayAddress? Gateway { get; init; }

    /// <summary>True where its authentication tag or signature verified.</summary>
    public bool IsAuthenticated { get; init; }

    /// <summary>When the meter made it; null where it does not say.</summary>
    public CosemDateTime? Time { get; init; }

    /// <summary>What it carries, object by object.</summary>
    public IReadOnlyList<PushedValue> Values { get; init; } = [];

    public PushFault Fault { get; init; }

    /// <summary>True where it was refused because its invocation counter was used before: a repetition.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>The fault in words; empty where there is none.</summary>
    public string FaultText { get; init; } = "";

    /// <summary>Where its octets are wrong.</summary>
    public DecodeError? Decode { get; init; }

    /// <summary>Ports of the wrapper: of the meter, and of the client that it pushes to.</summary>
    public ushort Source { get; init; }

    public ushort Destination { get; init; }
}
