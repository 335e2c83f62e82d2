using System.Globalization;
using Praman.Dlms.Apdus;
using Praman.Dlms.Client;

namespace Praman.Dlms.Explain;

// Services by short name: read, write, unconfirmed write, information report.
internal static partial class ApduExplainer
{
    private static bool TryWalkShortNames(ExplainCursor cursor, Apdu apdu, ShortNameMap? names)
    {
        string clause = ClauseOf(apdu);
        switch (apdu)
        {
            case ReadRequest read: WalkVariables(cursor, read.Variables, names, clause); return true;
            case WriteRequest write:
                WalkVariables(cursor, write.Variables, names, clause);
                WalkDataList(cursor, write.Values, "value");
                return true;
            case UnconfirmedWriteRequest write:
                WalkVariables(cursor, write.Variables, names, clause);
                WalkDataList(cursor, write.Values, "value");
                return true;
            case InformationReport report:
                cursor.Take(1, "time present", report.CurrentTime is null ? "no time" : "a time follows", clause);
                if (report.CurrentTime is not null) WalkOctets(cursor, "current-time", "as text", clause);
                WalkVariables(cursor, report.Variables, names, clause);
                WalkDataList(cursor, report.Values, "value");
                return true;
            case ReadResponse response:
                cursor.TakeLength("results", clause);
                for (int index = 0; index < response.Results.Count; index++) WalkReadResult(cursor, response.Results[index], index + 1, clause);
                return true;
            case WriteResponse response:
                cursor.TakeLength("results", clause);
                for (int index = 0; index < response.Results.Count; index++) WalkWriteResult(cursor, response.Results[index], index + 1, clause);
                return true;
            case DataNotificationConfirm confirm:
                WalkLongInvoke(cursor, clause);
                WalkDateTime(cursor, confirm.DateTime, "date-time", clause);
                return true;
            default:
                return false;
        }
    }

    private static void WalkVariables(ExplainCursor cursor, IReadOnlyList<VariableAccess> variables, ShortNameMap? names, string clause)
    {
        cursor.TakeLength("variables", clause);
        foreach (VariableAccess variable in variables)
        {
            cursor.Open("variable", ApduNames.Describe(variable, names) ?? ApduNames.Describe(variable), clause);
            cursor.Take(1, "choice", ApduNames.Of(variable.Kind), clause);
            bool block = variable.Kind is VariableAccessKind.ReadDataBlockAccess or VariableAccessKind.WriteDataBlockAccess;
            if (block) cursor.Take(1, "last-block", variable.LastBlock ? "the last block" : "more blocks follow", clause);
            if (block || variable.Kind == VariableAccessKind.BlockNumberAccess) cursor.Take(2, "block-number", Number(variable.Number), clause);
            else cursor.Take(2, "variable-name", string.Create(CultureInfo.InvariantCulture, $"short name 0x{variable.Number:X4}"), clause);
            if (variable.Kind == VariableAccessKind.ReadDataBlockAccess) WalkOctets(cursor, "raw-data", "a piece of the request", clause);
            if (variable.Selection is { } selection)
            {
                cursor.Take(1, "selector", Number(selection.Selector), clause);
                DataExplainer.Walk(cursor, selection.Parameters, "parameter");
            }
            cursor.Close();
        }
    }

    private static void WalkReadResult(ExplainCursor cursor, ReadResponseItem result, int number, string clause)
    {
        string field = "result " + Number(number);
        switch (result.Kind)
        {
            case ReadItemKind.Data:
                cursor.Take(1, "choice", "data follows", clause);
                DataExplainer.Walk(cursor, result.Data, field);
                break;
            case ReadItemKind.DataAccessError:
                cursor.Take(1, "choice", "a refusal follows", clause);
                cursor.Take(1, field, result.Result.Name(), clause);
                break;
            case ReadItemKind.DataBlockResult:
                cursor.Take(1, "choice", "a block follows", clause);
                cursor.Take(1, "last-block", result.LastBlock ? "the last block" : "more blocks follow", clause);
                cursor.Take(2, "block-number", Number(result.BlockNumber), clause);
                WalkOctets(cursor, "raw-data", "a piece of the answer; it means something once all blocks are joined", clause);
                break;
            default:
                cursor.Take(1, "choice", "a block is acknowledged", clause);
                cursor.Take(2, "block-number", Number(result.BlockNumber), clause);
                break;
        }
    }

    private static void WalkWriteResult(ExplainCursor cursor, WriteResponseItem result, int number, string clause)
    {
        string field = "result " + Number(number);
        cursor.Take(1, "choice", result.Kind switch { WriteItemKind.Success => "written", WriteItemKind.DataAccessError => "a refusal follows", _ => "a block is acknowledged" }, clause);
        if (result.Kind == WriteItemKind.DataAccessError) cursor.Take(1, field, result.Result.Name(), clause);
        else if (result.Kind == WriteItemKind.BlockNumber) cursor.Take(2, "block-number", Number(result.BlockNumber), clause);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
