using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Meter.Definitions;
using Praman.Meter.Tokens;

namespace Praman.Meter.Parts;

/// <summary>
/// Account, class 111, with its credits and charges: at the end of each interval of the load profile what was counted is charged and collected; without
/// credit in use the supply is cut, with credit it comes back. A relay that somebody else opened stays open.
/// </summary>
internal sealed class AccountPart(VirtualMeter meter, MeterParts parts, Account account) : MeterPart(account)
{
    private Instant _chargedTo = meter.InstalledAt;
    private byte[] _mask = [];

    public Account Account { get; } = account;

    /// <summary>Gives the account the credits and charges of the type.</summary>
    public void Begin(IEnumerable<PassivePart> others)
    {
        foreach (PassivePart part in others)
        {
            if (part.State is Credit credit) Account.With(part.Name, credit);
            else if (part.State is Charge charge) Account.With(part.Name, charge);
        }
        Account.Activating = () => Settle(parts.Now); // nothing is charged of what was before, however long nobody looked
        Account.Paid = () => Follow(parts.Now);
    }

    public override Instant? DueAfter(VirtualMeter meter, Instant after, Instant until)
    {
        if (Account.Status != AccountStatus.Active) return null;
        long seconds = meter.CapturePeriodSeconds, now = after.ToUnixTimeSeconds();
        Instant next = Instant.FromUnixTimeSeconds(now - (now % seconds) + seconds);
        return next <= until ? next : null;
    }

    public override void Act(CosemContext context) => Settle(context.Now);

    /// <summary>Charges what was counted up to an instant at the rate that was in force, collects it, and moves the relay where credit came or went.</summary>
    public void Settle(Instant now)
    {
        if (Account.Status == AccountStatus.Active)
        {
            ReadingPoint point = ReadingPoint.Now(new CosemContext(meter) { Now = now });
            long wattHours = point.TotalsAt(now).ImportWh - point.TotalsAt(_chargedTo).ImportWh;
            foreach (PassivePart part in parts.OfKind<PassivePart>())
            {
                if (part.State is Charge charge) charge.AddConsumption(wattHours, _mask);
            }
            Account.Collect(now, meter.OffsetAt(now));
            Follow(now);
        }
        _chargedTo = now;
        _mask = parts.ActiveMask.ToArray();
    }

    private void Follow(Instant now)
    {
        if (Account.Status != AccountStatus.Active || parts.Relay is not { } relay) return;
        if (Account.InUse is null) relay.Cut(now);
        else relay.Restore(now);
    }
}

/// <summary>Takes the tokens of one meter, class 115: those of its own, each once and in the order of their numbers.</summary>
internal static class TokenPart
{
    public static PassivePart For(VirtualMeter meter, MeterParts parts)
    {
        AccountPart account = parts.OfKind<AccountPart>().FirstOrDefault() ?? throw new ArgumentException("a token gateway comes after its account, an object of class 111");
        long last = -1;
        return new PassivePart(new TokenGateway(account.Account, token =>
        {
            if (token.Length != TopUpToken.Length) return new(TokenStatusCode.FormatFailure);
            if (!TopUpToken.TryOpen(token.Span, meter.Serial, meter.Security.MasterKey.Span, out int amount, out uint number)) return new(TokenStatusCode.AuthenticationFailure);
            if (number <= last) return new(TokenStatusCode.ValidationFailure);
            last = number;
            return new(TokenStatusCode.ExecutionSuccess, amount);
        }));
    }
}
