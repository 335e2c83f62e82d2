using Praman.Dlms.Axdr;

namespace Praman.Dlms;

/// <summary>Services that an association may use: 24 bits, the first the highest (IEC 62056-5-3, Conformance).</summary>
[Flags]
public enum Conformance
{
    None = 0,
    ReservedZero = 1 << 23,
    GeneralProtection = 1 << 22,
    GeneralBlockTransfer = 1 << 21,
    Read = 1 << 20,
    Write = 1 << 19,
    UnconfirmedWrite = 1 << 18,
    DeltaValueEncoding = 1 << 17,
    ReservedSeven = 1 << 16,
    Attribute0SupportedWithSet = 1 << 15,
    PriorityMgmtSupported = 1 << 14,
    Attribute0SupportedWithGet = 1 << 13,
    BlockTransferWithGetOrRead = 1 << 12,
    BlockTransferWithSetOrWrite = 1 << 11,
    BlockTransferWithAction = 1 << 10,
    MultipleReferences = 1 << 9,
    InformationReport = 1 << 8,
    DataNotification = 1 << 7,
    Access = 1 << 6,
    ParameterizedAccess = 1 << 5,
    Get = 1 << 4,
    Set = 1 << 3,
    SelectiveAccess = 1 << 2,
    EventNotification = 1 << 1,
    Action = 1 << 0,
}

/// <summary>Names of the conformance bits, and the block that carries them.</summary>
public static class ConformanceBlock
{
    private static readonly string[] BitNames =
    [
        "reserved-zero", "general-protection", "general-block-transfer", "read", "write", "unconfirmed-write", "delta-value-encoding", "reserved-seven",
        "attribute0-supported-with-set", "priority-mgmt-supported", "attribute0-supported-with-get", "block-transfer-with-get-or-read",
        "block-transfer-with-set-or-write", "block-transfer-with-action", "multiple-references", "information-report", "data-notification", "access",
        "parameterized-access", "get", "set", "selective-access", "event-notification", "action",
    ];

    /// <summary>Names of the bits that are set, in the order of the bits, in the standard's own spelling.</summary>
    public static IEnumerable<string> Names(this Conformance conformance)
    {
        for (int bit = 0; bit < BitNames.Length; bit++)
        {
            if (((int)conformance & (1 << (23 - bit))) != 0) yield return BitNames[bit];
        }
    }

    /// <summary>Reads tag 0x5F1F (or 0x5F, as old implementations send it), length 4, unused bits 0 and three octets.</summary>
    internal static bool TryRead(ref AxdrReader reader, out Conformance conformance)
    {
        conformance = Conformance.None;
        int start = reader.Position;
        if (!reader.TryReadByte(out byte tag)) return false;
        if (reader.TryPeekByte(out byte second) && second == 0x1F) reader.TrySkip(1);
        if (!reader.TryReadByte(out byte length) || !reader.TryReadByte(out byte unused)) return false;
        if (tag != 0x5F || length != 4 || unused != 0)
            return reader.FailAt(start, "no conformance block: expected 5F 1F 04 00 and three octets", "IEC 62056-5-3 (Conformance)");
        if (!reader.TryReadBytes(3, out ReadOnlySpan<byte> octets)) return false;
        conformance = (Conformance)((octets[0] << 16) | (octets[1] << 8) | octets[2]);
        return true;
    }

    internal static void Write(ref AxdrWriter writer, Conformance conformance)
    {
        writer.WriteUInt16(0x5F1F);
        writer.WriteByte(4);
        writer.WriteUInt32((uint)conformance & 0xFFFFFF); // the leading octet is the count of unused bits, 0
    }
}
