using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

// The account as clients see it.
public sealed partial class Account
{
    private const string Names = "array[16] of logical-name";

    public static CosemClass<Account> Table { get; } = new(111, 0, "Account",
        [
            new(2, "account_mode_and_status", "{ payment_mode: enum[1..2], account_status: enum[1..3] }",
                (a, _) => CosemData.Structure(CosemData.Enumeration(a.PaymentMode), CosemData.Enumeration((byte)a.Status)), (a, _, v) => a.SetMode(v)),
            new(3, "current_credit_in_use", "unsigned", (a, _) => CosemData.Unsigned((byte)(a._credits.FindIndex(c => c.Credit.Status == CreditStatus.InUse) + 1))),
            new(4, "current_credit_status", "bit-string[7]", (a, _) => a.CreditStatusBits()),
            new(5, "available_credit", "double-long", (a, _) => CosemData.DoubleLong(a.AvailableCredit)),
            new(6, "amount_to_clear", "double-long", (a, _) => CosemData.DoubleLong(a.AmountToClear)),
            new(7, "clearance_threshold", "double-long", (a, _) => CosemData.DoubleLong(a.ClearanceThreshold), (a, _, v) => Changes.Set(() => a.ClearanceThreshold = (int)v.ToNumber()), IsStatic: true),
            new(8, "aggregated_debt", "double-long", (a, _) => CosemData.DoubleLong(a.AggregatedDebt)),
            // Credits and charges are objects of the device; which there are follows from its making.
            new(9, "credit_reference_list", Names, (a, _) => CosemData.Array([.. a._credits.Select(c => CosemData.LogicalName(c.Name))]), IsStatic: true),
            new(10, "charge_reference_list", Names, (a, _) => CosemData.Array([.. a._charges.Select(c => CosemData.LogicalName(c.Name))]), IsStatic: true),
            new(11, "credit_charge_configuration", "array[64] of { credit_reference: logical-name, charge_reference: logical-name, collection_configuration: bit-string[3] }",
                (a, _) => a._configuration, (a, _, v) => Changes.Set(() => a._configuration = v), IsStatic: true),
            new(12, "token_gateway_configuration", "array[16] of { credit_reference: logical-name, token_proportion: unsigned[0..100] }",
                (a, _) => a._gateway, (a, _, v) => a.SetGateway(v), IsStatic: true),
            new(13, "account_activation_time", "date-time-octets", (a, _) => CosemData.DateTimeOctets(a._activatedAt), (a, _, v) => a.SetTime(ref a._activatedAt, v), IsStatic: true),
            new(14, "account_closure_time", "date-time-octets", (a, _) => CosemData.DateTimeOctets(a._closedAt), (a, _, v) => a.SetTime(ref a._closedAt, v), IsStatic: true),
            new(15, "currency", "{ currency_name: utf8-string[0..16], currency_scale: integer, currency_unit: enum[0..2] }", (a, _) => a._currency,
                (a, _, v) => Changes.Set(() => a._currency = v), IsStatic: true),
            new(16, "low_credit_threshold", "double-long", (a, _) => CosemData.DoubleLong(a.InUse?.WarningThreshold ?? 0)),
            new(17, "next_credit_available_threshold", "double-long", (a, _) => CosemData.DoubleLong(a.Next?.AvailableThreshold ?? 0)),
            new(18, "max_provision", "long-unsigned", (a, _) => CosemData.LongUnsigned(a.MaxProvision), (a, _, v) => Changes.Set(() => a.MaxProvision = (ushort)v.ToNumber()), IsStatic: true),
            new(19, "max_provision_period", "double-long", (a, _) => CosemData.DoubleLong(a.MaxProvisionPeriod), (a, _, v) => Changes.Set(() => a.MaxProvisionPeriod = (int)v.ToNumber()), IsStatic: true),
        ],
        [
            new(1, "activate_account", (Account a, CosemContext c, CosemData _, out CosemData r) => Changes.Do(() => a.Activate(Now(c)), out r), "integer"),
            new(2, "close_account", (Account a, CosemContext c, CosemData _, out CosemData r) => Changes.Do(() => (a.Status, a._closedAt) = (AccountStatus.Closed, Now(c)), out r), "integer"),
            new(3, "reset_account", (Account a, CosemContext _, CosemData _, out CosemData r) => a.ResetAccount(out r), "integer"),
        ]);

    // The credit that waits behind the one in use.
    private Credit? Next => _credits.OrderBy(c => c.Credit.Priority).FirstOrDefault(c => c.Credit.Status is CreditStatus.Enabled or CreditStatus.Selectable or CreditStatus.Invoked).Credit;

    // Bits: in credit, low credit, next credit enabled, next credit selectable, next credit selected, selectable credit in use, out of credit.
    private CosemData CreditStatusBits()
    {
        Credit? inUse = InUse, next = Next;
        return CheckedData.BitString(
        [
            inUse is not null && inUse.Amount > 0, inUse is not null && inUse.Amount <= inUse.WarningThreshold, next?.Status == CreditStatus.Enabled,
            next?.Status == CreditStatus.Selectable, next?.Status == CreditStatus.Invoked, inUse?.RequiresSelection == true, inUse is null,
        ]);
    }

    private static CosemDateTime Now(CosemContext context) => CosemDateTime.From(context.Now, context.Device.OffsetAt(context.Now));

    // The status is changed by methods alone.
    private DataAccessResult SetMode(in CosemData value)
    {
        if (value[1].ToNumber() != (long)Status) return DataAccessResult.ReadWriteDenied;
        PaymentMode = (byte)value[0].ToNumber();
        return DataAccessResult.Success;
    }

    private DataAccessResult SetGateway(in CosemData value)
    {
        long sum = 0;
        foreach (ref readonly CosemData share in value.Items) sum += share[1].ToNumber();
        if (sum > 100) return DataAccessResult.OtherReason;
        _gateway = value;
        return DataAccessResult.Success;
    }

    // Only a closed account; the credits keep what they hold until it is paid out.
    private ActionResult ResetAccount(out CosemData returned)
    {
        returned = default;
        if (Status != AccountStatus.Closed) return ActionResult.OtherReason;
        (Status, _activatedAt, _closedAt) = (AccountStatus.New, CosemDateTime.Wildcard, CosemDateTime.Wildcard);
        return ActionResult.Success;
    }

    private DataAccessResult SetTime(ref CosemDateTime place, in CosemData value)
    {
        value.TryGetDateTime(out place);
        return DataAccessResult.Success;
    }
}
