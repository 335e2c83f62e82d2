using System.Globalization;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;
using Praman.Server.Queries;

namespace Praman.Server.Bills;

/// <summary>What a proof code says, held against the public log of this server.</summary>
public sealed record CodedEntry(string BillNo, long Entry, Digest Commitment, CodedEntryState State)
{
    private const int BillNoLengthMax = 64;

    /// <summary>Looks the entry up; null where the parameters are not those of a code.</summary>
    public static async ValueTask<CodedEntry?> FindAsync(string? billNo, string? entry, string? commitment, ILogFiles log, CancellationToken cancellationToken)
    {
        if (billNo is not { Length: > 0 and <= BillNoLengthMax } || !Digest.TryParseHex(commitment, out Digest digest)
            || !long.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out long index)) return null;
        return new(billNo, index, digest, await StateAsync(index, digest, log, cancellationToken));
    }

    private static async ValueTask<CodedEntryState> StateAsync(long index, Digest commitment, ILogFiles log, CancellationToken cancellationToken)
    {
        if (await log.CheckpointAsync(cancellationToken) is not { } head || !SignedCheckpoint.TryParse(head.Span, out SignedCheckpoint? checkpoint, out _)
            || index >= checkpoint.Size) return CodedEntryState.NotThere;
        TilePath bundle = TilePath.At(TilePath.EntriesLevel, index / TilePath.FullWidth, checkpoint.Size);
        if (await log.FindTileAsync(bundle.ToString()["tile/".Length..], cancellationToken) is not { } octets
            || !EntryBundle.TryParse(octets, bundle.Width, out IReadOnlyList<ReadOnlyMemory<byte>>? entries, out _)) return CodedEntryState.NotThere;
        return LogEntry.TryParse(entries[(int)(index % TilePath.FullWidth)].Span, out LogEntry found, out _) && found == new LogEntry(LogEntryKind.Bill, commitment)
            ? CodedEntryState.Same : CodedEntryState.Other;
    }
}

/// <summary>What stands at the place that a code names.</summary>
public enum CodedEntryState
{
    /// <summary>A bill with this commitment.</summary>
    Same,

    /// <summary>Something else.</summary>
    Other,

    /// <summary>The log that this server shows has no such entry.</summary>
    NotThere,
}
