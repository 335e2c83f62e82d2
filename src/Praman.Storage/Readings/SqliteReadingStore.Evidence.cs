using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

internal sealed partial class SqliteReadingStore
{
    private const string SelectClockChecks =
        """
        SELECT (SELECT serial FROM device WHERE id = device), at, drift, recorded_at FROM clock_check
        WHERE usage_point = ?1 AND at >= ?2 AND recorded_at <= ?3 ORDER BY at
        """;

    private const string SelectEvents =
        """
        SELECT (SELECT serial FROM device WHERE id = device), at, code, sequence FROM reading_event
        WHERE usage_point = ?1 AND at BETWEEN ?2 AND ?3 AND recorded_at <= ?4 ORDER BY at, sequence, code
        """;

    private const string SelectBilled =
        """
        SELECT type, bill_number, start, "end", versions, energy_wh FROM billed_period
        WHERE usage_point = ?1 AND start < ?3 AND "end" > ?2 AND recorded_at <= ?4 ORDER BY start, bill_number
        """;

    private const string SelectEdits =
        """
        SELECT type, start, (SELECT serial FROM device WHERE id = device), version, editor, reason, evidence, evidence_sha256 FROM reading_edit
        WHERE usage_point = ?1 AND start BETWEEN ?2 AND ?3 AND recorded_at <= ?4 ORDER BY start, type, 3, version
        """;

    private static readonly Duration EventMargin = Duration.FromDays(7);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<UsagePointEvidence>> ReadEvidenceAsync(IReadOnlyList<EvidenceQuery> queries, CancellationToken cancellationToken) =>
        new(database.ReadSnapshot<(IReadOnlyList<EvidenceQuery> Queries, CancellationToken Stop), IReadOnlyList<UsagePointEvidence>>(
            static (session, asked) => Evidence(session, asked.Queries, asked.Stop), (queries, cancellationToken)));

    private static UsagePointEvidence[] Evidence(SqliteSession session, IReadOnlyList<EvidenceQuery> queries, CancellationToken stop)
    {
        var receipts = new ReceiptTimes(session);
        var rows = new EvidenceRows[queries.Count];
        for (int i = 0; i < rows.Length; i++) rows[i] = new EvidenceRows(queries[i]);
        foreach (IGrouping<(int, int), EvidenceRows> sameDays in rows.GroupBy(row => (row.FirstDay, row.LastDay))) EvidenceRows.Fill(receipts, [.. sameDays], stop);

        // In most stores at most times one of these is empty; asked once, not once a usage point.
        bool hasChecks = session.Scalar("SELECT EXISTS (SELECT 1 FROM clock_check)") != 0;
        bool hasEvents = session.Scalar("SELECT EXISTS (SELECT 1 FROM reading_event)") != 0;
        bool hasBilled = session.Scalar("SELECT EXISTS (SELECT 1 FROM billed_period)") != 0;
        bool hasEdits = session.Scalar("SELECT EXISTS (SELECT 1 FROM reading_edit)") != 0;
        var answers = new UsagePointEvidence[rows.Length];
        for (int i = 0; i < answers.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            EvidenceQuery query = queries[i];
            Instant known = query.KnownAt;
            (List<StoredBlock> blocks, List<StoredRegister> registers) = (rows[i].Blocks, rows[i].Registers);
            if (known != Instant.MaxValue)
            {
                blocks.RemoveAll(block => block.RecordedAt > known);
                registers.RemoveAll(register => register.RecordedAt > known);
            }
            blocks.Sort(static (a, b) => Compare(a.Block, b.Block));
            registers.Sort(static (a, b) => Compare(a.Register, b.Register));
            answers[i] = new UsagePointEvidence(query.UsagePoint)
            {
                Blocks = blocks,
                Registers = registers,
                ClockChecks = hasChecks ? ClockChecks(session, query) : [],
                Events = hasEvents ? Events(session, query) : [],
                Billed = hasBilled ? Billed(session, query) : [],
                Edits = hasEdits ? Edits(session, query) : [],
            };
        }
        return answers;
    }

