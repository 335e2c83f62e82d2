using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Account, credits, charges and tokens: the order of collection and of use, debts, the emergency credit, tokens used twice.</summary>
public class PrepaymentTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 6, 0);
    private static readonly Offset India = ObjectsDevice.India;
    private static readonly ObisCode AccountName = new(0, 0, 19, 0, 0), TokenCredit = new(0, 0, 19, 10, 0), EmergencyCredit = new(0, 0, 19, 10, 1),
        Energy = new(0, 0, 19, 20, 0), Standing = new(0, 0, 19, 20, 1), Debt = new(0, 0, 19, 20, 2), Gateway = new(0, 0, 19, 40, 0);

    private readonly Credit _token = new() { Priority = 1, Amount = 1000, WarningThreshold = 200 };
    private readonly Credit _emergency = new() { Type = CreditType.Emergency, Priority = 2, PresetAmount = 300, RequiresSelection = true };
    private readonly Charge _energy = new() { Type = ChargeType.ConsumptionBased, Priority = 2 };
    private readonly Charge _standing = new() { Type = ChargeType.TimeBased, Priority = 1, PeriodSeconds = 86_400 };
    private readonly Charge _debt = new() { Type = ChargeType.PaymentEventBased, Priority = 3, IsDebt = true, TotalRemaining = 150, Proportion = 2000 };
    private readonly Account _account = new();

    public PrepaymentTests()
    {
        _energy.SetUnitCharge(5);
        _standing.SetUnitCharge(100);
        _account.With(TokenCredit, _token).With(EmergencyCredit, _emergency).With(Energy, _energy).With(Standing, _standing).With(Debt, _debt);
        _account.Activate(CosemDateTime.From(Now, India));
        _account.Collect(Now, India);
    }

    [Fact]
    public void ChargesAreCollectedByPriority()
    {
        _energy.AddConsumption(200); // 1,000
        Assert.Equal(1000, _account.Collect(Now + Duration.FromDays(2), India));
        // The standing charge of two days comes first: 200; for energy 800 are left of 1,000.
        Assert.Equal((200, 800), (_standing.TotalPaid, _energy.TotalPaid));
        Assert.Equal((0, 200), (_standing.Owed, _energy.Owed));
        Assert.Equal((0, CreditStatus.Exhausted), (_token.Amount, _token.Status));
        Assert.Equal(CreditStatus.Selectable, _emergency.Status); // waits to be chosen
        Assert.Null(_account.InUse);
        Assert.Equal(0, _account.Collect(Now + Duration.FromDays(2), India));
    }

    [Fact]
    public void AnEmergencyCreditIsUsedOnceChosenAndLeftWhenATokenComes()
    {
        var emergency = new CosemObject<Credit>(EmergencyCredit, Credit.Table, _emergency);
        using var session = new Session(new ObjectsDevice(emergency), Now);
        _energy.AddConsumption(250); // 1,250
        _account.Collect(Now, India);
        Assert.Equal(250, _energy.Owed);
        Assert.Equal(ActionResult.Success, session.Invoke(emergency, 3));
        Assert.Equal(CosemData.Enumeration((byte)CreditStatus.Invoked), session.Get(emergency, 8));
        Assert.Equal(250, _account.Collect(Now, India));
        Assert.Same(_emergency, _account.InUse);
        Assert.Equal(50, _emergency.Amount);
        Assert.Equal(ActionResult.OtherReason, session.Invoke(emergency, 3)); // in use already
        _account.Pay(500, Now, India); // 20 % to the debt: 100
        Assert.Equal((50, 400), (_debt.TotalRemaining, _token.Amount));
        Assert.Same(_token, _account.InUse);
        Assert.Equal(CreditStatus.Invoked, _emergency.Status);
        _account.Pay(1000, Now, India); // 200 would be its part; 50 are left of the debt
        Assert.Equal((0, 150, 1350), (_debt.TotalRemaining, _debt.TotalPaid, _token.Amount));
    }

    [Fact]
    public void AnEmergencyCreditIsPaidBackFirst()
    {
        _emergency.IsPaidBack = true;
        var emergency = new CosemObject<Credit>(EmergencyCredit, Credit.Table, _emergency);
        using var session = new Session(new ObjectsDevice(emergency), Now);
        Assert.Equal("01100", Bits(session.Get(emergency, 7)));
        _energy.AddConsumption(250);
        _account.Collect(Now, India);
        Assert.Equal(ActionResult.Success, session.Invoke(emergency, 3));
        _account.Collect(Now, India); // 250 of 300 used
        _account.Pay(200, Now, India); // 40 to the debt, 160 back: 210 of 300
        Assert.Equal((210, 0), (_emergency.Amount, _token.Amount));
        Assert.Same(_emergency, _account.InUse);
        _account.Pay(200, Now, India); // 90 back, 70 are credit
        Assert.Equal((300, 70), (_emergency.Amount, _token.Amount));
        Assert.Same(_token, _account.InUse);
        Assert.Equal(CreditStatus.Enabled, _emergency.Status); // has to be chosen anew
    }

    [Fact]
    public void PartsOfACoinAreKept()
    {
        _energy.SetUnitCharge(5, priceScale: -1); // half a coin a unit
        for (int i = 0; i < 7; i++) _energy.AddConsumption(1);
        _account.Collect(Now, India);
        Assert.Equal(3, _energy.TotalPaid);
        _energy.AddConsumption(1);
        _account.Collect(Now, India);
        Assert.Equal(4, _energy.TotalPaid);
    }

    [Fact]
    public void PricesChangeAtTheirTime()
    {
        var charge = new CosemObject<Charge>(Energy, Charge.Table, _energy);
        using var session = new Session(new ObjectsDevice(charge), Now);
        CosemData passive = CosemData.Structure(CosemData.Structure(CosemData.Integer(0), CosemData.Integer(0)), new AttributeDescriptor(3, new(1, 0, 1, 8, 0), 2).ToDataForTest(),
            CosemData.Array(Price("", 7), Price("PEAK", 9)));
        Assert.Equal(DataAccessResult.Success, session.Set(charge, 6, passive));
        Assert.Equal(ActionResult.Success, session.Invoke(charge, 1, CosemData.Array(Price("PEAK", 10), Price("NIGHT", 3))));
        Assert.Equal(DataAccessResult.Success, session.Set(charge, 7, ObjectsDevice.Stamp(2026, 3, 4)));
        _energy.AddConsumption(10);
        _account.Collect(Now, India);
        Assert.Equal(50, _energy.TotalPaid);
        _account.Collect(Now + Duration.FromDays(1), India);
        _energy.AddConsumption(10);
        _energy.AddConsumption(10, "PEAK"u8);
        _energy.AddConsumption(10, "NIGHT"u8);
        _account.Collect(Now + Duration.FromDays(1), India);
        Assert.Equal(50 + 70 + 100 + 30, _energy.TotalPaid);
        Assert.Equal(DataAccessResult.TypeUnmatched, session.Set(charge, 13, CosemData.LongUnsigned(10_001)));

        static CosemData Price(string index, short price) => CosemData.Structure(CosemData.OctetString(System.Text.Encoding.ASCII.GetBytes(index)), CosemData.Long(price));
    }

    [Fact]
    public void ATokenPaysOnce()
    {
        var gateway = new TokenGateway(_account, token => token.Span[0] == 1 ? new(TokenStatusCode.ExecutionSuccess, 400) : new(TokenStatusCode.AuthenticationFailure));
        var instance = new CosemObject<TokenGateway>(Gateway, TokenGateway.Table, gateway);
        var account = new CosemObject<Account>(AccountName, Account.Table, _account);
        using var session = new Session(new ObjectsDevice(instance, account), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(account, 12, CosemData.Array(Share(TokenCredit, 75), Share(EmergencyCredit, 25))));
        Assert.Equal(DataAccessResult.OtherReason, session.Set(account, 12, CosemData.Array(Share(TokenCredit, 75), Share(EmergencyCredit, 26))));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, CosemData.OctetString([1, 2, 3]), out CosemData returned));
        Assert.Equal(CosemData.Enumeration((byte)TokenStatusCode.ExecutionSuccess), returned[0]);
        // 80 to the debt; of 320, 240 to the token credit and 80 to the emergency credit.
        Assert.Equal((70, 1240, 80), (_debt.TotalRemaining, _token.Amount, _emergency.Amount));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(instance, 1, CosemData.OctetString([1, 2, 3])));
        Assert.Equal(TokenStatusCode.ValidationFailure, gateway.Status);
        Assert.Equal(ActionResult.OtherReason, session.Invoke(instance, 1, CosemData.OctetString([9])));
        Assert.Equal(1240, _token.Amount);
        Assert.Equal("09", Convert.ToHexString(session.Get(instance, 2).OctetSpan));
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(instance, 1, CosemData.OctetString(new byte[65])));
        var mute = new TokenGateway(_account, null);
        Assert.Equal(TokenStatusCode.ReceivedUnprocessed, mute.Enter([1], TokenDelivery.Manual, Now, India));

        static CosemData Share(ObisCode credit, byte percent) => CosemData.Structure(CosemData.LogicalName(credit), CosemData.Unsigned(percent));
    }

    [Fact]
    public void AnAccountShowsItsState()
    {
        var account = new CosemObject<Account>(AccountName, Account.Table, _account);
        using var session = new Session(new ObjectsDevice(account), Now);
        Assert.Equal(CosemData.Unsigned(1), session.Get(account, 3));
        Assert.Equal("1010000", Bits(session.Get(account, 4))); // in credit; the emergency credit stands behind
        Assert.Equal(CosemData.DoubleLong(1000), session.Get(account, 5));
        Assert.Equal(CosemData.DoubleLong(150), session.Get(account, 8));
        Assert.Equal(CosemData.Array(CosemData.LogicalName(TokenCredit), CosemData.LogicalName(EmergencyCredit)), session.Get(account, 9));
        Assert.Equal(DataAccessResult.ReadWriteDenied, session.Set(account, 9, CosemData.Array()));
        Assert.Equal(DataAccessResult.ReadWriteDenied, session.Set(account, 2, CosemData.Structure(CosemData.Enumeration(2), CosemData.Enumeration(3))));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(account, 3)); // not closed
        Assert.Equal(ActionResult.Success, session.Invoke(account, 2));
        _energy.AddConsumption(1);
        Assert.Equal(0, _account.Collect(Now, India)); // closed: nothing is taken
        Assert.Equal(ActionResult.Success, session.Invoke(account, 3));
        Assert.Equal(AccountStatus.New, _account.Status);
    }

    [Fact]
    public void AConfigurationSaysWhichCreditPaysWhichCharge()
    {
        var account = new CosemObject<Account>(AccountName, Account.Table, _account);
        using var session = new Session(new ObjectsDevice(account), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(account, 11, CosemData.Array(CosemData.Structure(
            CosemData.LogicalName(TokenCredit), CosemData.LogicalName(Standing), CosemData.BitString([0], 3)))));
        _energy.AddConsumption(10);
        Assert.Equal(100, _account.Collect(Now + Duration.FromDays(1), India));
        Assert.Equal((100, 50), (_standing.TotalPaid, _energy.Owed));
    }

    [Fact]
    public void AmountsStopAtTheEndsOfTheirRange()
    {
        _token.Amount = int.MaxValue - 10;
        _account.Pay(int.MaxValue, Now, India);
        Assert.Equal(int.MaxValue, _token.Amount);
        _energy.AddConsumption(decimal.MaxValue / 10);
        _energy.AddConsumption(decimal.MaxValue / 10);
        _account.Collect(Now + Duration.FromDays(100_000), India); // a thousand periods at most at once
        Assert.Equal(100_000, _standing.TotalPaid);
        Assert.True(_energy.Owed > 0);
    }

    private static string Bits(CosemData data) =>
        string.Concat(Enumerable.Range(0, data.BitCount).Select(i => (data.OctetSpan[i / 8] >> (7 - (i % 8)) & 1) == 1 ? '1' : '0'));
}
