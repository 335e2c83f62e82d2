using NodaTime;
using Praman.Metering;
using Praman.Server.Access;

namespace Praman.Server.Tests;

public sealed class AccessLogFileTests
{
    private static readonly UsagePointId Home = new(42);

    /// <summary>A loss of power leaves any part of the last line: the server starts, and goes on after the last whole one.</summary>
    [Fact]
    public async Task ATornLastLineIsDroppedAtEveryOctet()
    {
        string folder = Directory.CreateTempSubdirectory("praman-access").FullName, path = Path.Combine(folder, "access.log");
        using (var log = new AccessLogFile(path))
        {
            await log.AppendAsync(Record("first"), CancellationToken.None);
            await log.AppendAsync(Record("second"), CancellationToken.None);
        }
        byte[] whole = await File.ReadAllBytesAsync(path);
        int line = whole.AsSpan().IndexOf((byte)'\n') + 1;
        for (int length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(path, whole[..length]);
            using (var log = new AccessLogFile(path)) await log.AppendAsync(Record("third"), CancellationToken.None);
            using var after = new AccessLogFile(path);
            string[] expected = length >= line ? ["third", "first"] : ["third"];
            Assert.Equal(expected, (await after.ReadAsync(Home, 0, 10, CancellationToken.None)).Select(record => record.Purpose));
        }
        Directory.Delete(folder, recursive: true);
    }

    private static AccessRecord Record(string purpose) => new(Instant.FromUtc(2026, 4, 15, 1, 2), Home, "Om Rao", "operator", "day 2026-04-09", purpose);
}
