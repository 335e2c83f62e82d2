using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Objects that watch and switch: limiter, register monitor, arbitrator, function control, port protection, parameter monitor.</summary>
public class ControlTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 6, 0);
    private static readonly ObisCode Power = new(1, 0, 1, 7, 0), Scripts = new(0, 0, 10, 0, 103);
    private static readonly ScriptReference Open = new(Scripts, 1), Close = new(Scripts, 2);

    private static Instant After(int seconds) => Now + Duration.FromSeconds(seconds);

    [Fact]
    public void ALimiterActsWhenAValueStaysAboveAndWhenItComesBack()
    {
        Limiter limiter = Limiter();
        Assert.True(Evaluate(limiter, 4000, 0).IsNone); // at the threshold is not above
        Assert.True(Evaluate(limiter, 4001, 10).IsNone);
        Assert.Equal(After(40), limiter.DueAt);
        Assert.True(Evaluate(limiter, 3999, 39).IsNone); // came back in time
        Assert.Null(limiter.DueAt);
        Assert.True(Evaluate(limiter, 5000, 50).IsNone);
        Assert.True(Evaluate(limiter, 6000, 79).IsNone);
        Assert.Equal(Open, Evaluate(limiter, 6000, 80));
        Assert.True(limiter.IsTripped);
        Assert.True(Evaluate(limiter, 6000, 200).IsNone); // once
        Assert.True(Evaluate(limiter, 100, 210).IsNone);
        Assert.Equal(After(220), limiter.DueAt);
        Assert.Equal(Close, Evaluate(limiter, 100, 220));
        Assert.False(limiter.IsTripped);
    }

    [Fact]
    public void AnEmergencyProfileOfTheDevicesGroupLowersTheThresholdForItsTime()
    {
        Limiter limiter = Limiter();
        var instance = new CosemObject<Limiter>(new(0, 0, 17, 0, 0), Table, limiter);
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 9, CosemData.Array(CosemData.LongUnsigned(3), CosemData.LongUnsigned(7))));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 8, Emergency(8, 60, 600)));
        session.Now = After(70);
        Assert.Equal(CosemData.Boolean(false), session.Get(instance, 10)); // of another group
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 8, Emergency(7, 60, 600)));
        session.Now = After(59);
        Assert.Equal(CosemData.Boolean(false), session.Get(instance, 10));
        session.Now = After(60);
        Assert.Equal(CosemData.Boolean(true), session.Get(instance, 10));
        Assert.Equal(CosemData.DoubleLongUnsigned(1000), session.Get(instance, 3));
        // 2 kW is allowed before, and cut in the emergency; when that ends it comes back.
        Assert.True(Evaluate(limiter, 2000, 0).IsNone);
        Assert.True(Evaluate(limiter, 2000, 60).IsNone);
        Assert.Equal(Open, Evaluate(limiter, 2000, 90));
        Assert.True(Evaluate(limiter, 2000, 659).IsNone);
        Assert.True(Evaluate(limiter, 2000, 660).IsNone);
        Assert.Equal(Close, Evaluate(limiter, 2000, 670));
        session.Now = After(660);
        Assert.Equal(CosemData.Boolean(false), session.Get(instance, 10));

        static CosemData Emergency(ushort id, int begin, uint seconds) => CosemData.Structure(CosemData.LongUnsigned(id),
            CosemData.DateTimeOctets(CosemDateTime.From(After(begin), ObjectsDevice.India)), CosemData.DoubleLongUnsigned(seconds));
    }

    [Fact]
    public void AnEmergencyAtTheEndOfTimeIsNoTrouble()
    {
        var instance = new CosemObject<Limiter>(new(0, 0, 17, 0, 0), Table, Limiter());
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 9, CosemData.Array(CosemData.LongUnsigned(1))));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 8,
            CosemData.Structure(CosemData.LongUnsigned(1), ObjectsDevice.Stamp(9998, 12, 31), CosemData.DoubleLongUnsigned(uint.MaxValue))));
        Assert.Equal(CosemData.Boolean(false), session.Get(instance, 10));
    }

    [Fact]
    public void ALimiterReadsItsValueAndRunsItsScripts()
    {
        int watts = 9000;
        var run = new List<int>();
        Limiter limiter = Limiter();
        limiter.OverSeconds = 0;
        var power = new Register(Power, new(0, Unit.Watt), _ => CosemData.DoubleLong(watts));
        ScriptTable scripts = ScriptsOf(run);
        var device = new ObjectsDevice(power, scripts);
        Assert.Equal(DataAccessResult.Success, limiter.Evaluate(device.At(Now)));
        Assert.Equal([1], run);
        limiter.Monitored = new(3, new(1, 0, 2, 7, 0), 2);
        Assert.Equal(DataAccessResult.ObjectUndefined, limiter.Evaluate(device.At(Now)));
    }

    [Fact]
    public void AMonitorRunsScriptsOfTheThresholdsThatAreCrossed()
    {
        var monitor = new RegisterMonitor();
        var instance = new CosemObject<RegisterMonitor>(new(0, 0, 16, 1, 0), RegisterMonitor.Table, monitor);
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Array(CosemData.LongUnsigned(200), CosemData.LongUnsigned(253), CosemData.LongUnsigned(254))));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 3, new AttributeDescriptor(3, Power, 2).ToDataForTest()));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 4, CosemData.Array(Pair(1, 2), Pair(3, 4), Pair(5, 0))));
        Assert.Empty(Crossed(230)); // where the watch begins
        Assert.Empty(Crossed(253)); // reached, not passed
        Assert.Equal([3], Crossed(254));
        Assert.Empty(Crossed(254));
        Assert.Equal([5], Crossed(260));
        Assert.Equal([4, 2], Crossed(150)); // 254 has no script for the way down
        Assert.Equal([1, 3, 5], Crossed(300));
        Assert.Equal([4], Crossed(253));

        int[] Crossed(decimal value)
        {
            var due = new List<ScriptReference>();
            monitor.Evaluate(value, due);
            return [.. due.Select(d => (int)d.Selector)];
        }

        static CosemData Pair(ushort up, ushort down) => CosemData.Structure(new ScriptReference(Scripts, up).ToData(), new ScriptReference(Scripts, down).ToData());
    }

    [Fact]
    public void AnArbitratorLetsTheWeightiestWishWin()
    {
        var run = new List<int>();
        var arbitrator = new Arbitrator();
        var instance = new CosemObject<Arbitrator>(new(0, 0, 96, 3, 20), Arbitrator.Table, arbitrator);
        using var session = new Session(new ObjectsDevice(instance, ScriptsOf(run)), Now);
        // Actions: open, close. Actors: the utility (both, weight 10), the consumer (close only, weight 3), prepayment (both, weight 5).
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Array(Open.ToData(), Close.ToData())));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 3, CosemData.Array(Bits("11"), Bits("01"), Bits("11"))));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 4, CosemData.Array(Weights(10, 10), Weights(3, 3), Weights(5, 5))));
        Assert.Equal(ActionResult.Success, Request(1, "01")); // consumer closes
        Assert.Equal(ActionResult.Success, Request(2, "10")); // prepayment opens: 5 against 3
        Assert.Equal(ActionResult.Success, Request(0, "01")); // utility closes: 13 against 5
        Assert.Equal([2, 1, 2], run);
        Assert.Equal(CosemData.Unsigned(2), session.Get(instance, 6));
        Assert.Equal(ActionResult.ReadWriteDenied, Request(1, "10")); // the consumer may not open
        Assert.Equal(ActionResult.ReadWriteDenied, Request(3, "01")); // no such actor
        Assert.Equal(ActionResult.TypeUnmatched, Request(16, "01"));
        Assert.Equal(ActionResult.Success, Request(0, "00")); // utility withdraws: 5 for open, 3 for close
        Assert.Equal([2, 1, 2, 1], run);
        Assert.Equal(3, session.Get(instance, 5).Count);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2));
        Assert.Equal(CosemData.Unsigned(0), session.Get(instance, 6));

        ActionResult Request(byte actor, string wishes) => session.Invoke(instance, 1, CosemData.Structure(CosemData.Unsigned(actor), Bits(wishes)));
        static CosemData Weights(params ushort[] weights) => CosemData.Array([.. weights.Select(CosemData.LongUnsigned)]);
    }

    [Fact]
    public void FunctionsAreSwitchedWithTheirObjects()
    {
        var control = new FunctionControl();
        var instance = new CosemObject<FunctionControl>(new(0, 0, 44, 1, 0), FunctionControl.Table, control);
        using var session = new Session(new ObjectsDevice(instance), Now);
        CosemData Function(string name, params ObisCode[] objects) => CosemData.Structure(CosemData.OctetString(System.Text.Encoding.ASCII.GetBytes(name)),
            CosemData.Array([.. objects.Select(o => CosemData.Structure(CosemData.LongUnsigned(40), CosemData.LogicalName(o)))]));
        CosemData Status(string name, bool on) => CosemData.Structure(CosemData.OctetString(System.Text.Encoding.ASCII.GetBytes(name)), CosemData.Boolean(on));
        ObisCode periodic = new(0, 0, 25, 9, 0), alert = new(0, 4, 25, 9, 0);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2, Function("push", periodic, alert)));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2, Function("alerts", alert)));
        Assert.True(control.IsActive(40, alert));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, CosemData.Array(Status("alerts", false))));
        Assert.False(control.IsActive(40, alert));
        Assert.True(control.IsActive(40, periodic));
        Assert.True(control.IsActive("push"u8));
        Assert.False(control.IsActive("alerts"u8));
        Assert.Equal(ActionResult.ObjectUndefined, session.Invoke(instance, 1, CosemData.Array(Status("push", false), Status("none", false))));
        Assert.True(control.IsActive("push"u8)); // all or none
        Assert.Equal(CosemData.Array(Status("push", true), Status("alerts", false)), session.Get(instance, 2));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 3, Function("alerts")));
        Assert.True(control.IsActive(40, alert));
        for (int i = 1; i < 64; i++) Assert.Equal(ActionResult.Success, session.Invoke(instance, 2, Function($"f{i}")));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(instance, 2, Function("one too many")));
    }

    [Fact]
    public void APortThatIsGuessedAtIsShutLongerEachTime()
    {
        var port = new PortProtection(new(0, 0, 20, 0, 0)) { AllowedFailedAttempts = 2, InitialLockoutSeconds = 60, SteepnessFactor = 3, MaxLockoutSeconds = 500 };
        var instance = new CosemObject<PortProtection>(new(0, 0, 44, 2, 0), PortProtection.Table, port);
        using var session = new Session(new ObjectsDevice(instance), Now);
        port.NoteFailure(Now);
        port.NoteFailure(Now);
        Assert.Equal(PortProtectionStatus.Unlocked, port.StatusAt(Now));
        int at = 0;
        foreach (int seconds in new[] { 60, 180, 500, 500 })
        {
            port.NoteFailure(After(at));
            port.NoteFailure(After(at)); // not heard
            Assert.Equal(PortProtectionStatus.TemporarilyLocked, port.StatusAt(After(at + seconds - 1)));
            at += seconds;
            Assert.Equal(PortProtectionStatus.Unlocked, port.StatusAt(After(at)));
        }
        Assert.Equal(CosemData.DoubleLongUnsigned(6), session.Get(instance, 9));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1));
        Assert.Equal(CosemData.DoubleLongUnsigned(0), session.Get(instance, 9));
        Assert.Equal(CosemData.DoubleLongUnsigned(6), session.Get(instance, 10)); // never forgotten
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Enumeration((byte)PortProtectionMode.Locked)));
        Assert.Equal(CosemData.Enumeration((byte)PortProtectionStatus.Locked), session.Get(instance, 8));
        Assert.Equal(DataAccessResult.TypeUnmatched, session.Set(instance, 5, CosemData.Unsigned(0)));
        for (int i = 0; i < 10_000; i++) port.NoteFailure(After(at)); // no overflow, no exception
    }

    [Fact]
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "One of the four that the class has.")]
    public void AParameterMonitorKeepsTheLastChangeOfItsList()
    {
        var monitor = new ParameterMonitor();
        var instance = new CosemObject<ParameterMonitor>(new(0, 0, 16, 2, 0), ParameterMonitor.Table, monitor);
        CosemData value = CosemData.Unsigned(5);
        var data = new Data(new(0, 0, 96, 1, 0), _ => value);
        using var session = new Session(new ObjectsDevice(instance, data), Now);
        AttributeDescriptor watched = new(1, data.LogicalName, 2), other = new(1, data.LogicalName, 3);
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, watched.ToDataForTest()));
        Assert.False(monitor.NoteChange(other, CosemData.Unsigned(1), Now));
        Assert.True(monitor.NoteChange(watched, CosemData.Unsigned(6), Now));
        Assert.Equal(CosemData.Structure([.. watched.ToDataForTest().Items, CosemData.Unsigned(6)]), session.Get(instance, 2));
        Assert.Equal(ObjectsDevice.Stamp(2026, 3, 3, 11, 30), session.Get(instance, 3));
        Assert.Equal(CosemData.Structure(CosemData.Unsigned(5)), session.Get(instance, 8));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(instance, 1, new AttributeDescriptor(65, instance.LogicalName, 8).ToDataForTest())); // itself
        foreach ((byte algorithm, Func<byte[], byte[]> hash) in (ReadOnlySpan<(byte, Func<byte[], byte[]>)>)
            [(1, SHA256.HashData), (0, octets => SHA1.HashData(octets)), (2, SHA384.HashData), (3, SHA512.HashData)])
        {
            Assert.Equal(DataAccessResult.Success, session.Set(instance, 6, CosemData.Enumeration(algorithm)));
            Assert.Equal(hash(session.Get(instance, 8).Encode()), session.Get(instance, 7).OctetSpan.ToArray());
        }
        Assert.Equal(DataAccessResult.TypeUnmatched, session.Set(instance, 6, CosemData.Enumeration(4)));
        CosemData before = session.Get(instance, 7);
        value = CosemData.Unsigned(7);
        Assert.NotEqual(before, session.Get(instance, 7)); // one parameter is another
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2, watched.ToDataForTest()));
        Assert.Equal(ActionResult.ObjectUndefined, session.Invoke(instance, 2, watched.ToDataForTest()));
    }

    private static CosemClass<Limiter> Table => Dlms.Cosem.Limiter.Table;

    private static Limiter Limiter() => new()
    {
        Monitored = new(3, Power, 2), ThresholdNormal = 4000, ThresholdEmergency = 1000, OverSeconds = 30, UnderSeconds = 10, OverAction = Open, UnderAction = Close,
    };

    private static ScriptReference Evaluate(Limiter limiter, long value, int seconds) => limiter.Evaluate(value, After(seconds), ObjectsDevice.India);

    private static ScriptTable ScriptsOf(List<int> run)
    {
        Script Script(ushort id) => new(id, new(70, new(0, 0, 96, 3, 10), (sbyte)id), _ =>
        {
            run.Add(id);
            return ActionResult.Success;
        });
        return new(Scripts, Script(1), Script(2));
    }

    private static CosemData Bits(string bits)
    {
        byte[] octets = new byte[(bits.Length + 7) / 8];
        for (int i = 0; i < bits.Length; i++) octets[i / 8] |= (byte)(bits[i] == '1' ? 0x80 >> (i % 8) : 0);
        return CosemData.BitString(octets, bits.Length);
    }
}

/// <summary>Values that tests write as clients do.</summary>
internal static class ClientValues
{
    public static CosemData ToDataForTest(this AttributeDescriptor attribute) => CosemData.Structure(
        CosemData.LongUnsigned(attribute.ClassId), CosemData.LogicalName(attribute.LogicalName), CosemData.Integer(attribute.AttributeId));
}
