using NodaTime;
using Praman.Billing.Stores;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Bills;

/// <summary>Issued bills with their files in the table <c>bill</c>: kept octet for octet, never changed but for salts that are erased (secure_delete overwrites them).</summary>
internal sealed partial class SqliteBills(SqliteDatabase database) : IBillStore
{
    private const string Insert =
        """
        INSERT INTO bill (bill_no, usage_point, first_day, last_day, issued, currency, total_minor, energy_wh, estimated_wh, provisional, log_entry, bill, proof, evidence,
            released_blocks, reverses, revises)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT DO NOTHING
        """;

    private const string Facts =
        """
        bill_no, usage_point, first_day, last_day, issued, currency, total_minor, energy_wh, estimated_wh, provisional, log_entry, released_blocks, reverses, revises,
            (SELECT reversal.bill_no FROM bill AS reversal WHERE reversal.reverses = bill.bill_no)
        """;

    private const string SelectFiles = "SELECT bill, proof, evidence FROM bill WHERE bill_no = ?1";
    private const string SelectFilesOfOne = "SELECT bill_no, proof, evidence FROM bill WHERE usage_point = ?1";
    private const string UpdateFiles = "UPDATE bill SET proof = ?2, evidence = ?3 WHERE bill_no = ?1";
    private const string SelectOne = $"SELECT {Facts}, bill, proof, evidence FROM bill WHERE bill_no = ?1";
    private const string SelectAll = $"SELECT {Facts} FROM bill ORDER BY log_entry DESC, bill_no LIMIT ?2 OFFSET ?1";
    private const string SelectOfOne = $"SELECT {Facts} FROM bill WHERE usage_point = ?3 ORDER BY log_entry DESC, bill_no LIMIT ?2 OFFSET ?1";

    private const string SelectOverlap =
        """
        SELECT bill_no FROM bill WHERE usage_point = ?1 AND first_day <= ?3 AND last_day >= ?2 AND bill_no <> ?4 AND reverses IS NULL
            AND NOT EXISTS (SELECT 1 FROM bill AS reversal WHERE reversal.reverses = bill.bill_no) ORDER BY first_day LIMIT 1
        """;

