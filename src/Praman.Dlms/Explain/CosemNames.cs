using System.Globalization;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;

namespace Praman.Dlms.Explain;

/// <summary>Interface classes, attributes, methods and codes in words (IEC 62056-6-2; IEC 62056-5-3).</summary>
internal static class CosemNames
{
    private static readonly Dictionary<ushort, (string Name, string[] Attributes, string[] Methods)> Classes = new()
    {
        [1] = ("data", ["value"], []),
        [3] = ("register", ["value", "scaler_unit"], ["reset"]),
        [4] = ("extended register", ["value", "scaler_unit", "status", "capture_time"], ["reset"]),
        [5] = ("demand register", ["current_average_value", "last_average_value", "scaler_unit", "status", "capture_time", "start_time_current", "period", "number_of_periods"], ["reset", "next_period"]),
        [6] = ("register activation", ["register_assignment", "mask_list", "active_mask"], ["add_register", "add_mask", "delete_mask"]),
        [7] = ("profile", ["buffer", "capture_objects", "capture_period", "sort_method", "sort_object", "entries_in_use", "profile_entries"], ["reset", "capture"]),
        [8] = ("clock", ["time", "time_zone", "status", "daylight_savings_begin", "daylight_savings_end", "daylight_savings_deviation", "daylight_savings_enabled", "clock_base"],
            ["adjust_to_quarter", "adjust_to_measuring_period", "adjust_to_minute", "adjust_to_preset_time", "preset_adjusting_time", "shift_time"]),
        [9] = ("script table", ["scripts"], ["execute"]),
        [10] = ("schedule", ["entries"], ["enable_disable", "insert", "delete"]),
        [11] = ("special days table", ["entries"], ["insert", "delete"]),
        [15] = ("association LN", ["object_list", "associated_partners_id", "application_context_name", "xDLMS_context_info", "authentication_mechanism_name", "secret",
            "association_status", "security_setup_reference", "user_list", "current_user"], ["reply_to_HLS_authentication", "change_HLS_secret", "add_object", "remove_object", "add_user", "remove_user"]),
        [17] = ("SAP assignment", ["SAP_assignment_list"], ["connect_logical_device"]),
        [18] = ("image transfer", ["image_block_size", "image_transferred_blocks_status", "image_first_not_transferred_block_number", "image_transfer_enabled",
            "image_transfer_status", "image_to_activate_info"], ["image_transfer_initiate", "image_block_transfer", "image_verify", "image_activate"]),
        [20] = ("activity calendar", ["calendar_name_active", "season_profile_active", "week_profile_table_active", "day_profile_table_active", "calendar_name_passive",
            "season_profile_passive", "week_profile_table_passive", "day_profile_table_passive", "activate_passive_calendar_time"], ["activate_passive_calendar"]),
        [21] = ("register monitor", ["thresholds", "monitored_value", "actions"], []),
        [22] = ("single action schedule", ["executed_script", "type", "execution_time"], []),
        [23] = ("HDLC setup", ["comm_speed", "window_size_transmit", "window_size_receive", "max_info_field_length_transmit", "max_info_field_length_receive",
            "inter_octet_time_out", "inactivity_time_out", "device_address"], []),
        [40] = ("push setup", ["push_object_list", "send_destination_and_method", "communication_window", "randomisation_start_interval", "number_of_retries", "repetition_delay"], ["push"]),
        [41] = ("TCP-UDP setup", ["TCP-UDP_port", "IP_reference", "MSS", "nb_of_sim_conn", "inactivity_time_out"], []),
        [42] = ("IPv4 setup", ["DL_reference", "IP_address", "multicast_IP_address", "IP_options", "subnet_mask", "gateway_IP_address", "use_DHCP_flag", "primary_DNS_address", "secondary_DNS_address"], []),
        [45] = ("GPRS modem setup", ["APN", "PIN_code", "quality_of_service"], []),
        [47] = ("GSM diagnostic", ["operator", "status", "cs_attachment", "ps_status", "cell_info", "adjacent_cells", "capture_time"], []),
        [61] = ("register table", ["table_cell_values", "table_cell_definition", "scaler_unit"], ["reset", "capture"]),
        [62] = ("compact data", ["compact_buffer", "capture_objects", "template_id", "template_description", "capture_method"], ["reset", "capture"]),
        [64] = ("security setup", ["security_policy", "security_suite", "client_system_title", "server_system_title", "certificates"],
            ["security_activate", "key_transfer", "key_agreement", "generate_key_pair", "generate_certificate_request", "import_certificate", "export_certificate", "remove_certificate"]),
        [70] = ("disconnect control", ["output_state", "control_state", "control_mode"], ["remote_disconnect", "remote_reconnect"]),
        [71] = ("limiter", ["monitored_value", "threshold_active", "threshold_normal", "threshold_emergency", "min_over_threshold_duration", "min_under_threshold_duration",
            "emergency_profile", "emergency_profile_group_id_list", "emergency_profile_active", "actions"], []),
    };

    public static string ClassName(ushort classId) => Classes.TryGetValue(classId, out var known) ? known.Name : "object of class " + Text(classId);

    public static string? AttributeName(ushort classId, int id)
    {
        if (id == 0) return "all attributes";
        if (id == 1) return "logical_name";
        return Classes.TryGetValue(classId, out var known) && id >= 2 && id - 2 < known.Attributes.Length ? known.Attributes[id - 2] : null;
    }

    public static string? MethodName(ushort classId, int id) =>
        Classes.TryGetValue(classId, out var known) && id >= 1 && id <= known.Methods.Length ? known.Methods[id - 1] : null;

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
