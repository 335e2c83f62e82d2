using System.Text.Json;
using NodaTime;
using Praman.Billing.Invoicing;
using Praman.Billing.Tests.Rating;
using Praman.Metering;
using Praman.Proof;

namespace Praman.Billing.Tests.Invoicing;

public class InvoiceWriterTests
{
    private const long Wh = 412_000;
    private static readonly UsagePoint Point = new(new UsagePointId(1), "C1", "Asia/Kolkata", 3_000, 1, "in-gj-rgp-urban", []);
    private static readonly Digest Readings = Digest.Sha256("readings"u8);

    private static IntervalBlock Day(long wh) => IntervalBlock.Create(
        new(Point.Id, ReadingType.ImportEnergy, LocalDays.Bounds(new LocalDate(2025, 10, 1), DateTimeZoneProviders.Tzdb[Point.TimeZone]).Start, 30, 2, 0, BlockCause.Received),
        [wh, 1], [IntervalQuality.Valid, IntervalQuality.Valid]);

    private static BillableUsage Usage(params IntervalBlock[] days) => new(
        Point.Id, new DateInterval(new(2025, 10, 1), new(2025, 10, 31)), days, [], Wh, 2 * days.Length, 0, 0, BillingGate.Final, [], "rules/1", Digest.Sha256("r"u8).ToString());

    private static ReadOnlyMemory<byte> Write(InvoiceWriter writer, BillableUsage usage) =>
        writer.Write(new InvoiceRequest("2025-10-1", "MGVCL", Point, usage, new LocalDate(2025, 11, 1)), Readings).Invoice!.Bytes;

    private static long Unassigned(BillableUsage usage)
    {
        using JsonDocument bill = JsonDocument.Parse(Write(new InvoiceWriter(WorkedBills.Tariff(Point.TariffId)), usage));
        return bill.RootElement.GetProperty("readings").GetProperty("unassigned_wh").GetInt64();
    }

    /// <summary>The days are unpacked once: by who made the usage, or here where no sum came with it.</summary>
    [Fact]
    public void TheSumOfTheDaysIsTheOneGivenElseThatOfTheBlocks()
    {
        BillableUsage usage = Usage(Day(400_000));
        Assert.Equal(Wh - 400_001, Unassigned(usage));
        Assert.Equal(Wh - 9, Unassigned(usage with { IntervalsWh = 9 }));
        Assert.Equal(Wh - 301, Unassigned(usage with { IntervalsWh = 9 } with { Blocks = [Day(300)] }));
    }

    /// <summary>What the verification of a bill calls different is not issued, whatever gate let it through.</summary>
    [Theory]
    [InlineData(1_000, 1, true)]
    [InlineData(1_001, 1, false)]
    [InlineData(-1_001, 1, false)]
    [InlineData(30_000, 30, true)]
    [InlineData(30_001, 30, false)]
    public void RegistersThatTheIntervalsDoNotExplainMakeNoInvoice(long openWh, int multiplier, bool isWritten)
    {
        Instant start = LocalDays.Bounds(new LocalDate(2025, 10, 1), DateTimeZoneProviders.Tzdb[Point.TimeZone]).Start;
        IntervalBlock register = IntervalBlock.CreateRegister(Point.Id, ReadingType.ImportRegister, start, 5, IntervalQuality.Valid);
        var reading = new RegisterReading(Point.Id, new EndDeviceId("M"), ReadingType.ImportRegister, start, 5);
        var segment = new RegisterSegment(reading.EndDevice, reading, reading, register, register) { EnergyWh = Wh, RegisterDigits = 6, Multiplier = multiplier };
        BillableUsage usage = Usage(Day(Wh - 1 - openWh)) with { Segments = [segment] };
        InvoiceResult result = new InvoiceWriter(WorkedBills.Tariff(Point.TariffId)).Write(new InvoiceRequest("2025-10-1", "MGVCL", Point, usage, new LocalDate(2025, 11, 1)), Readings);
        Assert.Equal((isWritten, isWritten ? null : "GATE-UNASSIGNED"), (result.Invoice is not null, result.Refusal?.Code));
    }

    [Fact]
    public void ABillAllocatesLittle()
    {
        var writer = new InvoiceWriter(WorkedBills.Tariff(Point.TariffId));
        BillableUsage usage = Usage(Day(400_000)) with { IntervalsWh = 400_001 };
        int length = Write(writer, usage).Length;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Write(writer, usage);
        // The bill's own octets and what rating makes; nothing for the text of its figures.
        Assert.InRange(((GC.GetAllocatedBytesForCurrentThread() - before) / 100) - length, 1, 4_608);
    }
}
