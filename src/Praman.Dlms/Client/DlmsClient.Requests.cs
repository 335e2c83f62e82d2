using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Client;

// Requests: GET, SET, ACTION and ACCESS, each alone, with a list, and by blocks where it is long.
public sealed partial class DlmsClient
{
    private uint _longInvokeId;
    private int _accessCount;

    /// <summary>Asks for an attribute; with <paramref name="access"/> for a range or entries of a profile. The answer is in <see cref="Data"/>.</summary>
    public ClientStep Get(AttributeDescriptor attribute, SelectiveAccess? access = null)
    {
        if (_settings.UsesShortNames) return GetByName(attribute, access);
        if (Begin(Pending.Get, Conformance.Get | Selective(access)) is { } refusal) return refusal;
        return Transmit(new GetRequestNormal(_invoke, attribute, access));
    }

    /// <summary>Asks for the rows of a profile whose time is in [<paramref name="from"/>, <paramref name="to"/>], both included.</summary>
    public ClientStep GetRange(ObisCode profile, CosemDateTime from, CosemDateTime to) => Get(new(7, profile, 2), SelectiveAccess.Range(from, to));

    /// <summary>Asks for rows of a profile by number, from 1, the oldest; <paramref name="last"/> 0 is the newest.</summary>
    public ClientStep GetEntries(ObisCode profile, uint first, uint last) => Get(new(7, profile, 2), SelectiveAccess.Entry(first, last));

    /// <summary>Asks for several attributes at once. The answers are in <see cref="Results"/>; one that is refused fails alone.</summary>
    public ClientStep GetWithList(IReadOnlyList<AttributeSelection> attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        if (_settings.UsesShortNames) return GetListByName(attributes);
        if (Begin(Pending.GetList, Conformance.Get | Conformance.MultipleReferences | Selective(attributes)) is { } refusal) return refusal;
        return Transmit(new GetRequestWithList(_invoke, attributes));
    }

    /// <summary>Writes an attribute, or a part of it, by blocks where the value is longer than the server takes.</summary>
    public ClientStep Set(AttributeDescriptor attribute, CosemData value, SelectiveAccess? access = null)
    {
        if (_settings.UsesShortNames) return SetByName([new(attribute, access)], [value], list: false);
        if (Begin(Pending.Set, Conformance.Set | Selective(access)) is { } refusal) return refusal;
        if (IsShort(new SetRequestNormal(_invoke, attribute, access, value))) return TransmitPlain();
        return BeginBlocks(Conformance.BlockTransferWithSetOrWrite, value.Encode(),
            block => new SetRequestWithFirstDatablock(_invoke, attribute, access, block), block => new SetRequestWithDatablock(_invoke, block));
    }

