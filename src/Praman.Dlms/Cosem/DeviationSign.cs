namespace Praman.Dlms.Cosem;

/// <summary>How the deviation octets of a meter's date-times are meant. IEC 62056-6-2 counts minutes from local time to UTC; Indian meters send the reverse.</summary>
public enum DeviationSign : byte
{
    /// <summary>Where the magnitude is that of the expected offset, either sign means that offset; otherwise as in the standard.</summary>
    Auto,

    /// <summary>As in the standard: UTC = local time + deviation (India: −330).</summary>
    Standard,

    /// <summary>The reverse: UTC = local time − deviation (India: +330).</summary>
    Reversed,
}
