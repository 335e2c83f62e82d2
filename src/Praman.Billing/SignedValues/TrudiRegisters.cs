using NodaTime;
using NodaTime.TimeZones;
using Praman.Metering;

namespace Praman.Billing.SignedValues;

/// <summary>A register of one tariff stage over the period.</summary>
/// <param name="Meter">The meter's id.</param>
/// <param name="Obis">The list's register with the tariff number as its group E.</param>
/// <param name="Amount">In units of the list.</param>
/// <param name="EnergyWh">The same in Wh.</param>
/// <param name="Tariff">The number of the stage; <see cref="TrudiRegisters.Unassigned"/> for energy of no stage.</param>
public sealed record TrudiRegister(string Meter, ObisCode Obis, long Amount, decimal EnergyWh, int Tariff);

/// <summary>What a gateway's readings amount to by a supplier's calendar (use case TAF-2).</summary>
/// <param name="Registers">A register a stage, then the one of what could not be assigned; for each list.</param>
/// <param name="Faults">Why the two files do not belong together, or the readings cannot be used.</param>
/// <param name="Notes">What a reader must know to recompute it.</param>
public sealed record TrudiRegisters(IReadOnlyList<TrudiRegister> Registers, IReadOnlyList<string> Faults, IReadOnlyList<string> Notes)
{
    /// <summary>
    /// Energy between two readings across a change of tariff, where the reading at the change is missing or critical. It is never spread: nobody
    /// knows on which side it was used.
    /// </summary>
    public const int Unassigned = 63;

    /// <summary>Zone of the calendar.</summary>
    public static DateTimeZone Germany { get; } = DateTimeZoneProviders.Tzdb["Europe/Berlin"];

    private static readonly LocalTime LastQuarter = new(23, 45);

    /// <summary>Assigns the energy of a period.</summary>
    /// <param name="device">Readings.</param>
    /// <param name="supplier">Stages and calendar.</param>
    /// <param name="period">The period; null for the supplier's billing period. Readings outside it are not used.</param>
    /// <param name="zone">Zone of the calendar's days.</param>
    public static TrudiRegisters Compute(TrudiDevice device, TrudiSupplier supplier, Interval? period, DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(supplier);
        ArgumentNullException.ThrowIfNull(zone);
        Interval over = period ?? supplier.BillingPeriod;
        var faults = new List<string>();
        if (device.Party != supplier.Party) faults.Add($"the device's file is of {device.Party}, the supplier's of {supplier.Party}");
        if (supplier.UseCase != 2) faults.Add($"use case TAF-{supplier.UseCase}: only TAF-2, tariffs by time, is computed here");
        string[] notes =
        [
            .. supplier.Profiles.Where(profile => ChangesAtLastQuarter(profile.Value)).Select(profile =>
                $"day profile {profile.Key} changes at 23:45: as TRuDI 1.0.59 does, the change is taken at midnight"),
        ];
        if (faults.Count > 0) return new([], faults, notes);
        (Instant At, int? Tariff)[] changes = Changes(supplier, over, zone);
        var registers = new List<TrudiRegister>();
        foreach (TrudiList list in device.Lists) Assign(list, supplier, over, changes, registers, faults);
        return new(registers, faults, notes);
    }

    private static void Assign(
        TrudiList list, TrudiSupplier supplier, Interval over, (Instant At, int? Tariff)[] changes, List<TrudiRegister> registers, List<string> faults)
    {
        var amounts = supplier.Stages.ToDictionary(stage => stage, _ => 0L);
        amounts[Unassigned] = 0;
        TrudiReading? last = null;
        int at = 0;
        foreach (TrudiReading reading in list.Readings)
        {
            if (reading.At < over.Start || reading.At > over.End || reading.Status >= TrudiReading.Critical) continue;
            if (last is { } before)
            {
                if (reading.Value < before.Value)
                {
                    faults.Add($"{list.Obis} of {list.Meter}: {reading.Value} at {reading.At} is less than {before.Value} at {before.At}");
                    return;
                }
                while (at + 1 < changes.Length && changes[at + 1].At <= before.At) at++;
                bool changed = at + 1 < changes.Length && changes[at + 1].At < reading.At;
                int tariff = changed ? Unassigned : changes[at].Tariff ?? Unassigned;
                amounts[tariff] += reading.Value - before.Value;
            }
            last = reading;
        }
        if (last is null) faults.Add($"{list.Obis} of {list.Meter}: no reading of the period can be used");
        decimal unit = Power(list.Exponent);
        foreach ((int tariff, long amount) in amounts)
        {
            var obis = new ObisCode(list.Obis.A, list.Obis.B, list.Obis.C, list.Obis.D, (byte)tariff, list.Obis.F);
            registers.Add(new(list.Meter, obis, amount, amount * unit, tariff));
        }
    }

    /// <summary>The stage from each instant on; null where the calendar has no profile for the day.</summary>
    private static (Instant At, int? Tariff)[] Changes(TrudiSupplier supplier, Interval over, DateTimeZone zone)
    {
        var candidates = new SortedSet<Instant> { over.Start };
        LocalDate end = over.End.InZone(zone).Date;
        for (LocalDate date = over.Start.InZone(zone).Date; date <= end; date = date.PlusDays(1))
        {
            candidates.Add(zone.AtStartOfDay(date).ToInstant());
            if (!supplier.Days.TryGetValue(date, out int profile)) continue;
            foreach (TrudiChange change in supplier.Profiles[profile])
            {
                ZoneLocalMapping mapping = zone.MapLocal(date + change.At); // an hour that comes twice has its changes twice
                if (mapping.Count > 0) candidates.Add(mapping.First().ToInstant());
                if (mapping.Count > 1) candidates.Add(mapping.Last().ToInstant());
            }
        }
        foreach (ZoneInterval interval in zone.GetZoneIntervals(over))
        {
            if (interval.HasStart && interval.Start > over.Start) candidates.Add(interval.Start);
        }
        var changes = new List<(Instant At, int? Tariff)>();
        foreach (Instant at in candidates.Where(at => at >= over.Start))
        {
            int? tariff = TariffAt(supplier, at.InZone(zone).LocalDateTime);
            if (changes.Count == 0 || changes[^1].Tariff != tariff) changes.Add((at, tariff));
        }
        return [.. changes];
    }

    private static int? TariffAt(TrudiSupplier supplier, LocalDateTime time)
    {
        if (!supplier.Days.TryGetValue(time.Date, out int profile)) return null;
        IReadOnlyList<TrudiChange> changes = supplier.Profiles[profile];
        int tariff = supplier.Default;
        // The reference software reads a change at the last quarter hour at the end of the day; what a consumer compares with is its figure.
        int count = ChangesAtLastQuarter(changes) ? changes.Count - 1 : changes.Count;
        for (int i = 0; i < count && changes[i].At <= time.TimeOfDay; i++) tariff = changes[i].Tariff;
        return tariff;
    }

    private static bool ChangesAtLastQuarter(IReadOnlyList<TrudiChange> changes) =>
        changes.Count > 1 && changes[^1].At == LastQuarter && changes[^1].Tariff != changes[^2].Tariff;

    private static decimal Power(int exponent)
    {
        decimal power = 1;
        for (int i = 0; i < Math.Abs(exponent); i++) power = exponent < 0 ? power / 10 : power * 10;
        return power;
    }
}
