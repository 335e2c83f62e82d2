using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;

namespace Praman.Billing.Prepayment;

/// <summary>The guards before a cut.</summary>
public sealed partial class PrepaidAccount
{
    /// <summary>Asks for a cut at this instant. All guards are looked at; one that holds refuses it, and what is not known holds.</summary>
    /// <returns>A <see cref="CutRequest"/> with what was found, or a <see cref="CutRefused"/> with every guard that held.</returns>
    public AccountEvent AskForCut(Instant now, CutFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        Move(now);
        Checks checks = new();
        checks.Add(CutChecks.State, State == PrepaidState.CutPending && !_isCutAsked, _isCutAsked ? "asked for already" : State.ToString(), nameof(PrepaidState.CutPending));
        decimal sure = Math.Max(SureBalance, facts.FreshBalance ?? decimal.MaxValue);
        checks.Add(CutChecks.Balance, facts.FreshBalance is not null && sure <= _pack.CreditFloor, facts.FreshBalance is null ? Checks.Unknown : DecimalText.Money(sure), "at most " + DecimalText.Money(_pack.CreditFloor));
        checks.AddAge(CutChecks.BalanceAge, facts.BalanceAsOf, now, _pack.BalanceAgeHoursMax);
        checks.AddAge(CutChecks.ReadingAge, facts.LastReadingAt, now, _pack.BalanceAgeHoursMax);
        checks.Add(CutChecks.ReadingQuality, facts.LastReadingQuality == DayQuality.Actual, facts.LastReadingQuality?.ToString() ?? Checks.Unknown, nameof(DayQuality.Actual));
        checks.Add(CutChecks.Emergency, EmergencyUntil <= now, Checks.Text(EmergencyUntil), "ended");
        CheckNotice(checks, now, facts);
        LocalDateTime local = now.InZone(_zone).LocalDateTime;
        CheckTime(checks, local);
        CheckHome(checks, local.Date, facts);
        AccountEvent answer = checks.Held.Count > 0
            ? new CutRefused(now, checks.Held, _belowFloorSince is null ? null : PermittedFrom(EmergencyUntil!.Value > now ? EmergencyUntil.Value : now))
            : new CutRequest(now, _pack.Id, sure, _belowFloorSince!.Value, checks.Passed);
        _isCutAsked |= answer is CutRequest;
        _events.Add(answer);
        return answer;
    }

    private void CheckNotice(Checks checks, Instant now, CutFacts facts)
    {
        if (_pack.NoticeHours is not { } hours) return;
        // A notice of an earlier time below the floor says nothing about this one.
        bool given = facts.NoticeAt is { } at && at >= _belowFloorSince && at + Duration.FromHours(hours) <= now;
        checks.Add(CutChecks.Notice, given, Checks.Text(facts.NoticeAt), string.Create(CultureInfo.InvariantCulture, $"{hours} h before"));
    }

    private void CheckTime(Checks checks, LocalDateTime local)
    {
        string at = LocalDateTimePattern.GeneralIso.Format(local);
        checks.Add(CutChecks.Pack, _pack.IsInForce(local.Date), at, _pack.Id);
        checks.Add(CutChecks.Hour, _calendar.IsPermittedHour(local.TimeOfDay), at, $"{_pack.Open:HH:mm} to {_pack.Close:HH:mm}");
        checks.Add(CutChecks.Day, _calendar.IsPermittedDay(local.Date), at, "a day on which cuts are permitted");
        if (_pack.HasPublicHolidays) checks.Add(CutChecks.Calendar, _holidays.Knows(local.Year), _holidays.Id, string.Create(CultureInfo.InvariantCulture, $"holidays of {local.Year}"));
    }

    private void CheckHome(Checks checks, LocalDate date, CutFacts facts)
    {
        string? flag = facts.Flags is null ? Checks.Unknown : _pack.ProtectedFlags.FirstOrDefault(facts.Flags.Contains);
        checks.Add(CutChecks.Protected, flag is null || _pack.ProtectedFlags.Count == 0, flag ?? "none", string.Join(", ", _pack.ProtectedFlags));
        if (_pack.ProtectedLoadKwMax is { } shield)
        {
            checks.Add(CutChecks.Load, facts.SanctionedLoadKw > shield, facts.SanctionedLoadKw is { } load ? DecimalText.Trimmed(load) : Checks.Unknown, $"above {DecimalText.Trimmed(shield)} kW");
        }
        checks.Add(CutChecks.Storm, !facts.IsStorm, facts.IsStorm ? "storm" : "none", "none");
        checks.Add(CutChecks.Heat, !facts.IsHeat, facts.IsHeat ? "heat" : "none", "none");
        checks.Add(CutChecks.Dispute, !facts.IsDisputed, facts.IsDisputed ? "dispute" : "none", "none");
        bool over = facts.ConvertedOn is not { } converted || date >= converted.PlusDays(_pack.ConversionGraceDays);
        checks.Add(CutChecks.Grace, over, facts.ConvertedOn is { } on ? LocalDatePattern.Iso.Format(on) : "none", string.Create(CultureInfo.InvariantCulture, $"{_pack.ConversionGraceDays} days"));
    }

    private sealed class Checks
    {
        public const string Unknown = "not known";

        public List<CutReason> Held { get; } = [];
        public List<CutReason> Passed { get; } = [];

        public static string Text(Instant? at) => at is { } known ? InstantPattern.General.Format(known) : Unknown;

        public void Add(string code, bool passes, string measured, string limit) => (passes ? Passed : Held).Add(new(code, measured, limit));

        /// <summary>A time in the future is no proof of freshness.</summary>
        public void AddAge(string code, Instant? at, Instant now, int hoursMax) =>
            Add(code, at is { } known && known <= now && now - known <= Duration.FromHours(hoursMax), Text(at), string.Create(CultureInfo.InvariantCulture, $"at most {hoursMax} h old"));
    }
}
