namespace Praman.Dlms;

/// <summary>What a GET or SET came to (IEC 62056-5-3, Data-Access-Result).</summary>
public enum DataAccessResult : byte
{
    Success = 0,
    HardwareFault = 1,
    TemporaryFailure = 2,
    ReadWriteDenied = 3,
    ObjectUndefined = 4,
    ObjectClassInconsistent = 9,
    ObjectUnavailable = 11,
    TypeUnmatched = 12,
    ScopeOfAccessViolated = 13,
    DataBlockUnavailable = 14,
    LongGetAborted = 15,
    NoLongGetInProgress = 16,
    LongSetAborted = 17,
    NoLongSetInProgress = 18,
    DataBlockNumberInvalid = 19,
    OtherReason = 250,
}

/// <summary>What an ACTION came to (IEC 62056-5-3, Action-Result).</summary>
public enum ActionResult : byte
{
    Success = 0,
    HardwareFault = 1,
    TemporaryFailure = 2,
    ReadWriteDenied = 3,
    ObjectUndefined = 4,
    ObjectClassInconsistent = 9,
    ObjectUnavailable = 11,
    TypeUnmatched = 12,
    ScopeOfAccessViolated = 13,
    DataBlockUnavailable = 14,
    LongActionAborted = 15,
    NoLongActionInProgress = 16,
    OtherReason = 250,
}

/// <summary>Names of results in the standard's own spelling.</summary>
public static class AccessResults
{
    public static string Name(this DataAccessResult result) => result switch
    {
        DataAccessResult.Success => "success",
        DataAccessResult.HardwareFault => "hardware-fault",
        DataAccessResult.TemporaryFailure => "temporary-failure",
        DataAccessResult.ReadWriteDenied => "read-write-denied",
        DataAccessResult.ObjectUndefined => "object-undefined",
        DataAccessResult.ObjectClassInconsistent => "object-class-inconsistent",
        DataAccessResult.ObjectUnavailable => "object-unavailable",
        DataAccessResult.TypeUnmatched => "type-unmatched",
        DataAccessResult.ScopeOfAccessViolated => "scope-of-access-violated",
        DataAccessResult.DataBlockUnavailable => "data-block-unavailable",
        DataAccessResult.LongGetAborted => "long-get-aborted",
        DataAccessResult.NoLongGetInProgress => "no-long-get-in-progress",
        DataAccessResult.LongSetAborted => "long-set-aborted",
        DataAccessResult.NoLongSetInProgress => "no-long-set-in-progress",
        DataAccessResult.DataBlockNumberInvalid => "data-block-number-invalid",
        DataAccessResult.OtherReason => "other-reason",
        _ => $"unknown-{(byte)result}",
    };

    public static string Name(this ActionResult result) => result switch
    {
        ActionResult.LongActionAborted => "long-action-aborted",
        ActionResult.NoLongActionInProgress => "no-long-action-in-progress",
        _ => ((DataAccessResult)result).Name(),
    };
}
