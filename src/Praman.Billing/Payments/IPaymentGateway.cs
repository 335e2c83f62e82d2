using NodaTime;
using Praman.Metering;

namespace Praman.Billing.Payments;

/// <summary>What money is for.</summary>
public enum PaymentPurpose
{
    /// <summary>The wallet of a prepaid usage point.</summary>
    Recharge,
    /// <summary>Arrears, oldest first; what is over goes to the wallet.</summary>
    Bill,
}

/// <summary>What a gateway says about an order.</summary>
public enum PaymentStatus
{
    Pending,
    Success,
    Failed,
    /// <summary>Money that had been paid went back to the payer.</summary>
    Reversed,
}

/// <summary>An order to pay, as it is given to a gateway.</summary>
/// <param name="Id">Ours, never used twice in a channel: 1 to 40 of A-Z, a-z, 0-9 and '-'.</param>
/// <param name="Amount">Minor units, positive.</param>
/// <param name="Arrears">Details of the arrears to be paid, oldest first; empty for a recharge.</param>
public sealed record PaymentOrder(string Id, UsagePointId UsagePoint, PaymentPurpose Purpose, long Amount, IReadOnlyList<string> Arrears);

/// <summary>What a gateway says: by itself, or asked. It may come late, twice, and in any order.</summary>
/// <param name="Reference">The gateway's own number of the movement of money; two numbers are two movements.</param>
public sealed record PaymentNotice(string OrderId, string Reference, PaymentStatus Status, string Currency, long Amount, Instant At);

/// <summary>One movement in a settlement file: positive to the utility, negative back to the payer.</summary>
public sealed record SettlementLine(string OrderId, string Reference, long Amount);

/// <summary>What a gateway says that it paid to the utility's bank for a local day.</summary>
/// <param name="BankReference">The bank's number of the transfer (UTR).</param>
/// <param name="Total">What arrived at the bank, which is not always the sum of the lines.</param>
public sealed record SettlementFile(string Channel, LocalDate Day, string BankReference, string Currency, long Total, IReadOnlyList<SettlementLine> Lines);

/// <summary>
/// A way to be paid. What it says is believed only as far as it can be: the ledger moves by notices and settlement files, each of which may be
/// late, doubled or wrong (<see cref="PaymentDesk"/>, <see cref="Reconciliation"/>).
/// </summary>
public interface IPaymentGateway
{
    /// <summary>Its name in accounts and keys: 1 to 20 of a-z, 0-9, '.' and '-'.</summary>
    string Channel { get; }

    /// <summary>Opens an order. The same order twice is one order.</summary>
    /// <returns>Where the payer goes on: a link such as <c>upi://pay?…</c>.</returns>
    ValueTask<string> StartAsync(PaymentOrder order, CancellationToken cancellationToken);

    /// <summary>What became of an order; null where the gateway does not know it.</summary>
    ValueTask<PaymentNotice?> QueryAsync(string orderId, CancellationToken cancellationToken);

    /// <summary>The settlement of a local day; null while there is none.</summary>
    ValueTask<SettlementFile?> SettlementAsync(LocalDate day, CancellationToken cancellationToken);
}
