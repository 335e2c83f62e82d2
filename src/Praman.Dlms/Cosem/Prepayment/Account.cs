using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>Where an account stands (IEC 62056-6-2, class 111, attribute 2).</summary>
public enum AccountStatus : byte
{
    New = 1,
    Active = 2,
    Closed = 3,
}

/// <summary>
/// Account, class_id 111, version 0 (IEC 62056-6-2): the credits and charges of one supply. Charges are collected by priority from the credit in use;
/// when that is exhausted the next by priority comes into use, or waits to be selected. Of a payment, charges by payment take their part first; then
/// used credits are paid back; the rest is credit, from which what is owed is collected.
/// </summary>
public sealed partial class Account
{
    private readonly List<(ObisCode Name, Credit Credit)> _credits = [];
    private readonly List<(ObisCode Name, Charge Charge)> _charges = [];
    private CosemData _configuration = CosemData.Array();
    private CosemData _gateway = CosemData.Array();
    private CosemData _currency = CosemData.Structure(CosemData.Utf8String(""), CosemData.Integer(0), CosemData.Enumeration(0));
    private CosemDateTime _activatedAt = CosemDateTime.Wildcard;
    private CosemDateTime _closedAt = CosemDateTime.Wildcard;

    /// <summary>1 credit, 2 prepayment.</summary>
    public byte PaymentMode { get; set; } = 2;

    public AccountStatus Status { get; private set; } = AccountStatus.New;

    public int ClearanceThreshold { get; set; }

    public ushort MaxProvision { get; set; }

    public int MaxProvisionPeriod { get; set; }

    /// <summary>What all credits can still pay.</summary>
    public int AvailableCredit => (int)Math.Min(int.MaxValue, _credits.Where(IsUsable).Sum(c => (long)c.Credit.Available));

    /// <summary>What is owed: debts, and what fell due unpaid.</summary>
    public int AggregatedDebt => (int)Math.Min(int.MaxValue, _charges.Sum(c => (long)(c.Charge.IsDebt ? c.Charge.TotalRemaining : c.Charge.Owed)));

    /// <summary>What was consumed on credits below their zero and has to be paid before credit counts again.</summary>
    public int AmountToClear => (int)Math.Max(int.MinValue, _credits.Sum(c => Math.Min(0L, c.Credit.Amount)) - ClearanceThreshold);

    /// <summary>The credit in use; null where all are exhausted or wait to be selected.</summary>
    public Credit? InUse => _credits.Find(c => c.Credit.Status == CreditStatus.InUse).Credit;

    /// <summary>Told when the account comes into use, before it does.</summary>
    public Action? Activating { get; set; }

    /// <summary>Told after each payment.</summary>
    public Action? Paid { get; set; }

    /// <summary>Takes a credit into the account; at most 16.</summary>
    public Account With(ObisCode name, Credit credit)
    {
        if (_credits.Count == 16) throw new InvalidOperationException("an account has at most 16 credits");
        _credits.Add((name, credit));
        Choose();
        return this;
    }

    /// <summary>Takes a charge into the account; at most 16.</summary>
    public Account With(ObisCode name, Charge charge)
    {
        if (_charges.Count == 16) throw new InvalidOperationException("an account has at most 16 charges");
        _charges.Add((name, charge));
        return this;
    }

    /// <summary>Begins collecting.</summary>
    public void Activate(CosemDateTime at)
    {
        if (Status != AccountStatus.Active) Activating?.Invoke();
        (Status, _activatedAt) = (AccountStatus.Active, at);
    }

