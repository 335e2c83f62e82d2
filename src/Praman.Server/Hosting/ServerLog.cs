namespace Praman.Server.Hosting;

/// <summary>What the server logs. Names of people and usage points stand here; readings, amounts and passwords never do.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(5001, LogLevel.Information, "Pages stand at {Address}")]
    public static partial void Listening(this ILogger logger, string address);

    [LoggerMessage(5010, LogLevel.Information, "{Role} signed in")]
    public static partial void SignedIn(this ILogger logger, string role);

    [LoggerMessage(5011, LogLevel.Warning, "Sign-in refused: wrong name or password, from {Remote}")]
    public static partial void SignInRefused(this ILogger logger, string remote);

    [LoggerMessage(5012, LogLevel.Warning, "Sign-in locked for a name after repeated failures, from {Remote}")]
    public static partial void SignInLocked(this ILogger logger, string remote);

    [LoggerMessage(5020, LogLevel.Information, "Purpose stated by {Person} for {UsagePoint}")]
    public static partial void PurposeStated(this ILogger logger, string person, string usagePoint);

    [LoggerMessage(5021, LogLevel.Information, "Edited readings released by {Person} for {UsagePoint}")]
    public static partial void EditsReleased(this ILogger logger, string person, string usagePoint);

    [LoggerMessage(5022, LogLevel.Information, "Readings edited by {Person} for {UsagePoint}")]
    public static partial void ReadingsEdited(this ILogger logger, string person, string usagePoint);

    [LoggerMessage(5030, LogLevel.Error, "A request failed: {Method} {Route}")]
    public static partial void RequestFailed(this ILogger logger, string method, string route, Exception exception);

    [LoggerMessage(5031, LogLevel.Error, "Bill {BillNo} cannot be shown: {Reason}")]
    public static partial void BillUnreadable(this ILogger logger, string billNo, string reason);

    [LoggerMessage(5031, LogLevel.Warning, "Bill {BillNo} was not printed: {State}")]
    public static partial void BillNotPrinted(this ILogger logger, string billNo, Bills.PrintState state);

    [LoggerMessage(5040, LogLevel.Error, "A head was not cosigned: it could not be kept")]
    public static partial void NotKept(this ILogger logger, Exception exception);
}
