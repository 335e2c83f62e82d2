using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Explain;

// Short names: the meter's object list, once it passes by, says what each stands for; long answers are put together for it.
public sealed partial class DlmsDecoder
{
    private const int PlacesMax = 64;

    private readonly Dictionary<string, ShortNameMap> _namesAt = [];
    private readonly GrowingBuffer _readBlocks = new();
    private string _place = ""; // whose names: the two ends of the link that the message came over
    private IReadOnlyList<VariableAccess>? _read;
    private uint _readBlock;

    private ShortNameMap? Names => _namesAt.GetValueOrDefault(_place);

    private void TakePlace(string one, string other) => _place = string.CompareOrdinal(one, other) < 0 ? $"{one} {other}" : $"{other} {one}";

    private void TakeShortNames(DlmsDocument document, Apdu apdu, JsonObject json)
    {
        switch (apdu)
        {
            case ReadRequest { Variables: [{ Kind: VariableAccessKind.BlockNumberAccess }] }:
                break;
            case ReadRequest read:
                (_read, _readBlock) = (read.Variables, 0);
                Name(document, json, read.Variables, "Reads");
                break;
            case WriteRequest write:
                Name(document, json, write.Variables, "Writes");
                break;
            case UnconfirmedWriteRequest write:
                Name(document, json, write.Variables, "Writes, without an answer,");
                break;
            case InformationReport report:
                Name(document, json, report.Variables, "The meter reports, unasked,");
                for (int index = 0; index < Math.Min(report.Variables.Count, report.Values.Count); index++) AddReading(document, report.Variables[index], report.Values[index]);
                break;
            case ReadResponse { Results: [{ Kind: ReadItemKind.DataBlockResult } block] }:
                TakeReadBlock(document, block);
                break;
            case ReadResponse response:
                TakeResults(document, response.Results);
                break;
        }
    }

    private void Name(DlmsDocument document, JsonObject json, IReadOnlyList<VariableAccess> variables, string does)
    {
        if (Names is not { } names || json["variables"] is not JsonArray shown) return;
        for (int index = 0; index < Math.Min(variables.Count, shown.Count); index++)
        {
            if (variables[index].Kind is not (VariableAccessKind.VariableName or VariableAccessKind.ParameterizedAccess)) continue;
            if (!names.TryResolve(variables[index].Number, out ShortNameEntry entry, out sbyte id, out bool isMethod)) continue;
            shown[index]!["object"] = new JsonObject
            {
                ["classId"] = entry.ClassId, ["logicalName"] = entry.LogicalName.ToString(), [isMethod ? "methodId" : "attributeId"] = id,
            };
        }
        if (document.Summary.Length == 0 && variables is [var only] && ApduNames.Describe(only, names) is { } what) document.Summary = $"{does} {what}.";
    }

    private void TakeReadBlock(DlmsDocument document, ReadResponseItem block)
    {
        if (block.BlockNumber == 1) _readBlocks.Clear();
        if (block.BlockNumber != (block.BlockNumber == 1 ? 1 : _readBlock + 1) || _readBlocks.Length + block.Data.OctetSpan.Length > InputLengthMax)
        {
            (_read, _readBlock) = (null, 0); // a block is missing: the rest means nothing
            return;
        }
        _readBlock = block.BlockNumber;
        _readBlocks.Append(block.Data.OctetSpan);
        if (!block.LastBlock) return;
        var reader = new AxdrReader(_readBlocks.Span);
        if (ReadResponse.ReadList(ref reader) is { } results) TakeResults(document, results);
        _readBlocks.Clear();
    }

    private void TakeResults(DlmsDocument document, IReadOnlyList<ReadResponseItem> results)
    {
        if (_read is not { } asked || asked.Count != results.Count) return;
        _read = null;
        for (int index = 0; index < results.Count; index++)
        {
            if (results[index].Kind != ReadItemKind.Data || asked[index].Kind != VariableAccessKind.VariableName) continue;
            if (asked[index].Number == ShortNameTable.AssociationObjectList) TakeList(document, results[index].Data);
            else AddReading(document, asked[index], results[index].Data);
        }
    }

    private void TakeList(DlmsDocument document, in CosemData list)
    {
        if (!ShortNameMap.TryRead(list.Encode(), out ShortNameMap? names, out _)) return;
        if (_namesAt.Count == PlacesMax) _namesAt.Clear();
        _namesAt[_place] = names;
        document.Content["shortNames"] = new JsonArray(
        [
            .. names.Objects.Select(one => (JsonNode)new JsonObject
            {
                ["shortName"] = one.BaseName, ["classId"] = one.ClassId, ["version"] = one.Version, ["logicalName"] = one.LogicalName.ToString(),
            }),
        ]);
        document.NoteList.Add($"the meter's list of {Counted.Of(names.Objects.Count, "object")}: from here on short names are said in words");
    }

    private void AddReading(DlmsDocument document, VariableAccess variable, in CosemData value)
    {
        if (Names is not { } names || !names.TryResolve(variable.Number, out ShortNameEntry entry, out sbyte id, out bool isMethod)) return;
        if (!isMethod && id == 2 && entry.ClassId is 1 or 3 or 4 && value.Count == 0) document.ReadingList.Add(new(entry.LogicalName, value, null));
    }
}