    /// <summary>Writes several attributes at once, by blocks where the values are long. What each came to is in <see cref="SetResults"/>.</summary>
    public ClientStep SetWithList(IReadOnlyList<AttributeSelection> attributes, IReadOnlyList<CosemData> values)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        ThrowIfUneven(attributes.Count, values);
        if (_settings.UsesShortNames) return SetByName(attributes, values, list: true);
        if (Begin(Pending.SetList, Conformance.Set | Conformance.MultipleReferences | Selective(attributes)) is { } refusal) return refusal;
        if (IsShort(new SetRequestWithList(_invoke, attributes, values))) return TransmitPlain();
        return BeginBlocks(Conformance.BlockTransferWithSetOrWrite, EncodeList(values),
            block => new SetRequestWithListAndFirstDatablock(_invoke, attributes, block), block => new SetRequestWithDatablock(_invoke, block));
    }

    /// <summary>Invokes a method, by blocks where the parameters are long. What it returns is in <see cref="Returned"/>.</summary>
    public ClientStep Action(MethodDescriptor method, CosemData? parameters = null)
    {
        if (_settings.UsesShortNames) return ActionByName(method, parameters);
        if (Begin(Pending.Action, Conformance.Action) is { } refusal) return refusal;
        if (IsShort(new ActionRequestNormal(_invoke, method, parameters)) || parameters is not { } given) return TransmitPlain();
        return BeginBlocks(Conformance.BlockTransferWithAction, given.Encode(),
            block => new ActionRequestWithFirstBlock(_invoke, method, block), block => new ActionRequestWithBlock(_invoke, block));
    }

    /// <summary>Invokes several methods in turn (null-data for one that takes nothing). What each came to is in <see cref="ActionResults"/>.</summary>
    public ClientStep ActionWithList(IReadOnlyList<MethodDescriptor> methods, IReadOnlyList<CosemData> parameters)
    {
        ArgumentNullException.ThrowIfNull(methods);
        ThrowIfUneven(methods.Count, parameters);
        if (Begin(Pending.ActionList, Conformance.Action | Conformance.MultipleReferences) is { } refusal) return refusal;
        if (IsShort(new ActionRequestWithList(_invoke, methods, parameters))) return TransmitPlain();
        return BeginBlocks(Conformance.BlockTransferWithAction, EncodeList(parameters),
            block => new ActionRequestWithListAndFirstBlock(_invoke, methods, block), block => new ActionRequestWithBlock(_invoke, block));
    }

    /// <summary>
    /// Gets, sets and invokes in one request, in order, each with its data (null-data for a get). <see cref="TryOpenAccess"/> reads what they
    /// came to. A long request or answer goes by general block transfer.
    /// </summary>
    public ClientStep Access(IReadOnlyList<AccessSpecification> specifications, IReadOnlyList<CosemData> data, bool breakOnError = false)
    {
        ArgumentNullException.ThrowIfNull(specifications);
        ThrowIfUneven(specifications.Count, data);
        if (Begin(Pending.Access, Conformance.Access) is { } refusal) return refusal;
        _longInvokeId = (_longInvokeId % LongInvokeId.IdMax) + 1;
        _accessCount = specifications.Count;
        return Transmit(new AccessRequest(new LongInvokeId(_longInvokeId, confirmed: true, breakOnError).Octets, null, specifications, data));
    }

    /// <summary>The answer to the last ACCESS, element by element. Valid until the next request.</summary>
    public bool TryOpenAccess(out AccessReader reader, out DecodeError error) => AccessReader.TryOpen(Data, out reader, out error);

    private static Conformance Selective(SelectiveAccess? access) => access is null ? Conformance.None : Conformance.SelectiveAccess;

    private static Conformance Selective(IReadOnlyList<AttributeSelection> attributes)
    {
        foreach (AttributeSelection attribute in attributes)
        {
            if (attribute.Access is not null) return Conformance.SelectiveAccess;
        }
        return Conformance.None;
    }

    private static void ThrowIfUneven(int count, IReadOnlyList<CosemData> data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Count != count) throw new ArgumentException($"{count} targets have {data.Count} values", nameof(data));
    }

    // Encodes the request; true where it goes as it is.
    private bool IsShort(Apdu request)
    {
        int length = Encode(request);
        return SendsInBlocks || length <= PlainLimit(request.TagOctet);
    }

    private static byte[] EncodeList(IReadOnlyList<CosemData> values)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(buffer);
        ApduLists.WriteData(ref writer, values);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private ClientStep BeginBlocks(Conformance needed, byte[] octets, Func<DataBlock, Apdu> first, Func<DataBlock, Apdu> next)
    {
        if (Lacks(needed) is { } error) return Fail(error with { Text = $"the request is longer than the {_serverPduSize} octets that the server takes, and {error.Text}" });
        _outgoing = octets;
        _outgoingSent = 0;
        _nextBlock = next;
        return SendBlock(first);
    }

    // A block acknowledged before is passed over.
    private ClientStep? SendNextBlock(uint acknowledged)
    {
        if (acknowledged < _sentBlock) return null;
        if (_nextBlock is null || acknowledged != _sentBlock || _outgoingSent == _outgoing.Length)
            return Fail(ClientErrorKind.Unexpected, $"block {acknowledged} acknowledged, which was not the last sent");
        return SendBlock(_nextBlock);
    }

    private ClientStep SendBlock(Func<DataBlock, Apdu> request)
    {
        Apdu empty = request(new DataBlock(false, _sentBlock + 1, default));
        int head = Encode(empty) - 1; // all but the length of the data
        int count = Math.Min(_outgoing.Length - _outgoingSent, Security.ProtectedLength.RunMax(PlainLimit(empty.TagOctet) - head));
        if (count <= 0) return Fail(ClientErrorKind.TooLong, $"what is asked for leaves no room for data in the {_serverPduSize} octets that the server takes");
        bool last = _outgoingSent + count == _outgoing.Length;
        var block = new DataBlock(last, ++_sentBlock, _outgoing.AsMemory(_outgoingSent, count));
        _outgoingSent += count;
        return Transmit(request(block));
    }
}
