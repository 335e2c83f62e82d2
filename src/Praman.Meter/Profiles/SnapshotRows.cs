using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;

namespace Praman.Meter.Profiles;

/// <summary>A profile of one row that shows what its capture objects show now: instantaneous values, name plate, scalers.</summary>
internal sealed class SnapshotRows(IReadOnlyList<CaptureObject> columns) : ProfileRows
{
    private const long OnlyRow = 1;

    public override uint EntryCountMax(CosemContext context) => 1;

    public override RowNumbers Numbers(CosemContext context) => new(OnlyRow, OnlyRow);

    public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to)
    {
        Instant shown = VirtualMeter.Of(context).Clock.Read(context.Now);
        return shown >= from && shown <= to ? new(OnlyRow, OnlyRow) : RowNumbers.None;
    }

    public override void WriteRow(CosemContext context, long number, ProfileColumns chosen, ref AxdrWriter writer)
    {
        writer.WriteStructureHeader(chosen.Count(columns.Count));
        // The profile's own access rights were checked; its columns are read as the device itself reads them.
        AssociationLevel level = context.Level;
        context.Level = AssociationLevel.UtilitySetting;
        for (int i = 0; i < columns.Count; i++)
        {
            if (!chosen.Includes(i)) continue;
            CosemObject? instance = context.Device.Objects.Find(columns[i].LogicalName);
            DataAccessResult result = instance?.Class.Read(instance, columns[i].AttributeId, null, context, ref writer) ?? DataAccessResult.ObjectUndefined;
            if (result != DataAccessResult.Success) writer.WriteNullData();
        }
        context.Level = level;
    }
}
