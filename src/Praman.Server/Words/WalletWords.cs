using Praman.Billing.Prepayment;
using Praman.Metering;

namespace Praman.Server.Words;

/// <summary>Wallets in words: states, checks before a cut, causes of a true-up, how a day is known.</summary>
internal static class WalletWords
{
    public static string Of(PrepaidState state) => state switch
    {
        PrepaidState.Ok => W.WalletOk,
        PrepaidState.Low => W.WalletLow,
        PrepaidState.VeryLow => W.WalletVeryLow,
        PrepaidState.Zero => W.WalletZero,
        PrepaidState.Emergency => W.WalletEmergency,
        PrepaidState.CutPending => W.WalletCutPending,
        PrepaidState.Cut => W.WalletCut,
        _ => W.WalletRestoring,
    };

    public static string Of(DayQuality quality) => quality switch
    {
        DayQuality.Actual => W.DayRead,
        DayQuality.Estimated => W.DayIsEstimated,
        DayQuality.Spread => W.DaySpread,
        _ => W.DayWithoutEnergy,
    };

    /// <summary>Why a check refused a cut, by its stable code.</summary>
    public static string OfCheck(string code) => code switch
    {
        CutChecks.State => W.CheckCutState,
        CutChecks.Balance => W.CheckCutBalance,
        CutChecks.BalanceAge => W.CheckCutBalanceAge,
        CutChecks.ReadingAge => W.CheckCutReadingAge,
        CutChecks.ReadingQuality => W.CheckCutReadingQuality,
        CutChecks.Emergency => W.CheckCutEmergencyCredit,
        CutChecks.Notice => W.CheckCutNotice,
        CutChecks.Hour => W.CheckCutHour,
        CutChecks.Day => W.CheckCutDay,
        CutChecks.Calendar => W.CheckCutCalendar,
        CutChecks.Pack => W.CheckCutRulePack,
        CutChecks.Protected => W.CheckCutProtected,
        CutChecks.Load => W.CheckCutProtectedLoad,
        CutChecks.Storm => W.CheckCutHoldStorm,
        CutChecks.Heat => W.CheckCutHoldHeat,
        CutChecks.Dispute => W.CheckCutHoldDispute,
        CutChecks.Grace => W.CheckCutConversionGrace,
        _ => code,
    };

    /// <summary>Why a month's bill and its days differ, by the stable word of the cause.</summary>
    public static string OfCause(string cause) => cause switch
    {
        "SHORTER-PERIOD" => W.CauseShorterPeriod,
        "MAXIMUM-DEMAND" => W.CauseMaximumDemand,
        "UNIT-ROUNDING" => W.CauseUnitRounding,
        "RATE-CHANGE-SPLIT" => W.CauseRateChangeSplit,
        "TOTAL-ROUNDING" => W.CauseTotalRounding,
        "UNEXPLAINED" => W.CauseUnexplained,
        _ => cause,
    };

    /// <summary>Weekdays and other days without cuts, as the rules have them; empty where every day permits them.</summary>
    public static IReadOnlyList<string> DaysWithoutCuts(RulePack pack)
    {
        var days = new List<string>();
        foreach (NodaTime.IsoDayOfWeek day in pack.NoCutWeekdays) days.Add(Format.Current.Culture.DateTimeFormat.GetDayName((DayOfWeek)((int)day % 7)));
        if (pack.HasSecondSaturday) days.Add(W.SecondSaturdays);
        if (pack.HasPublicHolidays) days.Add(W.PublicHolidays);
        if (pack.HasDayBefore) days.Add(W.DaysBefore);
        return days;
    }

    /// <summary>An amount of a wallet, with its sign.</summary>
    public static string Money(decimal amount, string currency) => Format.Current.Money(new Money(amount, currency));

    /// <summary>Energy to the watt-hour.</summary>
    public static string Kwh(decimal kwh) => Format.Current.KwhExact((long)decimal.Round(kwh * 1000, 0, MidpointRounding.AwayFromZero)) + " " + W.UnitKwh;
}
