namespace Praman.Cli.Demo;

/// <summary>What came of the prepaid homes of the street; counted from what their wallets and the ledger keep.</summary>
internal sealed record DemoPrepaidResult
{
    public required int Homes { get; init; }

    /// <summary>Ids of the rules for alerts and cuts.</summary>
    public required string RulePack { get; init; }

    /// <summary>What happened first of its kind.</summary>
    public required IReadOnlyList<DemoIncident> Tales { get; init; }

    /// <summary>Days deducted, by how their energy is known: A, E, S, N.</summary>
    public required IReadOnlyDictionary<string, int> Days { get; init; }

    /// <summary>Of them, deducted a night or more after their own, because no register had come.</summary>
    public required int DaysWaited { get; init; }

    /// <summary>Days whose estimate was replaced by a reading.</summary>
    public required int EstimatesReplaced { get; init; }

    public required int Recharges { get; init; }
    public required long RechargedMinorUnits { get; init; }

    /// <summary>What all days took, corrections included.</summary>
    public required long DeductedMinorUnits { get; init; }

    /// <summary>Times that a home was told of a low balance, and of a rule that would reprice its earlier days.</summary>
    public required int LowWarnings { get; init; }
    public required int CliffWarnings { get; init; }

    public required int Cuts { get; init; }
    public required int Reconnections { get; init; }

    /// <summary>Cuts that were refused, by the code of each check that refused.</summary>
    public required IReadOnlyDictionary<string, int> CutsRefused { get; init; }

    /// <summary>Old dues under a plan at the end, and what was paid of them.</summary>
    public required long DuesLeftMinorUnits { get; init; }
    public required long DuesPaidMinorUnits { get; init; }

    /// <summary>Months of wallets that ended, those of them for which bills were made, and how many came out as their bill.</summary>
    public required int MonthsClosed { get; init; }
    public required int MonthsBilled { get; init; }
    public required int BillsAgree { get; init; }

    /// <summary>Records of the journal, trial balances that stand in the public log, and debits less credits of the last of them.</summary>
    public required long LedgerRecords { get; init; }
    public required int TrialBalances { get; init; }
    public required long TrialDifference { get; init; }

    /// <summary>SHA-256 of the last record of the journal: all of it follows from the seed.</summary>
    public required string JournalHead { get; init; }

    /// <summary>What does not fit: a wallet and its bill, or a wallet and the ledger. Always empty.</summary>
    public required IReadOnlyList<string> Faults { get; init; }
}
