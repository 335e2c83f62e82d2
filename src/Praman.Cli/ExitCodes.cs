namespace Praman.Cli;

/// <summary>What the process ends with: the same numbers for every command.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The answer is no: a bill differs, a check fails, a meter refuses.</summary>
    public const int No = 1;

    /// <summary>Wrong usage or unreadable input; one line on standard error says what, where and what was expected.</summary>
    public const int BadInput = 2;

    /// <summary>Not reachable, or timed out.</summary>
    public const int Unreachable = 3;

    /// <summary>Ctrl-C before it was done, as shells say it. What serves until Ctrl-C ends with <see cref="Done"/>.</summary>
    public const int Interrupted = 130;
}
