namespace Praman.Dlms.Cosem;

/// <summary>How a device writes the buffer of a profile (IEC 62056-6-2, class 7, buffer).</summary>
public enum ProfileEncoding
{
    /// <summary>An array of rows, each value with its type.</summary>
    Plain,

    /// <summary>null-data for a time that follows by the capture period and for a value that stays; dont-care for one that is missing.</summary>
    NullData,

    /// <summary>As <see cref="NullData"/>, with delta types for values that change little, where the association has delta-value-encoding.</summary>
    Delta,

    /// <summary>A compact-array: the types once, then values only. Rows that are not all of one shape are written plain.</summary>
    CompactArray,
}
