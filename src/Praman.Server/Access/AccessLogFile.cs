using System.Text;
using System.Text.Json;
using NodaTime.Text;
using Praman.Metering;

namespace Praman.Server.Access;

/// <summary>The access log as a file of JSON lines, flushed to the disk before a look is allowed; without a path it lives in memory.</summary>
public sealed class AccessLogFile : IAccessLog, IDisposable
{
    /// <summary>Its name below a data folder.</summary>
    public const string Name = "access.log";

    private readonly Lock _lock = new();
    private readonly Dictionary<UsagePointId, List<AccessRecord>> _byUsagePoint = [];
    private readonly FileStream? _file;

    /// <exception cref="InvalidDataException">A whole line of the file is not a record; the message names the line.</exception>
    public AccessLogFile(string? path)
    {
        if (path is null) return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _file = new FileStream(path, options);
        try
        {
            ReadAll(_file, path);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(AccessRecord record, CancellationToken cancellationToken)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(Row.From(record)), (byte)'\n'];
        lock (_lock)
        {
            Write(line);
            Keep(record);
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AccessRecord>> ReadAsync(UsagePointId usagePoint, int skip, int countMax, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            IReadOnlyList<AccessRecord> newest = _byUsagePoint.TryGetValue(usagePoint, out List<AccessRecord>? all)
                ? [.. Enumerable.Reverse(all).Skip(skip).Take(countMax)]
                : [];
            return new(newest);
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> CountAsync(UsagePointId usagePoint, CancellationToken cancellationToken)
    {
        lock (_lock) return new(_byUsagePoint.TryGetValue(usagePoint, out List<AccessRecord>? all) ? all.Count : 0);
    }

    /// <inheritdoc/>
    public ValueTask<int> CountLooksAsync(UsagePointId usagePoint, CancellationToken cancellationToken)
    {
        lock (_lock) return new(_byUsagePoint.TryGetValue(usagePoint, out List<AccessRecord>? all) ? all.Count(record => AccessKinds.IsLook(record.What)) : 0);
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>A line is there whole or not at all: what a full disk has cut short is taken off again.</summary>
    private void Write(byte[] line)
    {
        if (_file is null) return;
        long end = _file.Position;
        try
        {
            _file.Write(line);
            _file.Flush(flushToDisk: true);
        }
        catch
        {
            _file.SetLength(end);
            _file.Position = end;
            throw;
        }
    }

    /// <summary>
    /// Reads the records. After the last line feed stands what a loss of power has cut short: its look was never allowed, for the flush had
    /// not returned, and it is dropped from the file.
    /// </summary>
    private void ReadAll(FileStream file, string path)
    {
        byte[] octets = new byte[file.Length];
        file.ReadExactly(octets);
        int whole = octets.AsSpan().LastIndexOf((byte)'\n') + 1;
        if (whole < octets.Length) file.SetLength(whole);
        file.Position = whole;
        int number = 0;
        foreach (string line in Encoding.UTF8.GetString(octets, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            try
            {
                Keep((JsonSerializer.Deserialize<Row>(line) ?? throw new JsonException("nothing")).ToRecord());
            }
            catch (Exception exception) when (exception is JsonException or FormatException or UnparsableValueException)
            {
                throw new InvalidDataException($"{path}, line {number}: not a record of the access log ({exception.Message})", exception);
            }
        }
    }

    private void Keep(AccessRecord record)
    {
        if (!_byUsagePoint.TryGetValue(record.UsagePoint, out List<AccessRecord>? list)) _byUsagePoint[record.UsagePoint] = list = [];
        list.Add(record);
    }

    private sealed record Row(string At, string UsagePoint, string By, string Role, string What, string Purpose)
    {
        public static Row From(AccessRecord r) => new(InstantPattern.General.Format(r.At), r.UsagePoint.ToString(), r.By, r.Role, r.What, r.Purpose);

        public AccessRecord ToRecord() =>
            new(InstantPattern.General.Parse(At).GetValueOrThrow(), UsagePointId.Parse(UsagePoint, null), By, Role, What, Purpose);
    }
}