    /// <summary>Collects what is due by an instant, the charge of the first priority first.</summary>
    /// <returns>What was collected.</returns>
    public int Collect(Instant now, Offset offset)
    {
        if (Status != AccountStatus.Active) return 0;
        long collected = 0;
        foreach ((ObisCode name, Charge charge) in _charges.OrderBy(c => c.Charge.Priority))
        {
            int due = charge.DueAt(now, offset), paid = 0;
            while (paid < due && Choose() is { } credit)
            {
                if (!MayPay(_credits.Find(c => c.Credit == credit).Name, name)) break;
                int part = Math.Min(due - paid, credit.Available);
                credit.Add(-part);
                paid += part;
            }
            charge.Collected(paid, now);
            collected += paid;
        }
        Choose();
        return (int)Math.Min(int.MaxValue, collected);
    }

    /// <summary>
    /// Takes a payment (of a token): charges by payment take their part, credits that are paid back are, the rest fills the credits by the gateway's
    /// proportions, the first token credit where it has none. What is owed is collected then.
    /// </summary>
    public void Pay(int amount, Instant now, Offset offset)
    {
        if (amount <= 0) return;
        int left = amount;
        foreach ((_, Charge charge) in _charges.OrderBy(c => c.Charge.Priority))
        {
            int part = Math.Min(left, charge.DueOfPayment(amount));
            charge.Collected(part, now, ofPayment: true);
            left -= part;
        }
        foreach ((_, Credit credit) in _credits.OrderBy(c => c.Credit.Priority))
        {
            if (!credit.IsPaidBack || credit.Status < CreditStatus.Invoked || credit.Amount >= credit.PresetAmount) continue;
            int part = Math.Min(left, credit.PresetAmount - credit.Amount);
            credit.Add(part);
            left -= part;
            if (credit.Amount >= credit.PresetAmount) credit.Status = CreditStatus.Enabled; // to be chosen anew
        }
        int toShare = left;
        foreach (CosemData share in _gateway.Items.ToArray())
        {
            ObisCode name = share[0].ToName();
            if (_credits.Find(c => c.Name == name).Credit is not { } credit) continue;
            int part = Math.Min(left, (int)((long)toShare * share[1].ToNumber() / 100));
            credit.Add(part);
            left -= part;
        }
        (_credits.OrderBy(c => c.Credit.Priority).FirstOrDefault(c => c.Credit.Type == CreditType.Token).Credit ?? _credits.FirstOrDefault().Credit)?.Add(left);
        Choose();
        Collect(now, offset);
        Paid?.Invoke();
    }

    // By priority: the first that is not exhausted comes into use; one that must be selected waits, and those behind it do not pass it.
    private Credit? Choose()
    {
        Credit? inUse = null;
        bool waits = false;
        foreach ((_, Credit credit) in _credits.OrderBy(c => c.Credit.Priority))
        {
            if (credit.Available <= 0 && !(credit.Type == CreditType.Emergency && credit.PresetAmount > 0 && credit.RequiresSelection && credit.Status < CreditStatus.Invoked))
            {
                credit.Status = CreditStatus.Exhausted;
                continue;
            }
            if (credit.Status == CreditStatus.Exhausted) credit.Status = CreditStatus.Enabled;
            bool chosen = !credit.RequiresSelection || credit.Status is CreditStatus.Invoked or CreditStatus.InUse;
            if (inUse is not null || waits)
            {
                if (credit.Status == CreditStatus.InUse) credit.Status = credit.RequiresSelection ? CreditStatus.Invoked : CreditStatus.Enabled;
            }
            else if (chosen)
            {
                inUse = credit;
                credit.Status = CreditStatus.InUse;
            }
            else
            {
                credit.Status = CreditStatus.Selectable;
                waits = true;
            }
        }
        return inUse;
    }

    private static bool IsUsable((ObisCode Name, Credit Credit) item) =>
        !item.Credit.RequiresSelection || item.Credit.Status is CreditStatus.Invoked or CreditStatus.InUse;

    // Without a configuration every credit pays every charge.
    private bool MayPay(ObisCode credit, ObisCode charge)
    {
        if (_configuration.Count == 0) return true;
        foreach (CosemData row in _configuration.Items)
        {
            if (row[0].ToName() == credit && row[1].ToName() == charge) return true;
        }
        return false;
    }
}
