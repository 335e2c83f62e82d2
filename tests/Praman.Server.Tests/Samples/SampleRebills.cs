using NodaTime;
using Praman.Metering;
using Praman.Server.Queries;

namespace Praman.Server.Testing;

/// <summary>Three bills of the town whose readings have changed: by an edit, by a register, and by one that is disputed.</summary>
internal sealed class SampleRebills : IRebills
{
    private static readonly DateInterval March = new(new LocalDate(2026, 3, 1), new LocalDate(2026, 3, 31));

    private static readonly RebillBill[] All =
    [
        new("SVN-42-202603", SampleTown.Asha, March,
            [
                new RebillDay(new LocalDate(2026, 3, 9), ReadingType.ImportEnergy, 5_120, 5_020, [BlockCause.Edit, BlockCause.Estimation], [SampleTown.ReasonOfEdit]),
                new RebillDay(new LocalDate(2026, 3, 10), ReadingType.ImportEnergy, 5_000, 5_240, [BlockCause.LateData], []),
            ], null, null),
        new("SVN-43-202603", SampleTown.Bina, March, [], new RebillRegisters(Instant.FromUtc(2026, 3, 31, 18, 30), 214_300, 212_050), Money.FromMinorUnits(-1_125, "INR")),
        new("SVN-44-202603", SampleTown.BinaShop, March, [], new RebillRegisters(Instant.FromUtc(2026, 3, 31, 18, 30), 180_000, null), null),
    ];

    public ValueTask<RebillPage> ReadAsync(int skip, int count, CancellationToken cancellationToken) => new(new RebillPage([.. All.Skip(skip).Take(count)], All.Length, false));
}
