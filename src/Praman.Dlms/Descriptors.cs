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