    /// <inheritdoc/>
    public async ValueTask AddAsync(IReadOnlyList<IssuedBill> bills, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                foreach (IssuedBill bill in bills) Add(session, bill);
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IssuedBill?> FindAsync(string billNo, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, wanted) =>
            {
                using SqliteStatement select = session.Prepare(SelectOne);
                return select.Bind(1, wanted).Step()
                    ? new IssuedBill(ReadFacts(select), select.Blob(15).ToArray(), select.Blob(16).ToArray(), select.Blob(17).ToArray())
                    : null;
            },
            billNo));

    /// <inheritdoc/>
    public ValueTask<string?> FindOverlapAsync(UsagePointId usagePoint, DateInterval period, CancellationToken cancellationToken) =>
        new(database.Read(static (session, asked) => Overlap(session, asked.usagePoint, asked.period, ""), (usagePoint, period)));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<BillFacts>> ReadAsync(UsagePointId? usagePoint, int skip, int countMax, CancellationToken cancellationToken) =>
        new(database.Read<(UsagePointId? UsagePoint, int Skip, int CountMax), IReadOnlyList<BillFacts>>(
            static (session, asked) =>
            {
                using SqliteStatement select = session.Prepare(asked.UsagePoint is null ? SelectAll : SelectOfOne);
                select.Bind(1, Math.Max(0, asked.Skip)).Bind(2, Math.Max(0, asked.CountMax));
                if (asked.UsagePoint is { } one) select.Bind(3, unchecked((long)one.Number));
                var bills = new List<BillFacts>();
                while (select.Step()) bills.Add(ReadFacts(select));
                return bills;
            },
            (usagePoint, skip, countMax)));

    /// <inheritdoc/>
    public async ValueTask<int> EraseSaltsAsync(UsagePointId usagePoint, LocalDate on, CancellationToken cancellationToken)
    {
        int count = await database.WriteAsync(session => EraseSalts(session, usagePoint, on), 1, cancellationToken).ConfigureAwait(false);
        await database.CheckpointAsync(cancellationToken).ConfigureAwait(false); // the log of the database holds the files as they were
        return count;
    }

    /// <inheritdoc/>
    public ValueTask<int> CountWithSaltsAsync(UsagePointId usagePoint, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, wanted) =>
            {
                using SqliteStatement select = session.Prepare(SelectFilesOfOne);
                select.Bind(1, unchecked((long)wanted.Number));
                int count = 0;
                while (select.Step()) count += ErasedFiles.ErasedOn(select.Blob(2)) is null ? 1 : 0;
                return count;
            },
            usagePoint));

    private static int EraseSalts(SqliteSession session, UsagePointId usagePoint, LocalDate on)
    {
        var emptied = new List<(string BillNo, byte[] Proof, byte[] Evidence)>();
        using (SqliteStatement select = session.Prepare(SelectFilesOfOne))
        {
            select.Bind(1, unchecked((long)usagePoint.Number));
            while (select.Step())
            {
                byte[] evidence = select.Blob(2).ToArray();
                if (ErasedFiles.ErasedOn(evidence) is null) emptied.Add((select.Text(0), ErasedFiles.Proof(select.Blob(1)), ErasedFiles.Evidence(evidence, on)));
            }
        }
        foreach ((string billNo, byte[] proof, byte[] evidence) in emptied)
        {
            using SqliteStatement update = session.Prepare(UpdateFiles);
            update.Bind(1, billNo).Bind(2, proof).Bind(3, evidence).Run();
        }
        return emptied.Count;
    }

    /// <inheritdoc/>
    public ValueTask<int> CountAsync(CancellationToken cancellationToken) =>
        new(database.Read(static session => (int)session.Scalar("SELECT count(*) FROM bill")));

    private static void Add(SqliteSession session, IssuedBill bill)
    {
        BillFacts facts = bill.Facts;
        using SqliteStatement insert = session.Prepare(Insert);
        insert.Bind(1, facts.BillNo).Bind(2, unchecked((long)facts.UsagePoint.Number)).Bind(3, facts.Period.Start).Bind(4, facts.Period.End).Bind(5, facts.Issued)
            .Bind(6, facts.Currency).Bind(7, facts.TotalMinorUnits).Bind(8, facts.EnergyWh).Bind(9, facts.EstimatedWh).Bind(10, facts.IsProvisional ? 1 : 0)
            .Bind(11, facts.LogIndex).Bind(12, bill.Bill.Span).Bind(13, bill.Proof.Span).Bind(14, bill.Evidence.Span)
            .Bind(15, facts.ReleasedBlocks).Bind(16, facts.Reverses).Bind(17, facts.Revises)
            .Run();
        if (session.Changes == 1)
        {
            if (facts.Reverses is not null) return; // it takes days back
            // Within the transaction that added it: of two callers at once, the later one sees the bill of the earlier.
            if (Overlap(session, facts.UsagePoint, facts.Period, facts.BillNo) is not { } other) return;
            throw new BillOverlapException($"bill {other} covers days of bill {facts.BillNo}; expected that each day is billed once");
        }
        using SqliteStatement kept = session.Prepare(SelectFiles);
        bool same = kept.Bind(1, facts.BillNo).Step() && kept.Blob(0).SequenceEqual(bill.Bill.Span) && kept.Blob(1).SequenceEqual(bill.Proof.Span)
            && kept.Blob(2).SequenceEqual(bill.Evidence.Span);
        if (!same) throw new BillConflictException($"bill {facts.BillNo} is kept already with other octets; expected a reversal and a new number");
    }

    private static string? Overlap(SqliteSession session, UsagePointId usagePoint, DateInterval period, string except)
    {
        using SqliteStatement select = session.Prepare(SelectOverlap);
        return select.Bind(1, unchecked((long)usagePoint.Number)).Bind(2, period.Start).Bind(3, period.End).Bind(4, except).Step() ? select.Text(0) : null;
    }

    private static BillFacts ReadFacts(SqliteStatement row)
    {
        (LocalDate first, LocalDate last) = (row.Day(2), row.Day(3));
        if (last < first) throw new StoreException(StoreFault.Damaged, $"bill {row.Text(0)} ends on {last}, before it begins on {first}; restore a copy, and keep this file");
        return new(
            row.Text(0), new UsagePointId(unchecked((ulong)row.Integer(1))), new DateInterval(first, last), row.Day(4), row.Text(5),
            row.Integer(6), row.Integer(7), row.Integer(8), row.Integer(9) != 0, row.Integer(10))
        {
            ReleasedBlocks = row.TextOrNull(11), Reverses = row.TextOrNull(12), Revises = row.TextOrNull(13), ReversedBy = row.TextOrNull(14),
        };
    }
}
