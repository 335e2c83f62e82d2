using System.Globalization;
using Praman.Dlms.Apdus;

namespace Praman.Dlms.Explain;

// Initiate, notifications, errors, block transfer and ACCESS.
internal static partial class ApduExplainer
{
    private static void WalkOther(ExplainCursor cursor, Apdu apdu)
    {
        string clause = ClauseOf(apdu);
        switch (apdu)
        {
            case InitiateRequest initiate: WalkInitiate(cursor, initiate); break;
            case InitiateResponse initiate: WalkInitiate(cursor, initiate); break;
            case DataNotification notification:
                WalkLongInvoke(cursor, clause);
                if (notification.HasDateTimeTag) cursor.Take(1, "octet-string tag", "not asked for here: a deviation of this make of meter", clause);
                WalkDateTime(cursor, notification.DateTime, "date-time", clause);
                DataExplainer.Walk(cursor, notification.Body, "notification-body", "what is pushed");
                break;
            case EventNotification notification:
                cursor.Take(1, "time present", notification.Time is null ? "no time" : "a time follows", clause);
                if (notification.Time is not null) WalkDateTime(cursor, notification.Time, "time", clause);
                WalkAttribute(cursor, notification.Attribute);
                DataExplainer.Walk(cursor, notification.Value, "value");
                break;
            case ExceptionResponse exception:
                cursor.Take(1, "state-error", CosemNames.Name(exception.StateError), clause);
                cursor.Take(1, "service-error", CosemNames.Name(exception.ServiceError), clause);
                if (exception.InvocationCounter is { } counter) cursor.Take(4, "invocation-counter", string.Create(CultureInfo.InvariantCulture, $"the server expects {counter} at least"), clause);
                break;
            case ConfirmedServiceError error:
                cursor.Take(1, "service", CosemNames.Describe(error), clause);
                cursor.Take(1, "error-class", null, clause);
                cursor.Take(1, "error", null, clause);
                break;
            case GeneralBlockTransfer block:
                cursor.Take(1, "block-control", string.Create(CultureInfo.InvariantCulture,
                    $"{(block.IsLastBlock ? "last block" : "more follow")}, {(block.IsStreaming ? "streaming" : "no streaming")}, window {block.Window}"), clause);
                cursor.Take(2, "block-number", string.Create(CultureInfo.InvariantCulture, $"block {block.BlockNumber}"), clause);
                cursor.Take(2, "block-number-ack", string.Create(CultureInfo.InvariantCulture, $"block {block.BlockNumberAcknowledged} is acknowledged"), clause);
                int length = cursor.TakeLength("octets", clause);
                cursor.Take(length, "block-data", "a piece of an APDU", clause);
                break;
            case AccessRequest access:
                WalkLongInvoke(cursor, clause);
                WalkDateTime(cursor, access.DateTime, "date-time", clause);
                WalkSpecifications(cursor, access.Specifications, clause);
                WalkDataList(cursor, access.Data, "data");
                break;
            case AccessResponse access:
                WalkLongInvoke(cursor, clause);
                WalkDateTime(cursor, access.DateTime, "date-time", clause);
                cursor.Take(1, "request repeated", access.Specifications is null ? "no" : "yes", clause);
                if (access.Specifications is { } repeated) WalkSpecifications(cursor, repeated, clause);
                WalkDataList(cursor, access.Data, "data");
                cursor.TakeLength("results", clause);
                foreach (AccessResult result in access.Results) cursor.Take(2, "result", $"{CosemNames.Name(result.Kind)}: {result.Result.Name()}", clause);
                break;
            case GeneralCiphering or GeneralSigning:
                foreach (string field in (ReadOnlySpan<string>)["transaction-id", "originator-system-title", "recipient-system-title", "date-time", "other-information"])
                    WalkOctets(cursor, field, null, clause);
                break;
        }
    }

