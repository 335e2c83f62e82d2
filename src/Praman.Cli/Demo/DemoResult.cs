using NodaTime;
using Praman.Billing.Stores;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Server.Operations;

namespace Praman.Cli.Demo;

/// <summary>Something that befell the street.</summary>
internal sealed record DemoIncident(LocalDate Day, UsagePointId UsagePoint, string What);

/// <summary>A copy that was altered, and what the verifier said of it.</summary>
internal sealed record DemoAlteration(string What, string BillNo, BillVerdict Verdict);

/// <summary>A whole month that was billed, and what came of it.</summary>
internal sealed record DemoMonth(DateInterval Period, BillingRunResult Bills)
{
    public long TotalMinorUnits => Bills.Bills.Sum(bill => bill.TotalMinorUnits);
}

/// <summary>The bills of all whole months, by time; one month at least.</summary>
internal sealed record DemoBills(IReadOnlyList<DemoMonth> Months)
{
    public IReadOnlyList<BillFacts> All { get; } = [.. Months.SelectMany(month => month.Bills.Bills)];

    public IReadOnlyList<BillRefused> Refused { get; } = [.. Months.SelectMany(month => month.Bills.Refused)];

    public IEnumerable<BillRefused> Waiting => Months.SelectMany(month => month.Bills.Waiting);

    /// <summary>The bill that is shown first, whose copies are altered: the first of the last month that has any, for a bill before it to be compared with. Null where none was made.</summary>
    public BillFacts? Sample => Months.LastOrDefault(month => month.Bills.Bills.Count > 0)?.Bills.Bills[0];
}

/// <summary>What a demonstration came to.</summary>
internal sealed record DemoResult
{
    public required DemoOptions Options { get; init; }

    /// <summary>ISO 4217 code of the tariff's amounts.</summary>
    public required string Currency { get; init; }

    public required int Homes { get; init; }
    public required DemoReadings? Readings { get; init; }
    public required string Folder { get; init; }
    public required IReadOnlyList<DemoIncident> Incidents { get; init; }

    /// <summary>Sessions with meters that were tried, and that failed and were tried again.</summary>
    public required int Sessions { get; init; }
    public required int SessionsFailed { get; init; }

    /// <summary>Meter-days that the head-end has whole, and all of them.</summary>
    public required int MeterDaysComplete { get; init; }
    public required int MeterDays { get; init; }
    public required long Intervals { get; init; }
    public required long EstimatedIntervals { get; init; }

    /// <summary>Meter-days in which validation found something, by rule.</summary>
    public required IReadOnlyDictionary<string, int> Findings { get; init; }
    public required DemoBills Bills { get; init; }
    public required IReadOnlyDictionary<string, int> Verdicts { get; init; }
    public required IReadOnlyList<DemoAlteration> Alterations { get; init; }
    public required long LogSize { get; init; }
    public required IReadOnlyList<string> Keys { get; init; }
    public required IReadOnlyDictionary<string, double> SecondsByStep { get; init; }

    /// <summary>Null where no home is prepaid.</summary>
    public required DemoPrepaidResult? Prepaid { get; init; }

    public long TotalMinorUnits => Bills.All.Sum(bill => bill.TotalMinorUnits);

    /// <summary>True where every bill verified, every alteration was caught, and wallets, bills and ledger agree.</summary>
    public bool IsSound =>
        Bills.All.Count > 0 && Verdicts.Keys.All(word => word.StartsWith("VALID", StringComparison.Ordinal))
        && (Prepaid is null || (Prepaid.Faults.Count == 0 && Prepaid.TrialDifference == 0))
        && Alterations.Count == 2 && Alterations.All(alteration => alteration.Verdict.Verdict == Verdict.Different);
}
