using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.Meter.Registers;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.Cli.Demo;

internal sealed partial class DemoRun
{
    private const int FirstDay = 0, ExchangeDay = 15, PowerDay = 8, FaultDay = 18, SilentDay = 20;
    private const int FitterAttemptsMax = 10;

    /// <summary>Puts the street's meters into the inventory, their keys into the key store, and opens their ports.</summary>
    private async Task EnrolAsync(CancellationToken cancellationToken)
    {
        foreach (DemoHome home in _street.Homes)
        {
            // Salts that follow from the seed: a run with the same seed gives the same octets of every bill.
            await _store.Salts.AddAsync(home.UsagePoint.Id, _street.DeriveKey("salt", home.UsagePoint.Id.Number), cancellationToken).ConfigureAwait(false);
            await EnrolAsync(home, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task EnrolAsync(DemoHome home, CancellationToken cancellationToken)
    {
        Installation[] installations = [.. home.Meters.Select(meter =>
            new Installation(home.UsagePoint.Id, meter.EndDevice, meter.From, meter.Until, RegisterDigits: 6, RatedCurrentA: home.RatedCurrentA))];
        await _store.UsagePoints.PutAsync([new UsagePointRecord(home.UsagePoint, installations)], cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < home.Meters.Count; i++)
        {
            DemoMeter meter = home.Meters[i];
            InventoryMeter? known = await _store.Meters.FindAsync(meter.EndDevice, cancellationToken).ConfigureAwait(false);
            string link = known?.Link ?? _host.Add(meter.Meter);
            await _store.Meters.PutAsync(
                [new InventoryMeter(meter.EndDevice, link, Convert.ToHexString(meter.SystemTitle.Span), known?.Model, MeterAccess.UtilitySetting, [installations[i]]) { Feeder = DemoStreet.Feeder, DeviceName = known?.DeviceName ?? "" }],
                cancellationToken).ConfigureAwait(false);
            if (known is not null) continue;
            using var keys = new HeadEnd.Inventory.MeterKeys(meter.Keys.Guek.Span, meter.Keys.Gak.Span, meter.Keys.HlsSecret.Span, meter.Keys.LlsSecret.Span);
            await _keys.PutAsync([(meter.EndDevice, keys)], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One local day: what befalls the street, then the night in which it is read, completed and logged.</summary>
    private async Task LiveAsync(LocalDate day, int number, CancellationToken cancellationToken)
    {
        await PrepaidMorningAsync(day, cancellationToken).ConfigureAwait(false);
        await BefallAsync(day, number, cancellationToken).ConfigureAwait(false);
        await PrepaidEveningAsync(day, cancellationToken).ConfigureAwait(false);
        Instant midnight = LocalDays.Bounds(day, _options.Zone).End;
        _clock.MoveTo(midnight + Duration.FromMinutes(10));
        await CollectAsync(cancellationToken).ConfigureAwait(false);
        await CompleteAsync(day, cancellationToken).ConfigureAwait(false);
        await PrepaidNightAsync(day, cancellationToken).ConfigureAwait(false);
        await _nights.RunAsync(day.PlusDays(1), _clock.Now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Rounds of collection until nothing waits to be tried again; what is given up comes with the next night.</summary>
    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        for (int round = 0; round < RoundsMax; round++)
        {
            RoundSummary summary = await _collector.RunRoundAsync(cancellationToken).ConfigureAwait(false);
            _sessions += summary.Attempted;
            _sessionsFailed += summary.Failed;
            if (summary.NextAttempt is not { } next) return;
            _clock.MoveTo(next);
        }
    }

    /// <summary>
    /// Estimates what no meter will bring any more: days whose registers are known, or whose deadline has passed. A day with estimates is taken
    /// again every night until it is billed.
    /// </summary>
    private async Task CompleteAsync(LocalDate day, CancellationToken cancellationToken)
    {
        foreach (MeterDayOutcome outcome in await _store.Coverage.ReadDayAsync(day, cancellationToken).ConfigureAwait(false))
        {
            if (outcome.State != DayState.Complete) _open.Add(outcome.UsagePoint, day);
        }
        await foreach (StoredFinding found in _store.Readings.ReadFindingsAsync(null, LocalDays.Bounds(day, _options.Zone), cancellationToken).ConfigureAwait(false))
        {
            if (found.Finding.Severity == Severity.Fail) _open.Add(found.UsagePoint, day);
        }
        await _open.RunAsync(_clock.Now, cancellationToken).ConfigureAwait(false);
    }

    private async Task BefallAsync(LocalDate day, int number, CancellationToken cancellationToken)
    {
        _host.FailSessions(number % 7 == 3 ? 0.15 : 0.03);
        if (number == FirstDay && HomeOf(DemoTrouble.FastClock) is { } fast)
        {
            Tell(day, fast, "its clock gains a minute and a half a day, from the first on; each night it is measured, and set where it is off by more than a minute");
        }
        if (number == PowerDay && HomeOf(DemoTrouble.PowerFailure) is { } dark)
        {
            Instant off = At(day, 13, 10), on = At(day, 17, 40);
            _clock.MoveTo(off);
            lock (dark.Standing.Meter) dark.Standing.Meter.FailPower(off);
            _clock.MoveTo(on);
            lock (dark.Standing.Meter) dark.Standing.Meter.RestorePower(on);
            Tell(day, dark, "supply failed from 13:10 to 17:40");
        }
        if (number == ExchangeDay && HomeOf(DemoTrouble.Exchange) is { } exchanged) await ExchangeAsync(day, exchanged, cancellationToken).ConfigureAwait(false);
        if (number == FaultDay)
        {
            if (HomeOf(DemoTrouble.LostEvening) is { } evening) LoseRows(day, evening, new LocalTime(18, 0), new LocalTime(20, 30));
            if (HomeOf(DemoTrouble.LostNight) is { } night) LoseRows(day, night, new LocalTime(2, 0), new LocalTime(3, 0));
        }
        if (HomeOf(DemoTrouble.SilentModem) is not { } silent) return;
        if (number == SilentDay)
        {
            _host.Silence(silent.Standing.Meter, true);
            Tell(day, silent, "its modem is silent for two nights; the third night catches up");
        }
        if (number == SilentDay + 2) _host.Silence(silent.Standing.Meter, false);
    }

    private DemoHome? HomeOf(DemoTrouble trouble) => _street.Plan.Of(trouble) is { } home ? _street.Homes[home] : null;

    /// <summary>A fitter takes the meter out at 11:00 and puts another in: both registers are read, and both stand on the bill.</summary>
    private async Task ExchangeAsync(LocalDate day, DemoHome home, CancellationToken cancellationToken)
    {
        Instant at = At(day, 11, 0);
        _clock.MoveTo(at);
        DemoMeter old = home.Standing;
        old.Until = at;
        await EnrolAsync(home, cancellationToken).ConfigureAwait(false);
        SessionError? removal = await ReadByFitterAsync(old, ExchangeMoment.Removal, cancellationToken).ConfigureAwait(false);
        DemoMeter next = _street.Exchange(home, at);
        await EnrolAsync(home, cancellationToken).ConfigureAwait(false);
        SessionError? installation = await ReadByFitterAsync(next, ExchangeMoment.Installation, cancellationToken).ConfigureAwait(false);
        Tell(day, home, removal is null && installation is null
            ? $"meter {old.EndDevice} was exchanged for {next.EndDevice} at 11:00; both registers were read"
            : $"meter {old.EndDevice} was exchanged for {next.EndDevice} at 11:00; a reading failed: {removal ?? installation}");
    }

    /// <summary>Whoever stands before a meter calls it again when the line breaks off: without both registers the month cannot be billed.</summary>
    private async Task<SessionError?> ReadByFitterAsync(DemoMeter meter, ExchangeMoment moment, CancellationToken cancellationToken)
    {
        SessionError? fault = null;
        for (int attempt = 0; attempt < FitterAttemptsMax; attempt++)
        {
            (_, fault) = await _collector.ReadNowAsync(meter.EndDevice, moment, cancellationToken).ConfigureAwait(false);
            if (fault is null) return null;
        }
        return fault;
    }

    private void LoseRows(LocalDate day, DemoHome home, LocalTime from, LocalTime to)
    {
        lock (home.Standing.Meter) home.Standing.Meter.MarkFault(At(day, from.Hour, from.Minute), At(day, to.Hour, to.Minute), BlockLoadStatus.DataNotValid);
        Tell(day, home, $"its memory marks the rows from {from:HH:mm} to {to:HH:mm} as not valid; they are estimated and scaled to its registers");
    }

    private void Tell(LocalDate day, DemoHome home, string what) => _incidents.Add(new DemoIncident(day, home.UsagePoint.Id, what));

    private Instant At(LocalDate day, int hour, int minute) => day.At(new LocalTime(hour, minute)).InZoneStrictly(_options.Zone).ToInstant();
}
