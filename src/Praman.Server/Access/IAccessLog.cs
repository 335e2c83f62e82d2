using Praman.Metering;

namespace Praman.Server.Access;

/// <summary>The record of who looked at whose readings, and why. Records are appended, never changed.</summary>
public interface IAccessLog
{
    /// <summary>Keeps a record; when the call returns it is kept, and only then may the data be shown.</summary>
    ValueTask AppendAsync(AccessRecord record, CancellationToken cancellationToken);

    /// <summary>The newest records of a usage point, newest first.</summary>
    ValueTask<IReadOnlyList<AccessRecord>> ReadAsync(UsagePointId usagePoint, int countMax, CancellationToken cancellationToken);
}
