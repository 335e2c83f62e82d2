using System.Globalization;
using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

internal sealed partial class SqliteReadingStore
{
    private const int FindingPageLength = 2_048;
    private const string FindingKey = "day_start, usage_point, type, version, rule, at, severity, note";

    private const string SelectFindings =
        $"""
        SELECT {FindingKey}, measured, "limit" FROM finding
        WHERE day_start >= ?1 AND day_start < ?2 AND (?3 IS NULL OR usage_point = ?3) AND ({FindingKey}) > (?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ORDER BY {FindingKey} LIMIT ?12
        """;

    private const string SelectFindingsOfOne =
        $"""
        SELECT {FindingKey}, measured, "limit" FROM finding
        WHERE usage_point = ?3 AND day_start >= ?1 AND day_start < ?2 AND ({FindingKey}) > (?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ORDER BY {FindingKey} LIMIT ?12
        """;

    private const string SelectProposals =
        """
        SELECT usage_point, type, day_start, bill_number, billed_version, new_version, billed_wh, new_wh FROM rebill_proposal
        WHERE day_start >= ?1 AND day_start < ?2 AND (?3 IS NULL OR usage_point = ?3) ORDER BY day_start, usage_point, type, bill_number, new_version
        """;

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredFinding> ReadFindingsAsync(UsagePointId? usagePoint, Interval period, CancellationToken cancellationToken) =>
        new PagedRows<StoredFinding>(database, (session, last) =>
        {
            using SqliteStatement select = session.Prepare(usagePoint is null ? SelectFindings : SelectFindingsOfOne);
            BindPeriod(select, period, usagePoint);
            if (last is null)
            {
                select.Bind(4, long.MinValue).Bind(5, long.MinValue).Bind(6, 0L).Bind(7, long.MinValue).Bind(8, "").Bind(9, long.MinValue).Bind(10, 0L).Bind(11, "");
            }
            else
            {
                select.Bind(4, last.DayStart).Bind(5, Number(last.UsagePoint)).Bind(6, (long)last.Type).Bind(7, last.Version ?? ReadingFacts.NoVersion)
                    .Bind(8, last.Finding.Rule.Code).Bind(9, last.Finding.At).Bind(10, (long)last.Finding.Severity).Bind(11, last.Finding.Note);
            }
            select.Bind(12, FindingPageLength);
            var page = new List<StoredFinding>();
            while (select.Step()) page.Add(ReadFinding(select));
            return page;
        });

    /// <inheritdoc/>
    public IAsyncEnumerable<RebillProposal> ReadRebillProposalsAsync(UsagePointId? usagePoint, Interval period, CancellationToken cancellationToken) =>
        new PagedRows<RebillProposal>(database, (session, last) =>
        {
            var proposals = new List<RebillProposal>();
            if (last is not null) return proposals; // one page holds them all: they are few
            using SqliteStatement select = session.Prepare(SelectProposals);
            BindPeriod(select, period, usagePoint);
            while (select.Step())
            {
                proposals.Add(new RebillProposal(
                    new UsagePointId(unchecked((ulong)select.Integer(0))), (ReadingType)select.Integer(1), select.Instant(2), select.Text(3),
                    select.IsNull(4) ? null : (int)select.Integer(4), (int)select.Integer(5), select.Integer(6), select.IsNull(7) ? null : select.Integer(7)));
            }
            return proposals;
        });

    private static void BindPeriod(SqliteStatement select, Interval period, UsagePointId? usagePoint)
    {
        select.Bind(1, period.HasStart ? period.Start : Instant.MinValue).Bind(2, period.HasEnd ? period.End : Instant.MaxValue);
        if (usagePoint is { } one) select.Bind(3, Number(one));
        else select.BindNull(3);
    }

    private static StoredFinding ReadFinding(SqliteStatement row)
    {
        string code = row.Text(4);
        if (!RuleId.TryParse(code, out RuleId rule)) rule = new RuleId(code, ""); // a rule of a later version, or of an extension
        var finding = new Finding(rule, (Severity)row.Integer(6), row.Instant(5), Number(row.TextOrNull(8)), Number(row.TextOrNull(9)), row.Text(7));
        int version = (int)row.Integer(3);
        return new StoredFinding(
            new UsagePointId(unchecked((ulong)row.Integer(1))), (ReadingType)row.Integer(2), row.Instant(0), version == ReadingFacts.NoVersion ? null : version, finding);
    }

    private static decimal? Number(string? text) => text is null ? null : decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);
}
