using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;
using Praman.Meter.Firmware;

namespace Praman.Meter.Parts;

/// <summary>
/// The acting objects of one meter, which only meters whose type has some carry. They take turns in the order of time, however seldom the meter is
/// asked: what they do does not depend on when they are looked at.
/// </summary>
internal sealed class MeterParts
{
    // A meter that was left alone for longer than this many turns goes on from there; a year of minutes.
    private const int TurnCountMax = 366 * 24 * 60;

    // So far beyond what is asked for parts say when they are due, so that a host that asks each second does not ask all of them each time.
    private static readonly Duration Ahead = Duration.FromHours(1);

    private readonly VirtualMeter _meter;
    private readonly MeterPart[] _parts;
    private readonly RegisterActivation[] _activations;
    private PushConfirmations? _confirmations;
    private bool _isRunning;
    private Instant _askedTo;
    private int _clockChanges;

    /// <exception cref="ArgumentException">An initial value of the type is refused by its object, by name.</exception>
    public MeterParts(VirtualMeter meter, MeterType type, Instant now)
    {
        (_meter, Now) = (meter, now);
        _parts = new MeterPart[type.PartMakers.Count];
        for (int i = 0; i < _parts.Length; i++) _parts[i] = type.PartMakers[i](meter, this);
        Relay = OfKind<RelayPart>().FirstOrDefault();
        Rates = type.RateRegisters.Count == 0 ? null : new(meter, type.RateRegisters);
        _activations = [.. _parts.Select(p => p.State).OfType<RegisterActivation>()];
        foreach (RegisterActivation activation in _activations) activation.Changed = OnRateChanged;
        SpecialDays = _parts.Select(p => p.State).OfType<SpecialDaysTable>().FirstOrDefault();
    }

    /// <summary>Up to when they have acted; within a turn, the instant of the turn.</summary>
    public Instant Now { get; private set; }

    /// <summary>The relay's modes; null where the type has no disconnect control that acts.</summary>
    public RelayPart? Relay { get; }

    /// <summary>Registers that count by turns; null where the type has none.</summary>
    public RateRegisters? Rates { get; }

    /// <summary>The days that calendar and schedules treat apart; null where the type has no such table.</summary>
    public SpecialDaysTable? SpecialDays { get; }

    /// <summary>The mask in force of the first register activation; empty where there is none.</summary>
    public ReadOnlySpan<byte> ActiveMask => _activations.Length == 0 ? [] : _activations[0].ActiveMask;

    /// <summary>The state of an object, by its place in the type. Whoever asks for it, a client or a script, may change it.</summary>
    public T State<T>(int slot) where T : class => (T)Touched(slot).State;

    /// <summary>A part, by its place in the type; as <see cref="State{T}"/>.</summary>
    public T Part<T>(int slot) where T : MeterPart => (T)Touched(slot);

    /// <summary>What waits for the host to send it; one push a setup.</summary>
    public Queue<MeterPush> Pushes { get; } = new(0);

    /// <summary>What came of a push.</summary>
    public void PushEnded(MeterPush push, Instant now, bool arrived)
    {
        foreach (PushPart part in OfKind<PushPart>())
        {
            if (part.Name == push.Setup) part.End(now, arrived);
        }
    }

    /// <summary>What came back on the way of a push: true where it confirms it.</summary>
    public bool TryConfirmPush(MeterPush push, ReadOnlySpan<byte> frame, Instant now)
    {
        if (push.ConfirmedInvoke is not { } invoke || OfKind<PushPart>().FirstOrDefault(p => p.Name == push.Setup) is not { } part) return false;
        if (!(_confirmations ??= new(_meter)).Verifies(frame, invoke)) return false;
        part.End(now, arrived: true, confirmed: true);
        return true;
    }

    /// <summary>The firmware that an image brought, without its program; null where none did.</summary>
    public FirmwareImage? Firmware { get; set; }

