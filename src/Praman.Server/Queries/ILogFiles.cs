namespace Praman.Server.Queries;

/// <summary>The public log as static files (C2SP tlog-tiles) and what is said of it.</summary>
public interface ILogFiles
{
    /// <summary>The newest checkpoint with the signatures of the log and its witnesses; null before the first.</summary>
    ValueTask<ReadOnlyMemory<byte>?> CheckpointAsync(CancellationToken cancellationToken);

    /// <summary>A tile by its path below <c>tile/</c>, such as <c>0/000</c>, <c>0/001.p/7</c> or <c>entries/000</c>; null where it does not exist (yet).</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(string path, CancellationToken cancellationToken);

    /// <summary>Size of the tree, and entries by kind in the words of the log (<c>tariff</c>, <c>bill</c>, <c>meter-day-root</c>).</summary>
    ValueTask<LogSummary> SummaryAsync(CancellationToken cancellationToken);

    /// <summary>The log's verifier key (C2SP signed-note vkey).</summary>
    string LogKey { get; }

    /// <summary>The verifier keys of its witnesses.</summary>
    IReadOnlyList<string> WitnessKeys { get; }
}

/// <summary>What stands in the log.</summary>
public sealed record LogSummary(string Origin, long TreeSize, IReadOnlyList<KeyValuePair<string, long>> EntriesByKind);
