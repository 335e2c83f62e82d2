using NodaTime;
using Praman.Billing.Stores;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Bills;

/// <summary>Claims of days in the table <c>bill_claim</c>: judged and written within one transaction of the one writer.</summary>
internal sealed partial class SqliteBills
{
    private const string SelectClaims = "SELECT first_day, last_day, bill_no, run, opening, until FROM bill_claim WHERE usage_point = ?1 AND first_day <= ?3 AND last_day >= ?2";
    private const string DeleteClaim = "DELETE FROM bill_claim WHERE usage_point = ?1 AND first_day = ?2 AND last_day = ?3";
    private const string DeleteClaimsOfRun = "DELETE FROM bill_claim WHERE run = ?1";

    private const string InsertClaim =
        "INSERT INTO bill_claim (usage_point, first_day, last_day, bill_no, run, opening, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

    private readonly Guid _opening = Guid.NewGuid();

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ClaimAnswer>> ClaimAsync(Guid run, IReadOnlyList<BillClaim> claims, Instant now, Instant until, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                var answers = new ClaimAnswer[claims.Count];
                for (int i = 0; i < answers.Length; i++) answers[i] = Claim(session, run, claims[i], now, until);
                return answers;
            },
            Math.Max(1, claims.Count), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask EndClaimsAsync(Guid run, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement delete = session.Prepare(DeleteClaimsOfRun);
                delete.Bind(1, run.ToByteArray()).Run();
            },
            cancellationToken).ConfigureAwait(false);

    private ClaimAnswer Claim(SqliteSession session, Guid run, BillClaim claim, Instant now, Instant until)
    {
        if (Overlap(session, claim.UsagePoint, claim.Period, claim.Replaces ?? "") is { } kept) return new ClaimAnswer(ClaimState.Billed, kept);
        long usagePoint = unchecked((long)claim.UsagePoint.Number);
        var past = new List<(LocalDate First, LocalDate Last)>();
        using (SqliteStatement select = session.Prepare(SelectClaims))
        {
            select.Bind(1, usagePoint).Bind(2, claim.Period.Start).Bind(3, claim.Period.End);
            while (select.Step())
            {
                bool isOwn = new Guid(select.Blob(3)) == run, isOver = new Guid(select.Blob(4)) != _opening || select.Instant(5) <= now;
                if (!isOwn && !isOver) return new ClaimAnswer(ClaimState.Claimed, select.Text(2));
                past.Add((select.Day(0), select.Day(1)));
            }
        }
        foreach ((LocalDate first, LocalDate last) in past)
        {
            using SqliteStatement delete = session.Prepare(DeleteClaim);
            delete.Bind(1, usagePoint).Bind(2, first).Bind(3, last).Run();
        }
        using SqliteStatement insert = session.Prepare(InsertClaim);
        insert.Bind(1, usagePoint).Bind(2, claim.Period.Start).Bind(3, claim.Period.End).Bind(4, claim.BillNo).Bind(5, run.ToByteArray()).Bind(6, _opening.ToByteArray()).Bind(7, until).Run();
        return new ClaimAnswer(ClaimState.Granted, null);
    }
}