    /// <summary>The parts of one kind, in the order of the type.</summary>
    public IEnumerable<T> OfKind<T>() where T : MeterPart => _parts.OfType<T>();

    /// <summary>Sets what the type says that its objects begin with, and lets them begin.</summary>
    public void Begin(MeterType type)
    {
        CosemContext context = ContextAt(Now);
        foreach (InitialValue initial in type.InitialValues) initial.Set(context);
        // Which credit may be used follows from what the credits begin with.
        foreach (AccountPart account in OfKind<AccountPart>()) account.Begin(OfKind<PassivePart>());
        foreach (MeterPart part in _parts) part.PowerUp(context);
    }

    /// <summary>Lets them act up to an instant; <paramref name="isPowered"/> is false where the meter was without power all that time.</summary>
    public void Run(Instant now, bool isPowered)
    {
        if (_isRunning || now <= Now) return;
        if (!isPowered)
        {
            Now = now;
            return;
        }
        _isRunning = true;
        if (now > _askedTo)
        {
            _askedTo = now + Ahead;
            TouchAll();
        }
        CosemContext? context = null;
        int turn = 0;
        for (; turn < TurnCountMax && NextDue() is { } at && at <= now; turn++)
        {
            Now = at;
            context ??= new CosemContext(_meter);
            context.Now = at;
            foreach (MeterPart part in _parts)
            {
                if (part.Due == at) part.Act(context);
            }
        }
        Now = now;
        _isRunning = false;
        if (turn == TurnCountMax) TouchAll();
    }

    /// <summary>What all depend on has changed: each is asked anew when its next turn is.</summary>
    public void TouchAll()
    {
        foreach (MeterPart part in _parts) part.IsStale = true;
    }

    /// <summary>Power came back.</summary>
    public void PowerUp(Instant at)
    {
        TouchAll();
        CosemContext context = ContextAt(at);
        foreach (MeterPart part in _parts) part.PowerUp(context);
    }

    /// <summary>The clock was set.</summary>
    public void ClockSet(Instant at)
    {
        CosemContext context = ContextAt(at);
        foreach (MeterPart part in _parts) part.ClockSet(context);
    }

    /// <summary>An event was recorded.</summary>
    public void Recorded(MeterEvent entry)
    {
        CosemContext context = ContextAt(entry.At);
        foreach (MeterPart part in _parts) part.Recorded(context, entry);
    }

    // Only parts that had their turn, or that somebody looked into since, are asked anew.
    private Instant? NextDue()
    {
        if (_clockChanges != _meter.Clock.ChangeCount)
        {
            _clockChanges = _meter.Clock.ChangeCount;
            TouchAll();
        }
        Instant? next = null;
        foreach (MeterPart part in _parts)
        {
            if (part.IsStale || part.Due <= Now)
            {
                part.IsStale = false;
                part.Due = part.DueAfter(_meter, Now, _askedTo);
            }
            if (part.Due is { } due && (next is null || due < next)) next = due;
        }
        return next;
    }

    private MeterPart Touched(int slot)
    {
        MeterPart part = _parts[slot];
        part.IsStale = true;
        if (ReferenceEquals(part.State, SpecialDays)) TouchAll(); // calendar and schedules follow it
        return part;
    }

    private void OnRateChanged()
    {
        Rates?.Note(Now, _activations);
        foreach (AccountPart account in OfKind<AccountPart>()) account.Settle(Now);
    }

    private CosemContext ContextAt(Instant at) => new(_meter) { Now = at };
}

/// <summary>What an attribute of an acting object begins with.</summary>
internal sealed record InitialValue(CosemObject Object, sbyte Attribute, Dlms.Axdr.CosemData Value)
{
    public void Set(CosemContext context)
    {
        DataAccessResult result = Object.Class.Write(Object, Attribute, Value, context);
        if (result != DataAccessResult.Success) throw new ArgumentException($"{Object.LogicalName}, attribute {Attribute}: {result}");
    }
}
