using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>InitiateRequest: what a client proposes for the association; stands in the user information of an AARQ (IEC 62056-5-3).</summary>
public sealed record InitiateRequest(Conformance Conformance, ushort MaxReceivePduSize) : Apdu
{
    public const byte Tag = 0x01;

    internal const string Clause = "IEC 62056-5-3 (InitiateRequest)";

    /// <summary>A key for this association only; null where none is sent.</summary>
    public ReadOnlyMemory<byte>? DedicatedKey { get; init; }

    public bool ResponseAllowed { get; init; } = true;

    public sbyte? QualityOfService { get; init; }

    public byte DlmsVersion { get; init; } = 6;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteBoolean(DedicatedKey is not null);
        if (DedicatedKey is { } key) writer.WriteOctets(key.Span);
        writer.WriteBoolean(!ResponseAllowed); // present only where it differs from its default, true
        if (!ResponseAllowed) writer.WriteBoolean(false);
        writer.WriteBoolean(QualityOfService is not null);
        if (QualityOfService is { } quality) writer.WriteByte((byte)quality);
        writer.WriteByte(DlmsVersion);
        ConformanceBlock.Write(ref writer, Conformance);
        writer.WriteUInt16(MaxReceivePduSize);
    }

    internal static InitiateRequest? Read(ref AxdrReader reader)
    {
        ReadOnlyMemory<byte>? key = null;
        if (!reader.TryReadBoolean(out bool hasKey)) return null;
        if (hasKey)
        {
            if (!ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> octets)) return null;
            key = octets;
        }
        bool allowed = true;
        if (!reader.TryReadBoolean(out bool hasAllowed) || (hasAllowed && !reader.TryReadBoolean(out allowed))) return null;
        byte quality = 0;
        if (!reader.TryReadBoolean(out bool hasQuality) || (hasQuality && !reader.TryReadByte(out quality))) return null;
        if (!reader.TryReadByte(out byte version) || !ConformanceBlock.TryRead(ref reader, out Conformance conformance) || !reader.TryReadUInt16(out ushort size))
            return null;
        return new(conformance, size) { DedicatedKey = key, ResponseAllowed = allowed, QualityOfService = hasQuality ? (sbyte)quality : null, DlmsVersion = version };
    }
}

/// <summary>InitiateResponse: what a server grants; stands in the user information of an AARE (IEC 62056-5-3).</summary>
public sealed record InitiateResponse(Conformance Conformance, ushort MaxReceivePduSize) : Apdu
{
    public const byte Tag = 0x08;

    /// <summary>VAA name of associations by logical name.</summary>
    public const ushort LogicalNameVaa = 0x0007;

    public sbyte? QualityOfService { get; init; }

    public byte DlmsVersion { get; init; } = 6;

    public ushort VaaName { get; init; } = LogicalNameVaa;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteBoolean(QualityOfService is not null);
        if (QualityOfService is { } quality) writer.WriteByte((byte)quality);
        writer.WriteByte(DlmsVersion);
        ConformanceBlock.Write(ref writer, Conformance);
        writer.WriteUInt16(MaxReceivePduSize);
        writer.WriteUInt16(VaaName);
    }

    internal static InitiateResponse? Read(ref AxdrReader reader)
    {
        byte quality = 0;
        if (!reader.TryReadBoolean(out bool hasQuality) || (hasQuality && !reader.TryReadByte(out quality))) return null;
        if (!reader.TryReadByte(out byte version) || !ConformanceBlock.TryRead(ref reader, out Conformance conformance)
            || !reader.TryReadUInt16(out ushort size) || !reader.TryReadUInt16(out ushort vaa)) return null;
        return new(conformance, size) { QualityOfService = hasQuality ? (sbyte)quality : null, DlmsVersion = version, VaaName = vaa };
    }
}
