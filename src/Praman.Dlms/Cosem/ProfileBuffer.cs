using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// Rows that are captured and kept, in any of the six orders (IEC 62056-6-2, class 7, sort_method). In a sorted profile a row whose value is not
/// among the best is dropped as soon as the profile is full. A row's number is its place, so it moves as others come and go.
/// </summary>
public sealed class ProfileBuffer : ProfileRows
{
    /// <summary>Most rows that a buffer may be made for.</summary>
    public const int EntryCountLimit = 100_000;

    private readonly IReadOnlyList<CaptureObject> _captures;
    private readonly ProfileSortMethod _method;
    private readonly int _sortColumn;
    private readonly int _entryCountMax;
    private readonly List<CosemData> _rows = [];

    /// <param name="captures">What a row is captured from.</param>
    /// <param name="entryCountMax">Most rows kept.</param>
    /// <param name="method">The order.</param>
    /// <param name="sortColumn">The column that decides, of a sorted profile.</param>
    public ProfileBuffer(
        IReadOnlyList<CaptureObject> captures, int entryCountMax, ProfileSortMethod method = ProfileSortMethod.FirstInFirstOut, int sortColumn = 0)
    {
        ArgumentNullException.ThrowIfNull(captures);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(entryCountMax - 1), (uint)EntryCountLimit - 1, nameof(entryCountMax));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sortColumn, (uint)Math.Max(1, captures.Count), nameof(sortColumn));
        (_captures, _entryCountMax, _method, _sortColumn) = (captures, entryCountMax, method, sortColumn);
    }

    /// <summary>Seconds between captures; the host calls <see cref="Capture"/> then.</summary>
    public uint CapturePeriodSeconds { get; set; }

    public override bool FiltersByValue => true;

    public override uint EntryCountMax(CosemContext context) => (uint)_entryCountMax;

    public override uint PeriodSeconds(CosemContext context) => CapturePeriodSeconds;

    public override RowNumbers Numbers(CosemContext context) => new(1, _rows.Count);

    public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to) => Numbers(context);

    public override ProfileSortMethod SortMethod(CosemContext context) => _method;

    public override int SortColumn(CosemContext context) => _sortColumn;

    public override bool Matches(CosemContext context, long number, RowFilter filter)
    {
        CosemData value = _rows[(int)number - 1][filter.Column];
        return (IsOpen(filter.From) || Compare(value, filter.From) is >= 0) && (IsOpen(filter.To) || Compare(value, filter.To) is <= 0);
    }

    public override void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer)
    {
        ReadOnlySpan<CosemData> row = _rows[(int)number - 1].Items;
        writer.WriteStructureHeader(columns.Count(row.Length));
        for (int i = 0; i < row.Length; i++)
        {
            if (columns.Includes(i)) writer.WriteData(row[i]);
        }
    }

    public override ActionResult Reset(CosemContext context)
    {
        _rows.Clear();
        return ActionResult.Success;
    }

    /// <summary>Reads all columns and adds the row; what cannot be read is null-data in it.</summary>
    public override ActionResult Capture(CosemContext context)
    {
        var row = new CosemData[_captures.Count];
        for (int i = 0; i < row.Length; i++)
        {
            CosemAccess.Read(context, _captures[i], out CosemData value);
            row[i] = DataShape.Any.Accepts(value) ? value : default; // a column is no way to fill the memory
        }
        Add(row);
        return ActionResult.Success;
    }

    /// <summary>Adds a row whose values the host gives.</summary>
    public void Add(params CosemData[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, _captures.Count, nameof(row));
        CosemData added = CosemData.Structure(row);
        switch (_method)
        {
            case ProfileSortMethod.FirstInFirstOut:
                if (_rows.Count == _entryCountMax) _rows.RemoveAt(0);
                _rows.Add(added);
                break;
            case ProfileSortMethod.LastInFirstOut:
                if (_rows.Count == _entryCountMax) _rows.RemoveAt(_rows.Count - 1);
                _rows.Insert(0, added);
                break;
            default:
                int at = _rows.FindIndex(r => Precedes(row[_sortColumn], r[_sortColumn]));
                _rows.Insert(at < 0 ? _rows.Count : at, added);
                if (_rows.Count > _entryCountMax) _rows.RemoveAt(_rows.Count - 1);
                break;
        }
    }

    // Of equal values the older stands first.
    private bool Precedes(in CosemData left, in CosemData right)
    {
        if (!TryNumber(left, out decimal a)) return false;
        if (!TryNumber(right, out decimal b)) return true;
        return _method switch
        {
            ProfileSortMethod.Largest => a > b,
            ProfileSortMethod.Smallest => a < b,
            ProfileSortMethod.NearestToZero => Math.Abs(a) < Math.Abs(b),
            _ => Math.Abs(a) > Math.Abs(b),
        };
    }

    private static bool IsOpen(in CosemData bound) =>
        bound.IsNull || (bound.TryGetDateTime(out CosemDateTime time) && time.Year == CosemDateTime.YearNotSpecified);

    // Numbers by value, times by instant, else octet by octet; null where the two cannot be compared.
    private static int? Compare(in CosemData left, in CosemData right)
    {
        if (TryNumber(left, out decimal a) && TryNumber(right, out decimal b)) return a.CompareTo(b);
        if (left.TryGetDateTime(out CosemDateTime from) && right.TryGetDateTime(out CosemDateTime to))
        {
            if (from.TryToInstant(Offset.Zero, out Instant x) && to.TryToInstant(Offset.Zero, out Instant y) && (from.UtcOffset is null) == (to.UtcOffset is null)) return x.CompareTo(y);
            return from.TryToLocal(out LocalDateTime p) && to.TryToLocal(out LocalDateTime q) ? p.CompareTo(q) : null;
        }
        return left.Type.IsOctets() && right.Type.IsOctets() ? left.OctetSpan.SequenceCompareTo(right.OctetSpan) : null;
    }

    private static bool TryNumber(in CosemData data, out decimal number)
    {
        if (data.TryGetNumber(out number)) return true;
        if (!data.TryGetDouble(out double real) || double.IsNaN(real) || Math.Abs(real) > 1e27) return false;
        number = (decimal)real;
        return true;
    }
}
