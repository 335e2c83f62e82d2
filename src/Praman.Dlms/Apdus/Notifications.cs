using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>DataNotification: what a meter pushes (IEC 62056-5-3, DataNotification service).</summary>
/// <param name="LongInvokeIdAndPriority">Invoke-id in bits 0 to 23, flags above.</param>
/// <param name="DateTime">When it was made; null where the meter does not say.</param>
/// <param name="Body">The pushed values.</param>
public sealed record DataNotification(uint LongInvokeIdAndPriority, CosemDateTime? DateTime, CosemData Body) : Apdu
{
    public const byte Tag = 0x0F;

    internal const string Clause = "IEC 62056-5-3 (DataNotification)";

    /// <summary>True where the server waits for a <see cref="DataNotificationConfirm"/>.</summary>
    public bool IsConfirmed => new LongInvokeId(LongInvokeIdAndPriority).IsConfirmed;

    /// <summary>True where the date-time came with the tag of an octet-string before its length, as some meters send it.</summary>
    public bool HasDateTimeTag { get; init; }

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteUInt32(LongInvokeIdAndPriority);
        if (HasDateTimeTag) writer.WriteByte((byte)CosemDataType.OctetString);
        DateTimeField.Write(ref writer, DateTime);
        writer.WriteData(Body);
    }

    internal static DataNotification? Read(ref AxdrReader reader)
    {
        if (!TryReadHead(ref reader, out uint invoke, out CosemDateTime? dateTime, out bool tagged)) return null;
        return reader.TryReadData(out CosemData body) ? new(invoke, dateTime, body) { HasDateTimeTag = tagged } : null;
    }

    /// <summary>Reads all that stands between the tag and the body.</summary>
    internal static bool TryReadHead(ref AxdrReader reader, out uint invoke, out CosemDateTime? dateTime, out bool tagged)
    {
        (dateTime, tagged) = (null, false);
        if (!reader.TryReadUInt32(out invoke)) return false;
        // A length of 9 is no date-time's; followed by 12 it is an octet-string's tag.
        ReadOnlySpan<byte> rest = reader.Rest;
        tagged = rest.Length > 1 && rest[0] == (byte)CosemDataType.OctetString && rest[1] == CosemDateTime.Length;
        if (tagged) reader.TrySkip(1);
        return DateTimeField.TryRead(ref reader, out dateTime);
    }
}

/// <summary>DataNotification-Confirm: a client has taken a confirmed DataNotification in (IEC 62056-5-3, DataNotification service).</summary>
/// <param name="LongInvokeIdAndPriority">As it stood in the DataNotification.</param>
/// <param name="DateTime">When; null where the client does not say.</param>
public sealed record DataNotificationConfirm(uint LongInvokeIdAndPriority, CosemDateTime? DateTime = null) : Apdu
{
    public const byte Tag = 0x10;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteUInt32(LongInvokeIdAndPriority);
        DateTimeField.Write(ref writer, DateTime);
    }

    internal static DataNotificationConfirm? Read(ref AxdrReader reader) =>
        reader.TryReadUInt32(out uint invoke) && DateTimeField.TryRead(ref reader, out CosemDateTime? dateTime) ? new(invoke, dateTime) : null;
}

/// <summary>EventNotification-Request: one attribute, sent unasked (IEC 62056-5-3, EventNotification service).</summary>
public sealed record EventNotification(CosemDateTime? Time, AttributeDescriptor Attribute, CosemData Value) : Apdu
{
    public const byte Tag = 0xC2;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteBoolean(Time is not null);
        if (Time is not null) DateTimeField.Write(ref writer, Time);
        writer.WriteDescriptor(Attribute);
        writer.WriteData(Value);
    }

    internal static EventNotification? Read(ref AxdrReader reader)
    {
        if (!reader.TryReadBoolean(out bool present)) return null;
        CosemDateTime? time = null;
        if (present && !DateTimeField.TryRead(ref reader, out time)) return null;
        return reader.TryReadDescriptor(out AttributeDescriptor attribute) && reader.TryReadData(out CosemData value) ? new(time, attribute, value) : null;
    }
}

/// <summary>A date-time field of an APDU: a length of 0 or 12, and as many octets.</summary>
internal static class DateTimeField
{
    public static bool TryRead(ref AxdrReader reader, out CosemDateTime? value)
    {
        value = null;
        int start = reader.Position;
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> octets)) return false;
        if (octets.IsEmpty) return true;
        if (!CosemDateTime.TryRead(octets, out CosemDateTime read))
            return reader.FailAt(start, $"a date-time of {octets.Length} octets: expected 0 or 12", "IEC 62056-5-3 (date-time)");
        value = read;
        return true;
    }

    public static void Write(ref AxdrWriter writer, CosemDateTime? value)
    {
        if (value is { } known) writer.WriteOctets(known.ToOctets());
        else writer.WriteLength(0);
    }
}
