using System.Text;
using NodaTime;
using Praman.Billing.Stores;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.Stores.Tests.Crash;

/// <summary>What the killed process writes: made from numbers, so that the test knows every octet of it.</summary>
internal static class CrashPlan
{
    public const int BlocksOfBatch = 20;
    public const int Meters = 5;

    public static EndDeviceId Meter(int number) => new($"M{number}");

    /// <summary>Batch <paramref name="number"/>: twenty usage points of its own, one register, one event.</summary>
    public static ReadingBatch Batch(int number)
    {
        ulong first = (ulong)number * BlocksOfBatch;
        var meter = new EndDeviceId($"S{number}");
        return new ReadingBatch(Samples.Recorded + Duration.FromSeconds(number))
        {
            Blocks = [.. Enumerable.Range(0, BlocksOfBatch).Select(i => Samples.Block(first + (ulong)i, Day(number)))],
            Registers = [Samples.Register(first, Day(number), meter.Serial, 1_000 + number)],
            Events = [new EndDeviceEvent(meter, new UsagePointId(first), Samples.Day(Day(number)), 101, number)],
        };
    }

    public static int Day(int number) => number % 30;

    public static IssuedBill Bill(int number) => new(
        new BillFacts(
            $"B-{number}", new UsagePointId((ulong)number), new DateInterval(new LocalDate(2026, 4, 1), new LocalDate(2026, 4, 30)), new LocalDate(2026, 5, 1), "INR", number, 1, 0, false,
            number),
        Encoding.ASCII.GetBytes($"bill {number}"), Encoding.ASCII.GetBytes($"proof {number}"), Encoding.ASCII.GetBytes(new string('e', 2_000 + number % 1_000)));
}
