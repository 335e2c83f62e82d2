using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// UtilityTables, class_id 26, version 0 (IEC 62056-6-2): a table of ANSI C12.19 as octets. Selector 1 takes octets from an offset; selector 2,
/// elements by their place in the table's definition, which stands outside DLMS, is refused.
/// </summary>
public sealed class UtilityTable(ushort tableId, ReadOnlyMemory<byte> buffer = default)
{
    private const byte OffsetSelector = 1;

    private static readonly DataShape OffsetRange = "{ offset: double-long-unsigned, count: long-unsigned }";

    private ReadOnlyMemory<byte> _buffer = buffer;

    public static CosemClass<UtilityTable> Table { get; } = new(26, 0, "UtilityTables",
        [
            new(2, "table_ID", "long-unsigned", (t, _) => CosemData.LongUnsigned(t.TableId), IsStatic: true),
            new(3, "length", "double-long-unsigned", (t, _) => CosemData.DoubleLongUnsigned((uint)t._buffer.Length)),
            new(4, "buffer", "octet-string[0..4096]", null, (t, _, v) => t.Set(v), Stream: Write, HasSelectiveAccess: true),
        ],
        []);

    public ushort TableId { get; } = tableId;

    /// <summary>The table's octets.</summary>
    public ReadOnlyMemory<byte> Buffer => _buffer;

    private static DataAccessResult Write(UtilityTable table, CosemContext context, SelectiveAccess? selection, ref AxdrWriter writer)
    {
        ReadOnlySpan<byte> octets = table._buffer.Span;
        if (selection is not null)
        {
            if (selection.Selector != OffsetSelector) return DataAccessResult.ScopeOfAccessViolated;
            if (!OffsetRange.Accepts(selection.Parameters)) return DataAccessResult.TypeUnmatched;
            long offset = selection.Parameters[0].ToNumber(), count = selection.Parameters[1].ToNumber();
            if (offset > octets.Length || count > octets.Length - offset) return DataAccessResult.ScopeOfAccessViolated;
            octets = octets.Slice((int)offset, (int)count);
        }
        writer.WriteOctetString(octets);
        return DataAccessResult.Success;
    }

    private DataAccessResult Set(in CosemData value)
    {
        _buffer = value.OctetSpan.ToArray();
        return DataAccessResult.Success;
    }
}
