using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Apdus;

/// <summary>
/// The fast way through an ACCESS-Response (IEC 62056-5-3, ACCESS service): element by element out of the octets, nothing allocated. The
/// whole is checked when it is opened.
/// </summary>
public ref struct AccessReader
{
    private const int ResultLength = 2;

    private AxdrReader _data;
    private ReadOnlySpan<byte> _results;

    private AccessReader(uint longInvokeIdAndPriority, int count, ReadOnlySpan<byte> data, ReadOnlySpan<byte> results)
    {
        LongInvokeIdAndPriority = longInvokeIdAndPriority;
        Count = count;
        _data = new AxdrReader(data);
        _results = results;
    }

    public uint LongInvokeIdAndPriority { get; }

    /// <summary>Elements in all.</summary>
    public int Count { get; }

    /// <summary>Opens a response, tag first.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> apdu, out AccessReader reader, out DecodeError error)
    {
        var source = new AxdrReader(apdu);
        bool opened = TryFind(ref source, out uint invoke, out int count, out Range data, out Range results);
        reader = opened ? new(invoke, count, apdu[data], apdu[results]) : default;
        error = opened ? default : source.Error;
        return opened;
    }

    private static bool TryFind(ref AxdrReader source, out uint invoke, out int count, out Range data, out Range results)
    {
        (invoke, count, data, results) = (0, 0, default, default);
        if (!source.TryReadByte(out byte tag)) return false;
        if (tag != AccessResponse.Tag) return source.FailAt(0, $"tag 0x{tag:X2}: expected 0xDA, ACCESS-Response", AccessRequest.Clause);
        if (!source.TryReadUInt32(out invoke) || !DateTimeField.TryRead(ref source, out _) || !source.TryReadBoolean(out bool repeated)) return false;
        if (repeated && !TrySkipSpecifications(ref source)) return false;
        if (!ApduLists.TryReadCount(ref source, 1, out count)) return false;
        int start = source.Position;
        for (int index = 0; index < count; index++)
        {
            if (!source.TrySkipData()) return false;
        }
        data = start..source.Position;
        int at = source.Position;
        if (!ApduLists.TryReadCount(ref source, ResultLength, out int found)) return false;
        if (found != count) return source.FailAt(at, $"{found} results for {count} values", AccessRequest.Clause);
        start = source.Position;
        for (int index = 0; index < count; index++)
        {
            int position = source.Position;
            source.TryReadByte(out byte kind);
            if (kind is < 1 or > 3) return source.FailAt(position, $"choice {kind} of an access result: expected 1 to 3", AccessRequest.Clause);
            source.TrySkip(1);
        }
        results = start..source.Position;
        return source.IsAtEnd || source.Fail($"{source.Remaining} octets after the APDU", AccessRequest.Clause);
    }

    /// <summary>The next element. False after the last.</summary>
    /// <param name="kind">Get, set or action.</param>
    /// <param name="result">What it came to; an action's result for an action.</param>
    /// <param name="data">One Data value: what was read or returned, else null-data.</param>
    public bool TryReadNext(out AccessKind kind, out DataAccessResult result, out ReadOnlySpan<byte> data)
    {
        kind = default;
        result = default;
        data = default;
        if (_results.IsEmpty) return false;
        int start = _data.Position;
        _data.TrySkipData();
        data = _data.ConsumedSince(start);
        (kind, result) = ((AccessKind)_results[0], (DataAccessResult)_results[1]);
        _results = _results[ResultLength..];
        return true;
    }

    private static bool TrySkipSpecifications(ref AxdrReader source)
    {
        if (!ApduLists.TryReadCount(ref source, 1 + AttributeDescriptor.Length, out int count)) return false;
        for (int index = 0; index < count; index++)
        {
            int start = source.Position;
            if (!source.TryReadByte(out byte kind)) return false;
            if (kind is < 1 or > 5) return source.FailAt(start, $"choice {kind} of an access specification: expected 1 to 5", AccessRequest.Clause);
            if (!source.TrySkip(AttributeDescriptor.Length)) return false;
            if (kind >= 4 && (!source.TrySkip(1) || !source.TrySkipData())) return false;
        }
        return true;
    }
}
