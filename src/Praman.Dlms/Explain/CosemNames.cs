using System.Globalization;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Cosem;

namespace Praman.Dlms.Explain;

/// <summary>Interface classes, attributes and methods, by the classes' own tables, and codes in words (IEC 62056-6-2; IEC 62056-5-3).</summary>
internal static class CosemNames
{
    public static string ClassName(ushort classId) => CosemClasses.Find(classId)?.Words ?? "object of class " + Text(classId);

    public static string? AttributeName(ushort classId, int id) => id == 0 ? "all attributes" : id == 1 ? "logical_name" : CosemClasses.FindAttribute(classId, id)?.Name;

    public static string? MethodName(ushort classId, int id) => CosemClasses.FindMethod(classId, id)?.Name;

    public static string Describe(AttributeDescriptor attribute)
    {
        string name = AttributeName(attribute.ClassId, attribute.AttributeId) is { } known ? $" ({known})" : "";
        return $"attribute {Text(attribute.AttributeId)}{name} of {Object(attribute.ClassId, attribute.LogicalName)}";
    }

    public static string Describe(MethodDescriptor method)
    {
        string name = MethodName(method.ClassId, method.MethodId) is { } known ? $" ({known})" : "";
        return $"method {Text(method.MethodId)}{name} of {Object(method.ClassId, method.LogicalName)}";
    }

    public static string Describe(SelectiveAccess access)
    {
        if (access.TryGetRange(out _, out var from, out var to, out _)) return $"rows from {Moment(from)} to {Moment(to)}";
        if (access.TryGetEntry(out uint first, out uint last, out _, out _))
            return $"entries {Text(first)} to {(last == 0 ? "the last" : Text(last))}";
        return $"the part that selector {Text(access.Selector)} names";
    }

    public static string Describe(AuthenticationMechanism? mechanism) => mechanism switch
    {
        null or AuthenticationMechanism.None => "no authentication",
        AuthenticationMechanism.Lls => "LLS: a password",
        AuthenticationMechanism.Hls => "HLS mechanism 2: a challenge each way, ciphered with AES-128 under the HLS secret on Indian meters",
        AuthenticationMechanism.HlsMd5 => "HLS with MD5",
        AuthenticationMechanism.HlsSha1 => "HLS with SHA-1",
        AuthenticationMechanism.HlsGmac => "HLS with GMAC",
        AuthenticationMechanism.HlsSha256 => "HLS with SHA-256",
        AuthenticationMechanism.HlsEcdsa => "HLS with ECDSA",
        _ => $"mechanism {Text((byte)mechanism)}",
    };

    public static string Diagnostic(Aare aare)
    {
        if (aare.IsProviderDiagnostic)
        {
            return (byte)aare.Diagnostic switch
            {
                0 or 1 => "no reason given by the service provider",
                2 => "no common ACSE version",
                _ => "unknown reason of the service provider",
            };
        }
        return aare.Diagnostic switch
        {
            AcseDiagnostic.Null => "no diagnostic",
            AcseDiagnostic.NoReasonGiven => "no reason given",
            AcseDiagnostic.ApplicationContextNameNotSupported => "application context name not supported",
            AcseDiagnostic.CallingApTitleNotRecognized => "the client's system title is not recognised",
            AcseDiagnostic.CallingAeInvocationIdentifierNotRecognized => "the client's user id is not recognised",
            AcseDiagnostic.AuthenticationMechanismNameNotRecognized => "authentication mechanism not recognised",
            AcseDiagnostic.AuthenticationMechanismNameRequired => "an authentication mechanism is required",
            AcseDiagnostic.AuthenticationFailure => "authentication failed",
            AcseDiagnostic.AuthenticationRequired => "authentication is required",
            _ => $"diagnostic {Text((byte)aare.Diagnostic)}",
        };
    }

    public static string Name(StateError error) => error switch
    {
        StateError.ServiceNotAllowed => "service-not-allowed",
        StateError.ServiceUnknown => "service-unknown",
        _ => $"state-error {Text((byte)error)}",
    };

    public static string Name(ServiceError error) => error switch
    {
        ServiceError.OperationNotPossible => "operation-not-possible",
        ServiceError.ServiceNotSupported => "service-not-supported",
        ServiceError.OtherReason => "other-reason",
        ServiceError.PduTooLong => "pdu-too-long",
        ServiceError.DecipheringError => "deciphering-error",
        ServiceError.InvocationCounterError => "invocation-counter-error",
        _ => $"service-error {Text((byte)error)}",
    };

    public static string Name(AccessKind kind) => kind switch
    {
        AccessKind.Get => "get",
        AccessKind.Set => "set",
        AccessKind.Action => "action",
        AccessKind.GetWithSelection => "get-with-selection",
        AccessKind.SetWithSelection => "set-with-selection",
        _ => $"service-{Text((byte)kind)}",
    };

    public static string Describe(ConfirmedServiceError error)
    {
        string service = error.Service switch { 1 => "initiate", 5 => "read", 6 => "write", _ => $"service {Text(error.Service)}" };
        string[]? errors = ServiceErrors(error.ErrorClass);
        string reason = errors is not null && error.Error < errors.Length ? errors[error.Error] : $"error {Text(error.Error)}";
        string errorClass = error.ErrorClass switch
        {
            0 => "application-reference",
            1 => "hardware-resource",
            2 => "vde-state-error",
            3 => "service",
            4 => "definition",
            5 => "access",
            6 => "initiate",
            7 => "load-data-set",
            9 => "task",
            _ => $"class {Text(error.ErrorClass)}",
        };
        return $"{service}, {errorClass}: {reason}";
    }

    private static string[]? ServiceErrors(byte errorClass) => errorClass switch
    {
        0 => ["other", "time-elapsed", "application-unreachable", "application-reference-invalid", "application-context-unsupported", "provider-communication-error", "deciphering-error"],
        1 => ["other", "memory-unavailable", "processor-resource-unavailable", "mass-storage-unavailable", "other-resource-unavailable"],
        2 => ["other", "no-dlms-context", "loading-data-set", "status-nochange", "status-inoperable"],
        3 => ["other", "pdu-size", "service-unsupported"],
        4 => ["other", "object-undefined", "object-class-inconsistent", "object-attribute-inconsistent"],
        5 => ["other", "scope-of-access-violated", "object-access-violated", "hardware-fault", "object-unavailable"],
        6 => ["other", "dlms-version-too-low", "incompatible-conformance", "pdu-size-too-short", "refused-by-the-VDE-Handler"],
        _ => null,
    };

    private static string Object(ushort classId, Praman.Metering.ObisCode code) =>
        $"{ClassName(classId)} {code}{(ObisNames.Describe(code) is { } words && words != ClassName(classId) ? ", " + words : "")}";

    private static string Moment(in Axdr.CosemData data) => data.TryGetDateTime(out CosemDateTime value) ? value.ToString() : data.ToString();

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