    private static int Compare(IntervalBlock a, IntervalBlock b)
    {
        int order = a.Type.CompareTo(b.Type);
        if (order == 0) order = a.Start.CompareTo(b.Start);
        return order != 0 ? order : a.Version.CompareTo(b.Version);
    }

    private static int Compare(RegisterBlock a, RegisterBlock b)
    {
        int order = a.Block.Type.CompareTo(b.Block.Type);
        if (order == 0) order = a.Block.Start.CompareTo(b.Block.Start);
        if (order == 0) order = string.CompareOrdinal(a.EndDevice.Serial, b.EndDevice.Serial);
        return order != 0 ? order : a.Block.Version.CompareTo(b.Block.Version);
    }

    private static List<StoredClockCheck> ClockChecks(SqliteSession session, in EvidenceQuery query)
    {
        using SqliteStatement select = session.Prepare(SelectClockChecks);
        select.Bind(1, Number(query.UsagePoint)).Bind(2, query.First).Bind(3, query.KnownAt);
        var list = new List<StoredClockCheck>();
        while (select.Step())
        {
            var check = new ClockCheck(query.UsagePoint, new EndDeviceId(select.Text(0)), select.Instant(1), Duration.FromTicks(select.Integer(2)));
            list.Add(new StoredClockCheck(check, select.Instant(3)));
        }
        return list;
    }

    private static List<EndDeviceEvent> Events(SqliteSession session, in EvidenceQuery query)
    {
        using SqliteStatement select = session.Prepare(SelectEvents);
        select.Bind(1, Number(query.UsagePoint)).Bind(2, query.First - EventMargin).Bind(3, query.Last + EventMargin).Bind(4, query.KnownAt);
        var list = new List<EndDeviceEvent>();
        while (select.Step())
        {
            list.Add(new EndDeviceEvent(new EndDeviceId(select.Text(0)), query.UsagePoint, select.Instant(1), (int)select.Integer(2), select.Integer(3)));
        }
        return list;
    }

    private static List<BilledPeriod> Billed(SqliteSession session, in EvidenceQuery query)
    {
        using SqliteStatement select = session.Prepare(SelectBilled);
        select.Bind(1, Number(query.UsagePoint)).Bind(2, query.First).Bind(3, query.Last).Bind(4, query.KnownAt);
        var list = new List<BilledPeriod>();
        while (select.Step())
        {
            Instant start = select.Instant(2);
            list.Add(new BilledPeriod(query.UsagePoint, (ReadingType)select.Integer(0), select.Text(1), start, select.Instant(3))
            {
                Versions = BilledVersions.Read(select.Blob(4), start),
                EnergyWh = select.IsNull(5) ? null : select.Integer(5),
            });
        }
        return list;
    }

    private static List<ReadingEdit> Edits(SqliteSession session, in EvidenceQuery query)
    {
        using SqliteStatement select = session.Prepare(SelectEdits);
        select.Bind(1, Number(query.UsagePoint)).Bind(2, query.First).Bind(3, query.Last).Bind(4, query.KnownAt);
        var list = new List<ReadingEdit>();
        while (select.Step())
        {
            EndDeviceId? device = select.TextOrNull(2) is { } serial ? new EndDeviceId(serial) : null;
            list.Add(new ReadingEdit(query.UsagePoint, (ReadingType)select.Integer(0), select.Instant(1), device, (int)select.Integer(3), select.Text(4), select.Text(5))
            {
                Evidence = select.TextOrNull(6) is { } reference ? new EditEvidence(reference, select.TextOrNull(7)) : null,
            });
        }
        return list;
    }

    /// <summary>SQLite's integers are signed: the number's bits are kept.</summary>
    private static long Number(UsagePointId usagePoint) => unchecked((long)usagePoint.Number);
}
