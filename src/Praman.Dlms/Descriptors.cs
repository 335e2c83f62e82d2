using Praman.Metering;

namespace Praman.Dlms;

/// <summary>Names an attribute of a COSEM object by class, logical name and attribute id (IEC 62056-5-3, Cosem-Attribute-Descriptor).</summary>
public readonly record struct AttributeDescriptor(ushort ClassId, ObisCode LogicalName, sbyte AttributeId)
{
    /// <summary>Octets of a descriptor.</summary>
    public const int Length = 9;
}

/// <summary>Names a method of a COSEM object by class, logical name and method id (IEC 62056-5-3, Cosem-Method-Descriptor).</summary>
public readonly record struct MethodDescriptor(ushort ClassId, ObisCode LogicalName, sbyte MethodId);

/// <summary>An attribute and the part of it that is asked for.</summary>
public readonly record struct AttributeSelection(AttributeDescriptor Attribute, SelectiveAccess? Access = null);

/// <summary>Invoke-id (bits 0 to 3), service class confirmed (bit 6) and priority high (bit 7) of a service (IEC 62056-5-3).</summary>
public readonly record struct InvokeIdAndPriority(byte Octet)
{
    public InvokeIdAndPriority(int invokeId, bool confirmed = true, bool highPriority = true)
        : this((byte)((invokeId & 0x0F) | (confirmed ? 0x40 : 0) | (highPriority ? 0x80 : 0))) { }

    public int InvokeId => Octet & 0x0F;

    public bool IsConfirmed => (Octet & 0x40) != 0;

    public bool IsHighPriority => (Octet & 0x80) != 0;
}

/// <summary>
/// Invoke-id (bits 0 to 23), self-descriptive (bit 28), break on error (bit 29), service class confirmed (bit 30) and priority high (bit 31)
/// of ACCESS and DataNotification (IEC 62056-5-3, Long-Invoke-Id-And-Priority).
/// </summary>
public readonly record struct LongInvokeId(uint Octets)
{
    public const uint IdMax = 0xFF_FFFF;

    public LongInvokeId(uint invokeId, bool confirmed, bool breakOnError = false, bool selfDescriptive = false, bool highPriority = true)
        : this((invokeId & IdMax) | (selfDescriptive ? 1u << 28 : 0) | (breakOnError ? 1u << 29 : 0) | (confirmed ? 1u << 30 : 0) | (highPriority ? 1u << 31 : 0)) { }

    public uint InvokeId => Octets & IdMax;

    /// <summary>True where the answer is to repeat what was asked.</summary>
    public bool IsSelfDescriptive => (Octets & (1u << 28)) != 0;

    /// <summary>True where the server stops at the first element that fails.</summary>
    public bool BreaksOnError => (Octets & (1u << 29)) != 0;

    public bool IsConfirmed => (Octets & (1u << 30)) != 0;

    public bool IsHighPriority => (Octets & (1u << 31)) != 0;
}
