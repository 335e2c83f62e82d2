using NodaTime;
using Praman.HeadEnd.Commands;

namespace Praman.HeadEnd.Stores;

/// <summary>Commands to meters and what became of them; the guard against mass disconnection counts here.</summary>
public interface ICommandLog
{
    /// <summary>Appends; durable on return.</summary>
    ValueTask AppendAsync(CommandRecord record, CancellationToken cancellationToken);

    /// <summary>Records at or after an instant, by time.</summary>
    ValueTask<IReadOnlyList<CommandRecord>> ReadSinceAsync(Instant since, CancellationToken cancellationToken);
}