    private static void WalkInitiate(ExplainCursor cursor, InitiateRequest initiate)
    {
        string clause = ClauseOf(initiate);
        cursor.Take(1, "dedicated-key present", initiate.DedicatedKey is null ? "no dedicated key" : "a dedicated key follows", clause);
        if (initiate.DedicatedKey is not null) WalkOctets(cursor, "dedicated-key", "the key of this association only", clause);
        bool allowedGiven = cursor.Peek() != 0;
        cursor.Take(1, "response-allowed present", allowedGiven ? "given" : "not given: true", clause);
        if (allowedGiven) cursor.Take(1, "response-allowed", initiate.ResponseAllowed ? "true" : "false", clause);
        WalkQuality(cursor, initiate.QualityOfService, clause);
        cursor.Take(1, "proposed-dlms-version-number", $"version {initiate.DlmsVersion}", clause);
        WalkConformance(cursor, initiate.Conformance, "proposed-conformance");
        cursor.Take(2, "client-max-receive-pdu-size", Octets(initiate.MaxReceivePduSize), clause);
    }

    private static void WalkInitiate(ExplainCursor cursor, InitiateResponse initiate)
    {
        string clause = ClauseOf(initiate);
        WalkQuality(cursor, initiate.QualityOfService, clause);
        cursor.Take(1, "negotiated-dlms-version-number", $"version {initiate.DlmsVersion}", clause);
        WalkConformance(cursor, initiate.Conformance, "negotiated-conformance");
        cursor.Take(2, "server-max-receive-pdu-size", Octets(initiate.MaxReceivePduSize), clause);
        cursor.Take(2, "vaa-name", initiate.VaaName == InitiateResponse.LogicalNameVaa ? "7: objects by logical name" : "base name of the association object", clause);
    }

    private static void WalkQuality(ExplainCursor cursor, sbyte? quality, string clause)
    {
        cursor.Take(1, "quality-of-service present", quality is null ? "none" : "given", clause);
        if (quality is not null) cursor.Take(1, "quality-of-service", null, clause);
    }

    private static void WalkConformance(ExplainCursor cursor, Conformance conformance, string field) =>
        cursor.Take(cursor.Peek(1) == 0x1F ? 7 : 6, field, string.Join(", ", conformance.Names()), "IEC 62056-5-3 (Conformance)");

    private static void WalkLongInvoke(ExplainCursor cursor, string clause)
    {
        uint octets = cursor.Peek32();
        cursor.Take(4, "long-invoke-id-and-priority", string.Create(CultureInfo.InvariantCulture,
            $"invoke-id {octets & 0xFFFFFF}, {((octets & 0x40000000) != 0 ? "confirmed" : "unconfirmed")}, {((octets & 0x80000000) != 0 ? "high" : "normal")} priority"), clause);
    }

    private static void WalkDateTime(ExplainCursor cursor, CosemDateTime? value, string field, string clause) =>
        cursor.Take(value is null ? 1 : 1 + CosemDateTime.Length, field, value is { } known ? known.ToString() : "not given", clause);

    private static void WalkSpecifications(ExplainCursor cursor, IReadOnlyList<AccessSpecification> specifications, string clause)
    {
        cursor.TakeLength("specifications", clause);
        foreach (AccessSpecification specification in specifications)
        {
            cursor.Take(1, "service", CosemNames.Name(specification.Kind), clause);
            if (specification.Kind == AccessKind.Action) WalkMethod(cursor, new(specification.Target.ClassId, specification.Target.LogicalName, specification.Target.AttributeId));
            else WalkAttribute(cursor, specification.Target);
            if (specification.Selection is not { } selection) continue;
            cursor.Take(1, "selector", CosemNames.Describe(selection), clause);
            DataExplainer.Walk(cursor, selection.Parameters, "parameters");
        }
    }

    internal static void WalkOctets(ExplainCursor cursor, string field, string? meaning, string clause)
    {
        int length = cursor.PeekLength(out int octets);
        cursor.Take(octets + length, field, meaning ?? Octets(length), clause);
    }

    private static string Octets(int count) => count.ToString(CultureInfo.InvariantCulture) + " octets";
}
