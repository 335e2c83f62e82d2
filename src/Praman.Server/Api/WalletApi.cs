using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using NodaTime.Text;
using Praman.Billing.Prepayment;
using Praman.Billing.Wallets;
using Praman.Metering;
using Praman.Server.Access;
using Praman.Server.Pages;
using Praman.Server.Prepaid;
using Praman.Server.Queries;

namespace Praman.Server.Api;

/// <summary>Wallets of prepaid usage points. Their days are readings of a person: staff give a purpose, which is recorded.</summary>
internal static class WalletApi
{
    public static void MapWallets(this RouteGroupBuilder point)
    {
        point.MapGet("/wallet", WalletAsync).WithSummary("Where the wallet of a prepaid usage point stands, with the month under way").ProducesProblem(StatusCodes.Status403Forbidden);
        point.MapGet("/wallet/{month}", MonthAsync).WithSummary("The statement of a month of a wallet, such as 2026-04").ProducesProblem(StatusCodes.Status403Forbidden);
    }

    private static async Task<Results<Ok<WalletDto>, ProblemHttpResult>> WalletAsync(
        UsagePointId id, Viewer viewer, IWalletQueries wallets, CancellationToken cancellationToken, [FromHeader(Name = "X-Purpose")] string? purpose = null)
    {
        if (!await viewer.MaySeeAsync(id, cancellationToken) || await wallets.FindAsync(id, cancellationToken) is not { } wallet) return ApiProblems.NotFound();
        if (await RefuseAsync(id, viewer, purpose, cancellationToken) is { } refusal) return refusal;
        PrepaidAccount account = wallet.Account;
        return TypedResults.Ok(new WalletDto(
            id.ToString(), wallet.Terms.Currency, PrepaidStateText.Of(account.State), MinorUnits.Of(account.Balance), MinorUnits.Of(account.Snapshot.Estimated),
            wallet.LastDay is { } day ? LocalDatePattern.Iso.Format(day) : null, wallet.DaysLeft?.Days, MinorUnits.Of(wallet.Terms.Pack.CreditFloor),
            account.EarliestCut is { } at ? InstantPattern.General.Format(at) : null, wallet.Terms.Pack.Id, MinorUnits.Of(wallet.Plans.Sum(plan => plan.Left)), Month(wallet.Month)));
    }

    private static async Task<Results<Ok<WalletMonthDto>, ProblemHttpResult>> MonthAsync(
        UsagePointId id, string month, Viewer viewer, IWalletQueries wallets, CancellationToken cancellationToken, [FromHeader(Name = "X-Purpose")] string? purpose = null)
    {
        if (!await viewer.MaySeeAsync(id, cancellationToken)) return ApiProblems.NotFound();
        if (UseLinks.MonthPattern.Parse(month) is not { Success: true, Value: var first }) return TypedResults.Problem($"month is '{month}': a month such as 2026-04 was expected", statusCode: 400);
        if (await wallets.MonthAsync(id, first, cancellationToken) is not { } found) return ApiProblems.NotFound();
        if (await RefuseAsync(id, viewer, purpose, cancellationToken) is { } refusal) return refusal;
        return TypedResults.Ok(Month(found));
    }

    private static async ValueTask<ProblemHttpResult?> RefuseAsync(UsagePointId id, Viewer viewer, string? purpose, CancellationToken cancellationToken) =>
        await viewer.ReadingsAsync(id, AccessKinds.Wallet, purpose, cancellationToken) == ReadingsAccess.Open ? null : ApiProblems.PurposeWanted();

    private static WalletMonthDto Month(WalletMonth month) => new(
        LocalDatePattern.Iso.Format(month.Period.Start), LocalDatePattern.Iso.Format(month.Period.End), month.TariffId, MinorUnits.Of(month.Opening), MinorUnits.Of(month.Recharged),
        MinorUnits.Of(month.TakenBack), MinorUnits.Of(month.Deducted), MinorUnits.Of(month.ToDues), MinorUnits.Of(month.ToPlans), month.Close is { } close ? MinorUnits.Of(close.Bill) : null,
        month.Close is { } closed ? MinorUnits.Of(closed.TrueUp) : null, MinorUnits.Of(month.Closing), [.. month.Days.Select(Day)], [.. month.Payments.Select(Payment)]);

    private static WalletDayDto Day(WalletMonthDay day) => new(
        LocalDatePattern.Iso.Format(day.Day), (long)decimal.Round(day.Posted.Use.Kwh * 1000, 0, MidpointRounding.AwayFromZero), WalletReader.WordOf(day.Posted.Use.Quality), MinorUnits.Of(day.Posted.Deduction),
        MinorUnits.Of(day.Repricing), day.Replaced.Count, [.. day.Lines.Select(line => new WalletLineDto(line.Id, line.Label, MinorUnits.Of(line.Amount), line.ToDate is { } toDate ? MinorUnits.Of(toDate) : null, line.Formula))]);

    private static WalletPaymentDto Payment(WalletRecord payment) => new(
        InstantPattern.General.Format(payment.At), payment.Reference, (payment.Entry.Kind == WalletEntryKind.PaymentBack ? -1 : 1) * MinorUnits.Of(payment.Amount!.Value), MinorUnits.Of(payment.Takings.Sum(taking => taking.Amount)));
}
