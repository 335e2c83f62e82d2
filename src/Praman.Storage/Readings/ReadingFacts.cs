using System.Globalization;
using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>What is appended beside blocks and registers: clock checks, events, findings, quarantine, bills made and bills to make again.</summary>
internal static class ReadingFacts
{
    private const string InsertClockCheck =
        "INSERT INTO clock_check (usage_point, at, device, drift, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";

    private const string InsertEvent =
        "INSERT INTO reading_event (usage_point, at, sequence, code, device, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";

    private const string InsertFinding =
        """
        INSERT INTO finding (day_start, usage_point, type, version, rule, at, severity, note, measured, "limit", recorded_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING
        """;

    private const string InsertQuarantine =
        "INSERT INTO quarantine (device, bytes, rule, recorded_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";

    private const string InsertBilled =
        """
        INSERT INTO billed_period (bill_number, usage_point, type, start, "end", recorded_at, versions, energy_wh) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT DO NOTHING
        """;

    private const string InsertProposal =
        """
        INSERT INTO rebill_proposal (usage_point, type, day_start, bill_number, new_version, billed_version, billed_wh, new_wh, recorded_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING
        """;

    private const string InsertEdit =
        """
        INSERT INTO reading_edit (usage_point, start, type, device, version, editor, reason, recorded_at, evidence, evidence_sha256)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING
        """;

    /// <summary>Stands for the meter of an edited day, which has none; numbers of meters begin at 1.</summary>
    public const long NoDevice = 0;

    /// <summary>Stands for a finding without a version: the rows made none.</summary>
    public const int NoVersion = -1;

    public static void Add(SqliteSession session, ReadingBatch batch)
    {
        Instant at = batch.RecordedAt;
        if (batch.ClockChecks.Count > 0) AddClockChecks(session, batch.ClockChecks, at);
        if (batch.Events.Count > 0) AddEvents(session, batch.Events, at);
        if (batch.Findings.Count > 0) AddFindings(session, batch.Findings, at);
        if (batch.Quarantine.Count > 0) AddQuarantine(session, batch.Quarantine, at);
        if (batch.Billed.Count > 0) AddBilled(session, batch.Billed, at);
        if (batch.RebillProposals.Count > 0) AddProposals(session, batch.RebillProposals, at);
        if (batch.Edits.Count > 0) AddEdits(session, batch.Edits, at);
    }

    private static void AddClockChecks(SqliteSession session, IReadOnlyList<ClockCheck> checks, Instant at)
    {
        using SqliteStatement insert = session.Prepare(InsertClockCheck);
        foreach (ClockCheck check in checks)
        {
            insert.Bind(1, Number(check.UsagePoint)).Bind(2, check.At).Bind(3, DeviceTable.Number(session, check.EndDevice))
                .Bind(4, check.Drift.BclCompatibleTicks).Bind(5, at)
                .Run();
        }
    }

    private static void AddEvents(SqliteSession session, IReadOnlyList<EndDeviceEvent> events, Instant at)
    {
        using SqliteStatement insert = session.Prepare(InsertEvent);
        foreach (EndDeviceEvent entry in events)
        {
            insert.Bind(1, Number(entry.UsagePoint)).Bind(2, entry.At).Bind(3, entry.Sequence).Bind(4, entry.Code)
                .Bind(5, DeviceTable.Number(session, entry.EndDevice)).Bind(6, at)
                .Run();
        }
    }

    private static void AddFindings(SqliteSession session, IReadOnlyList<StoredFinding> findings, Instant at)
    {
        using SqliteStatement insert = session.Prepare(InsertFinding);
        foreach (StoredFinding stored in findings)
        {
            Finding finding = stored.Finding;
            insert.Bind(1, stored.DayStart).Bind(2, Number(stored.UsagePoint)).Bind(3, (long)stored.Type).Bind(4, stored.Version ?? NoVersion)
                .Bind(5, finding.Rule.Code).Bind(6, finding.At).Bind(7, (long)finding.Severity).Bind(8, finding.Note)
                .Bind(9, finding.Measured?.ToString(CultureInfo.InvariantCulture)).Bind(10, finding.Limit?.ToString(CultureInfo.InvariantCulture))
                .Bind(11, at)
                .Run();
        }
    }

    private static void AddQuarantine(SqliteSession session, IReadOnlyList<QuarantinedBlock> blocks, Instant at)
    {
        using SqliteStatement insert = session.Prepare(InsertQuarantine);
        foreach (QuarantinedBlock put in blocks)
        {
            insert.Bind(1, DeviceTable.Number(session, put.EndDevice)).Bind(2, put.Block.Bytes.Span).Bind(3, put.Rule.Code).Bind(4, at).Run();
        }
    }

    private static void AddBilled(SqliteSession session, IReadOnlyList<BilledPeriod> billed, Instant at)
    {
        using SqliteStatement insert = session.Prepare(InsertBilled);
        foreach (BilledPeriod period in billed)
        {
            insert.Bind(1, period.BillNumber).Bind(2, Number(period.UsagePoint)).Bind(3, (long)period.Type).Bind(4, period.Start).Bind(5, period.End)
                .Bind(6, at).Bind(7, BilledVersions.Write(period)).Bind(8, period.EnergyWh)
                .Run();
        }
    }

    private static void AddProposals(SqliteSession session, IReadOnlyList<RebillProposal> proposals, Instant at)
    {
        using SqliteStatement insert = session.Prepare(InsertProposal);
        foreach (RebillProposal proposal in proposals)
        {
            insert.Bind(1, Number(proposal.UsagePoint)).Bind(2, (long)proposal.Type).Bind(3, proposal.DayStart).Bind(4, proposal.BillNumber)
                .Bind(5, proposal.NewVersion).Bind(6, proposal.BilledVersion).Bind(7, proposal.BilledWh).Bind(8, proposal.NewWh).Bind(9, at)
                .Run();
        }
    }

    private static void AddEdits(SqliteSession session, IReadOnlyList<ReadingEdit> edits, Instant at)
    {
        using SqliteStatement insert = session.Prepare(InsertEdit);
        foreach (ReadingEdit edit in edits)
        {
            insert.Bind(1, Number(edit.UsagePoint)).Bind(2, edit.Start).Bind(3, (long)edit.Type)
                .Bind(4, edit.EndDevice is { } device ? DeviceTable.Number(session, device) : NoDevice).Bind(5, edit.Version).Bind(6, edit.By).Bind(7, edit.Reason).Bind(8, at)
                .Bind(9, edit.Evidence?.Reference).Bind(10, edit.Evidence?.Sha256)
                .Run();
        }
    }

    /// <summary>SQLite's integers are signed: the number's bits are kept.</summary>
    private static long Number(UsagePointId usagePoint) => unchecked((long)usagePoint.Number);
}
