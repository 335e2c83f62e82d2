using Praman.Metering;

namespace Praman.Server.Access;

/// <summary>The record of who looked at whose readings, and why. Records are appended, never changed.</summary>
public interface IAccessLog
{
    /// <summary>Keeps a record; when the call returns it is kept, and only then may the data be shown.</summary>
    ValueTask AppendAsync(AccessRecord record, CancellationToken cancellationToken);

    /// <summary>Records of a usage point, newest first.</summary>
    /// <param name="skip">How many of the newest to pass over.</param>
    /// <param name="countMax">How many to give at most.</param>
    ValueTask<IReadOnlyList<AccessRecord>> ReadAsync(UsagePointId usagePoint, int skip, int countMax, CancellationToken cancellationToken);

    /// <summary>How many records there are of a usage point.</summary>
    ValueTask<int> CountAsync(UsagePointId usagePoint, CancellationToken cancellationToken);

    /// <summary>How many of them are looks (<see cref="AccessKinds.IsLook"/>).</summary>
    ValueTask<int> CountLooksAsync(UsagePointId usagePoint, CancellationToken cancellationToken);
}
