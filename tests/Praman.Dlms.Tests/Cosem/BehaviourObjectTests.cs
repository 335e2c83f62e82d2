using System.Diagnostics;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>
/// Every class with behaviour, by its table: what a client sets is what it then reads, another type is refused, and whatever a client sets and invokes in
/// whatever order, every attribute still has its shape and nothing takes long.
/// </summary>
public class BehaviourObjectTests
{
    private const long SlowestMs = 2000; // far above what a request may take: a loop without a bound is what it is to find
    private static readonly Instant Start = Instant.FromUtc(2026, 3, 3, 6, 0);

    // Setting these sets off something: a calendar's activation, a time that the object has reached.
    private static readonly (int ClassId, int Attribute)[] ActsWhenSet = [(20, 10)];

    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5, 6, 7, 8];

    [Fact]
    public void EveryClassWithBehaviourIsTriedHere()
    {
        // Objects that a device is bound to have tests of their own: Data, registers, clock, scripts, profiles, associations, security.
        int[] bound = [1, 3, 4, 7, 8, 9, 15, 22, 64, 70];
        IEnumerable<string> built = CosemClasses.All.Where(c => c is not CosemClass<AttributeStore> && !bound.Contains(c.ClassId)).Select(c => c.ToString());
        Assert.Empty(built.Except(Objects().Select(o => o.Class.ToString())));
    }

    [Fact]
    public void WhatAClientSetsIsWhatItReads()
    {
        CosemObject[] objects = Objects();
        using var session = new Session(new ObjectsDevice(objects), Start);
        var random = new Random(7);
        int set = 0;
        foreach (CosemObject instance in objects)
        {
            foreach (CosemAttribute attribute in instance.Class.Attributes.Where(a => a.IsWritable))
            {
                foreach (CosemData refused in ShapeSamples.Refused(attribute.Shape, random).Take(10))
                    Assert.Equal(DataAccessResult.TypeUnmatched, session.Set(instance, attribute.Id, refused));
                for (int i = 0; i < 10; i++)
                {
                    CosemData value = ShapeSamples.Of(attribute.Shape, random), before = session.Get(instance, attribute.Id);
                    DataAccessResult result = session.Set(instance, attribute.Id, value);
                    if (ActsWhenSet.Contains((instance.Class.ClassId, attribute.Id))) continue;
                    Assert.Equal(result == DataAccessResult.Success ? value : before, session.Get(instance, attribute.Id));
                    set += result == DataAccessResult.Success ? 1 : 0;
                }
            }
            foreach (CosemAttribute attribute in instance.Class.Attributes.Where(a => !a.IsWritable))
                Assert.Equal(DataAccessResult.ReadWriteDenied, session.Set(instance, attribute.Id, attribute.Shape.Default));
        }
        Assert.True(set > 500, $"{set} values were taken");
    }

    [Theory, MemberData(nameof(Seeds))]
    public void WhateverIsSetAndInvokedEveryAttributeKeepsItsShape(int seed)
    {
        CosemObject[] objects = Objects();
        var device = new ObjectsDevice(objects);
        CosemContext context = device.At(Start);
        var random = new Random(seed);
        var watch = new Stopwatch();
        for (int step = 0; step < 1500; step++)
        {
            context.Now += Duration.FromSeconds(random.Next(0, 4) switch { 0 => random.Next(86_400 * 40), 1 => random.Next(600), _ => 0 });
            CosemObject instance = objects[random.Next(objects.Length)];
            watch.Restart();
            Act(instance, context, random);
            Drive(instance, context, random);
            foreach (CosemAttribute attribute in instance.Class.Attributes) AssertShape(instance, attribute, context);
            Assert.True(watch.ElapsedMilliseconds < SlowestMs, $"seed {seed}, step {step}: {instance.Class} took {watch.ElapsedMilliseconds} ms");
        }
    }

    private static void Act(CosemObject instance, CosemContext context, Random random)
    {
        CosemClass known = instance.Class;
        if (known.Methods.Count > 0 && random.Next(2) == 0)
        {
            CosemMethod method = known.Methods[random.Next(known.Methods.Count)];
            known.Invoke(instance, method.Id, ShapeSamples.Of(method.Parameter!, random), context, out CosemData returned);
            Assert.NotNull(returned.Encode());
            return;
        }
        CosemAttribute[] writable = [.. known.Attributes.Where(a => a.IsWritable)];
        if (writable.Length == 0) return;
        CosemAttribute attribute = writable[random.Next(writable.Length)];
        known.Write(instance, attribute.Id, ShapeSamples.Of(attribute.Shape, random), context);
    }

    // What the host asks of an object as time goes by, with whatever a client has set.
    private static void Drive(CosemObject instance, CosemContext context, Random random)
    {
        LocalDateTime now = context.Now.WithOffset(ObjectsDevice.India).LocalDateTime;
        LocalDateTime before = now.PlusMinutes(-random.Next(1, 20_000));
        var scripts = new List<ScriptReference>();
        var scheduled = new List<ScheduledScript>();
        switch (instance)
        {
            case CosemObject<Limiter> limiter:
                limiter.StateOf(context).Evaluate(random.NextInt64(), context.Now, ObjectsDevice.India);
                break;
            case CosemObject<RegisterMonitor> monitor:
                monitor.StateOf(context).Evaluate(random.NextInt64(), scripts);
                break;
            case CosemObject<Schedule> schedule:
                schedule.StateOf(context).CollectDue(before, now, null, scheduled);
                break;
            case CosemObject<ActivityCalendar> calendar:
                calendar.StateOf(context).Advance(now);
                calendar.StateOf(context).CollectDue(before, now, null, scheduled);
                calendar.StateOf(context).InForceAt(now);
                break;
            case CosemObject<SpecialDaysTable> days:
                days.StateOf(context).TryFind(now.Date, out _);
                break;
            case CosemObject<PushSetup> push:
                push.StateOf(context).TryBegin(context.Now, ObjectsDevice.India);
                if (push.StateOf(context).TrySend(context.Now)) push.StateOf(context).NoteFailure(context.Now, ObjectsDevice.India);
                var body = new AxdrWriter(new System.Buffers.ArrayBufferWriter<byte>());
                push.StateOf(context).WriteBody(context, ref body);
                break;
            case CosemObject<PortProtection> port:
                port.StateOf(context).NoteFailure(context.Now);
                break;
            case CosemObject<Account> account:
                account.StateOf(context).Collect(context.Now, ObjectsDevice.India);
                account.StateOf(context).Pay(random.Next(), context.Now, ObjectsDevice.India);
                break;
            case CosemObject<Charge> charge:
                charge.StateOf(context).AddConsumption((decimal)random.NextDouble() * 1_000_000, "x"u8);
                break;
            case CosemObject<DemandRegister> demand:
                demand.StateOf(context).Add(random.NextInt64(), context.Now);
                break;
        }
        Assert.True(scripts.Count <= 1024 && scheduled.Count <= 10_000);
    }

    private static void AssertShape(CosemObject instance, CosemAttribute attribute, CosemContext context)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(buffer);
        DataAccessResult result = instance.Class.Read(instance, attribute.Id, null, context, ref writer);
        writer.Flush();
        if (!attribute.IsReadable || result == DataAccessResult.ReadWriteDenied) return;
        Assert.Equal(DataAccessResult.Success, result);
        Assert.True(CosemData.TryDecode(buffer.WrittenSpan, out CosemData value, out DecodeError error), error.ToString());
        Assert.True(attribute.Shape.TryCheck(value, out string? why), $"{instance.Class}, {attribute.Name}: {why}");
    }

    private static CosemObject[] Objects()
    {
        byte next = 0;
        ObisCode Name() => new(0, 0, 128, 0, next++);
        Credit credit = new() { Amount = 1000 }, emergency = new() { Type = CreditType.Emergency, PresetAmount = 100, Priority = 2, RequiresSelection = true };
        Charge charge = new() { Type = ChargeType.TimeBased, PeriodSeconds = 60 };
        ObisCode creditName = Name(), emergencyName = Name(), chargeName = Name();
        Account account = new Account().With(creditName, credit).With(emergencyName, emergency).With(chargeName, charge);
        return
        [
            new CosemObject<Credit>(creditName, Credit.Table, credit), new CosemObject<Credit>(emergencyName, Credit.Table, emergency),
            new CosemObject<Charge>(chargeName, Charge.Table, charge), new CosemObject<Account>(Name(), Account.Table, account),
            new CosemObject<TokenGateway>(Name(), TokenGateway.Table, new TokenGateway(account, t => new((TokenStatusCode)(t.Length % 9), t.Length * 100))),
            new CosemObject<DemandRegister>(Name(), DemandRegister.Table, new DemandRegister(new(0, Unit.Watt), Start, 60, 4)),
            new CosemObject<RegisterActivation>(Name(), RegisterActivation.Table, new RegisterActivation()), new CosemObject<Schedule>(Name(), Schedule.Table, new Schedule()),
            new CosemObject<SpecialDaysTable>(Name(), SpecialDaysTable.Table, new SpecialDaysTable()),
            new CosemObject<AssociationShortName>(Name(), AssociationShortName.Table, new AssociationShortName(new(_ => []))),
            new CosemObject<SapAssignment>(Name(), SapAssignment.Table, new SapAssignment()),
            new CosemObject<ImageTransfer>(Name(), ImageTransfer.Table, new ImageTransfer(new Nowhere(), 16, 1 << 16)),
            new CosemObject<ActivityCalendar>(Name(), ActivityCalendar.Table, new ActivityCalendar()),
            new CosemObject<RegisterMonitor>(Name(), RegisterMonitor.Table, new RegisterMonitor()), new CosemObject<UtilityTable>(Name(), UtilityTable.Table, new UtilityTable(1)),
            new CosemObject<DataProtection>(Name(), DataProtection.Table, new DataProtection()),
            new CosemObject<PushSetup>(Name(), PushSetup.Table, new PushSetup()), new CosemObject<PushSetup>(Name(), PushSetup.Table0, new PushSetup()),
            new CosemObject<RegisterTable>(Name(), RegisterTable.Table, new RegisterTable()), new CosemObject<CompactData>(Name(), CompactData.Table, new CompactData()),
            new CosemObject<StatusMapping>(Name(), StatusMapping.Table, new StatusMapping(_ => CosemData.LongUnsigned(5))),
            new CosemObject<ParameterMonitor>(Name(), ParameterMonitor.Table, new ParameterMonitor()), new CosemObject<Arbitrator>(Name(), Arbitrator.Table, new Arbitrator()),
            new CosemObject<Limiter>(Name(), Limiter.Table, new Limiter()), new CosemObject<FunctionControl>(Name(), FunctionControl.Table, new FunctionControl()),
            new CosemObject<ArrayManager>(Name(), ArrayManager.Table, new ArrayManager()), new CosemObject<PortProtection>(Name(), PortProtection.Table, new PortProtection(default)),
        ];
    }

    private sealed class Nowhere : IImageStore
    {
        public bool TryBegin(ReadOnlySpan<byte> identifier, uint size) => true;

        public void Write(uint offset, ReadOnlySpan<byte> part)
        {
        }

        public ImageOutcome Verify(out IReadOnlyList<ImageToActivate> images)
        {
            images = [new(1, "x"u8.ToArray(), default)];
            return ImageOutcome.InProgress;
        }

        public ImageOutcome Activate() => ImageOutcome.Failure;
    }
}
