using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// RegisterTable, class_id 61, version 0 (IEC 62056-6-2): one attribute of a row of objects that differ in value group E alone, captured
/// together, as of harmonics.
/// </summary>
public sealed class RegisterTable
{
    private CosemData _values = CosemData.Array();
    private CosemData _definition = CosemData.Structure(CosemData.LongUnsigned(3), CosemData.LogicalName(default), CosemData.Array(), CosemData.Integer(2));
    private CosemData _scalerUnit = CosemData.Of(new ScalerUnit(0, Unit.Count));

    public static CosemClass<RegisterTable> Table { get; } = new(61, 0, "RegisterTable",
        [
            new(2, "table_cell_values", "array[120] of any", (t, _) => t._values),
            new(3, "table_cell_definition", "{ class_id: long-unsigned, logical_name: logical-name, group_E_values: array[120] of unsigned, attribute_index: integer }",
                (t, _) => t._definition, (t, _, v) => t.Define(v), IsStatic: true),
            new(4, "scaler_unit", "scaler-unit", (t, _) => t._scalerUnit, (t, _, v) => t.SetScaler(v), IsStatic: true),
        ],
        [
            new(1, "reset", (RegisterTable t, CosemContext _, CosemData _, out CosemData r) => t.Reset(out r), "integer"),
            new(2, "capture", (RegisterTable t, CosemContext c, CosemData _, out CosemData r) => t.Capture(c, out r), "integer"),
        ]);

    /// <summary>Says which objects' attribute is captured. Values that were captured by another definition are dropped.</summary>
    public void Define(ushort classId, ObisCode name, sbyte attribute, params byte[] groupE)
    {
        ArgumentNullException.ThrowIfNull(groupE);
        Define(CosemData.Structure(CosemData.LongUnsigned(classId), CosemData.LogicalName(name), CosemData.Array([.. groupE.Select(CosemData.Unsigned)]),
            CosemData.Integer(attribute)));
    }

    /// <summary>Reads all cells; one that cannot be read, or is too long for a cell, is null-data.</summary>
    public void Capture(CosemContext context)
    {
        ObisCode name = _definition[1].ToName();
        ReadOnlySpan<CosemData> groups = _definition[2].Items;
        var cells = new CosemData[groups.Length];
        for (int i = 0; i < cells.Length; i++)
        {
            var cell = new ObisCode(name.A, name.B, name.C, name.D, (byte)groups[i].ToNumber(), name.F);
            CosemAccess.Read(context, new((ushort)_definition[0].ToNumber(), cell, (sbyte)_definition[3].ToNumber()), 0, out CosemData value);
            cells[i] = DataShape.Any.Accepts(value) ? value : default;
        }
        _values = CosemData.Array(cells);
    }

    private DataAccessResult Define(in CosemData definition)
    {
        (_definition, _values) = (definition, CosemData.Array());
        return DataAccessResult.Success;
    }

    private DataAccessResult SetScaler(in CosemData value)
    {
        _scalerUnit = value;
        return DataAccessResult.Success;
    }

    private ActionResult Reset(out CosemData returned)
    {
        (returned, _values) = (default, CosemData.Array());
        return ActionResult.Success;
    }

    private ActionResult Capture(CosemContext context, out CosemData returned)
    {
        returned = default;
        Capture(context);
        return ActionResult.Success;
    }
}
