using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Explain;

// Rows of profiles: once the capture objects of a profile have passed by, its rows are told by their columns.
public sealed partial class DlmsDecoder
{
    private const int ProfileClass = 7, RowsAttribute = 2, CaptureObjectsAttribute = 3;
    private const int ProfilesMax = 1024;

    private readonly Dictionary<(string Place, ObisCode Profile), CaptureObject[]> _columns = [];

    // A range or entries of all columns: rows of some columns only are not told by all.
    private static bool AsksForWholeRows(GetRequestNormal get) =>
        get is { Attribute: { ClassId: ProfileClass, AttributeId: RowsAttribute }, Access: { } access }
        && (access.TryGetRange(out _, out _, out _, out CosemData some) ? some.Count == 0 : access.TryGetEntry(out _, out _, out ushort first, out ushort last) && first == 1 && last == 0);

    private void TakeProfile(DlmsDocument document, AttributeDescriptor asked, in CosemData data)
    {
        var profile = (_place, asked.LogicalName);
        if (asked.AttributeId == CaptureObjectsAttribute && CaptureObject.TryFromArray(data, out CaptureObject[]? captures))
        {
            if (_columns.Count == ProfilesMax) _columns.Clear();
            _columns[profile] = captures;
        }
        else if (asked.AttributeId == RowsAttribute && _columns.TryGetValue(profile, out captures) && RowColumns.Fit(data, captures.Length))
        {
            document.Content["columns"] = RowColumns.ToJson(captures);
        }
    }
}
