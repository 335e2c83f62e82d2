using System.Text;
using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;

namespace Praman.Dlms.Explain;

// Services by short name.
internal static partial class ApduJson
{
    private static void AddShortNames(JsonObject json, Apdu apdu)
    {
        switch (apdu)
        {
            case ReadRequest read: json["variables"] = List(read.Variables, Of); break;
            case WriteRequest write:
                json["variables"] = List(write.Variables, Of);
                json["values"] = List(write.Values, value => DataJson.Of(value));
                break;
            case UnconfirmedWriteRequest write:
                json["variables"] = List(write.Variables, Of);
                json["values"] = List(write.Values, value => DataJson.Of(value));
                break;
            case InformationReport report:
                json["currentTime"] = report.CurrentTime is { } time ? Encoding.Latin1.GetString(time.Span) : null;
                json["variables"] = List(report.Variables, Of);
                json["values"] = List(report.Values, value => DataJson.Of(value));
                break;
            case ReadResponse response: json["results"] = List(response.Results, Of); break;
            case WriteResponse response: json["results"] = List(response.Results, Of); break;
            case DataNotificationConfirm confirm:
                json["longInvokeIdAndPriority"] = confirm.LongInvokeIdAndPriority;
                json["dateTime"] = Of(confirm.DateTime);
                break;
        }
    }

    private static JsonObject Of(VariableAccess variable)
    {
        var json = new JsonObject { ["kind"] = ApduNames.Of(variable.Kind) };
        bool isBlock = variable.Kind is VariableAccessKind.BlockNumberAccess or VariableAccessKind.ReadDataBlockAccess or VariableAccessKind.WriteDataBlockAccess;
        json[isBlock ? "blockNumber" : "shortName"] = variable.Number;
        if (variable.Kind is VariableAccessKind.ReadDataBlockAccess or VariableAccessKind.WriteDataBlockAccess) json["lastBlock"] = variable.LastBlock;
        if (variable.Kind == VariableAccessKind.ReadDataBlockAccess) json["rawDataHex"] = Hex(variable.RawData);
        if (variable.Selection is { } selection) json["accessSelection"] = Of(selection);
        return json;
    }

    private static JsonObject Of(ReadResponseItem result) => result.Kind switch
    {
        ReadItemKind.Data => new() { ["data"] = DataJson.Of(result.Data) },
        ReadItemKind.DataAccessError => new() { ["dataAccessResult"] = (byte)result.Result },
        ReadItemKind.DataBlockResult => new()
        {
            ["lastBlock"] = result.LastBlock, ["blockNumber"] = result.BlockNumber, ["rawDataHex"] = Convert.ToHexString(result.Data.OctetSpan),
        },
        _ => new() { ["blockNumber"] = result.BlockNumber },
    };

    private static JsonObject Of(WriteResponseItem result) => result.Kind switch
    {
        WriteItemKind.Success => new() { ["dataAccessResult"] = 0 },
        WriteItemKind.DataAccessError => new() { ["dataAccessResult"] = (byte)result.Result },
        _ => new() { ["blockNumber"] = result.BlockNumber },
    };
}
