using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Cosem;
using Praman.Dlms.Server;
using Praman.Meter.Events;
using Praman.Meter.Load;
using Praman.Meter.Parts;
using Praman.Meter.Registers;

namespace Praman.Meter;

// What happens to the meter: power, tampers, settings. Instants are true time and do not go back.
public sealed partial class VirtualMeter
{
    private const int FaultCountMax = 64;
    private const int LimitCheckCountMax = 366 * 24 * 60;

    private bool _removed;
    private Instant _checkedUntil;
    private uint _overSeconds = 60;
    private ushort _overSamples; // no more than the minutes of a day, the longest duration, and each octet is held by each meter
    private Rarities? _rarities;

    // What few meters ever hold, behind one reference.
    private sealed class Rarities
    {
        public List<(Instant From, Instant To, BlockLoadStatus Status)> Faults { get; } = new(0);

        public ClockPreset? PresetTime { get; set; }
    }

    /// <summary>Power fails: registers stand still, the meter cannot be reached (event 101).</summary>
    public void FailPower(Instant at)
    {
        Advance(at);
        if (Supply.SetPower(NotBefore(at), false, new LoadCursor())) Record(MeterEventCode.PowerFailure, at);
    }

    /// <summary>Power comes back (event 102).</summary>
    public void RestorePower(Instant at)
    {
        if (_removed) return;
        Advance(at);
        if (!Supply.SetPower(NotBefore(at), true, new LoadCursor())) return;
        Record(MeterEventCode.PowerRestored, at);
        Parts?.PowerUp(at);
    }

    /// <summary>The meter is taken out, as in an exchange: it counts and answers no more.</summary>
    public void Remove(Instant at)
    {
        Advance(at);
        Supply.SetPower(NotBefore(at), false, new LoadCursor());
        _removed = true;
    }

    /// <summary>A magnet is brought near (event 201) or taken away (202). Counting goes on.</summary>
    public void SetMagnet(Instant at, bool present) => Record(present ? MeterEventCode.MagnetInfluence : MeterEventCode.MagnetInfluenceEnded, at);

    /// <summary>The cover is opened (event 251), which does not restore.</summary>
    public void OpenCover(Instant at) => Record(MeterEventCode.CoverOpened, at);

    /// <summary>The slave on an M-Bus channel raises an alarm, which stays until a client resets it; false where no slave is installed there.</summary>
    public bool RaiseSlaveAlarm(int channel, byte alarm) => Parts?.OfKind<MBusPart>().FirstOrDefault(p => p.Name.B == channel)?.Raise(alarm) == true;

    /// <summary>Marks the intervals of a span with a fault of the meter's own, for what reads them to notice.</summary>
    public void MarkFault(Instant from, Instant to, BlockLoadStatus status)
    {
        List<(Instant From, Instant To, BlockLoadStatus Status)> faults = (_rarities ??= new()).Faults;
        if (faults.Count == FaultCountMax) faults.RemoveAt(0);
        faults.Add((from, to, status));
    }

    /// <summary>Opens the relay (event 301); false where it is open.</summary>
    public bool Disconnect(Instant at) => SwitchRelay(at, false);

    /// <summary>Closes the relay (event 302); false where it is closed.</summary>
    public bool Connect(Instant at) => SwitchRelay(at, true);

    /// <summary>
    /// A hand at the meter opens (false) or closes (true) the relay, where the control mode lets it; false where nothing moved. Meters without control
    /// modes have no such button.
    /// </summary>
    public bool PressButton(Instant at, bool connect)
    {
        Advance(at);
        return Supply.IsPowered && Parts?.Relay?.Press(at, connect) == true;
    }

    /// <summary>Sets the clock (event 151).</summary>
    public void SetClock(Instant at, Instant shown)
    {
        Parts?.Run(at, Supply.IsPowered);
        Clock.Set(at, shown);
        Record(MeterEventCode.ClockSet, at);
        Parts?.ClockSet(at);
    }

    public override void Advance(Instant now)
    {
        if (_reconnectAt <= now) Reconnect(_reconnectAt, new LoadCursor());
        if (LimitWatts != 0 && now > _checkedUntil) CheckLimit(now);
        if (now > _checkedUntil) _checkedUntil = now;
        Parts?.Run(now, Supply.IsPowered);
    }

    public override void OnSecretChanged(CosemContext context, SecretKind kind) => Record(
        kind switch
        {
            SecretKind.LowLevelSecret => MeterEventCode.LlsSecretChanged,
            SecretKind.HighLevelSecret => MeterEventCode.HlsSecretChanged,
            _ => MeterEventCode.GlobalKeysChanged,
        },
        context.Now);

    internal DataAccessResult SetClock(CosemContext context, CosemDateTime time)
    {
        if (!time.TryToInstant(OffsetAt(context.Now), out Instant shown)) return DataAccessResult.OtherReason;
        SetClock(context.Now, shown);
        return DataAccessResult.Success;
    }

    internal DataAccessResult ShiftClock(CosemContext context, Duration by)
    {
        SetClock(context.Now, Clock.Read(context.Now) + by);
        return DataAccessResult.Success;
    }

    /// <summary>What a client said that the clock is to be set to later; null where none did.</summary>
    internal ClockPreset? PresetTime
    {
        get => _rarities?.PresetTime;
        set => (_rarities ??= new()).PresetTime = value;
    }

    internal DataAccessResult SetCapturePeriod(CosemContext context, long seconds)
    {
        if (seconds is not (900 or 1800 or 3600)) return DataAccessResult.OtherReason;
        if (seconds == CapturePeriodSeconds) return DataAccessResult.Success;
        CapturePeriodSeconds = (int)seconds;
        CaptureSince = context.Now;
        Parts?.TouchAll();
        Record(MeterEventCode.CapturePeriodSet, context.Now);
        return DataAccessResult.Success;
    }

    internal uint OverLimitSeconds => _overSeconds;

    internal DataAccessResult SetOverLimitSeconds(CosemContext context, uint seconds)
    {
        if (seconds is 0 or > NodaConstants.SecondsPerDay) return DataAccessResult.OtherReason;
        Advance(context.Now);
        (_overSeconds, _overSamples) = (seconds, (ushort)0); // what was counted was counted by another rule
        return DataAccessResult.Success;
    }

    internal DataAccessResult SetLimit(CosemContext context, uint watts)
    {
        Advance(context.Now);
        (LimitWatts, _checkedUntil, _overSamples) = (watts, context.Now, 0);
        Record(MeterEventCode.LoadLimitSet, context.Now);
        return DataAccessResult.Success;
    }

    internal bool SwitchRelay(Instant at, bool connected)
    {
        Advance(at);
        _reconnectAt = Never; // what a command says holds
        if (!Supply.SetRelay(NotBefore(at), connected, new LoadCursor())) return false;
        Record(connected ? MeterEventCode.Connected : MeterEventCode.Disconnected, at);
        return true;
    }

    // Looks at the active power each minute, as the limiters of profile files do. A load that was above the limit for as long as the threshold's duration
    // says opens the relay; after the lockout it closes again.
    private void CheckLimit(Instant now)
    {
        var cursor = new LoadCursor();
        long last = now.ToUnixTimeTicks() / NodaConstants.TicksPerMinute;
        // A meter that was left alone for longer than a year goes on from there.
        long first = Math.Max((_checkedUntil.ToUnixTimeTicks() / NodaConstants.TicksPerMinute) + 1, last - LimitCheckCountMax);
        for (long minute = first; minute <= last; minute++)
        {
            Instant at = Instant.FromUnixTimeTicks(minute * NodaConstants.TicksPerMinute);
            if (at < Supply.LastChange) continue; // the relay was open then
            bool over = Supply.IsConnected && Supply.IsPowered && WattsAt(at, cursor) > LimitWatts;
            _overSamples = (ushort)(over ? _overSamples + 1 : 0);
            if (!over || (_overSamples - 1) * (long)NodaConstants.SecondsPerMinute < _overSeconds) continue;
            _overSamples = 0;
            Supply.SetRelay(at, false, cursor);
            Record(MeterEventCode.Overload, at);
            Record(MeterEventCode.Disconnected, at);
            Instant again = at + Model.OverloadLockout;
            if (again > now)
            {
                _reconnectAt = again;
                return;
            }
            Reconnect(again, cursor);
        }
    }

    // When a relay that overload opened closes again. No nullable: each meter holds it.
    private Instant _reconnectAt = Never;

    private static Instant Never => Instant.MaxValue;

    private void Reconnect(Instant at, LoadCursor cursor)
    {
        _reconnectAt = Never;
        if (!Supply.SetRelay(at, true, cursor)) return;
        Record(MeterEventCode.OverloadEnded, at);
        Record(MeterEventCode.Connected, at);
    }

    private BlockLoadStatus FaultsWithin(Instant from, Instant to)
    {
        var status = BlockLoadStatus.None;
        foreach (var fault in _rarities!.Faults)
        {
            if (fault.From < to && fault.To > from) status |= fault.Status;
        }
        return status;
    }

    /// <summary>The faults that were marked up to an instant; the register keeps them.</summary>
    internal BlockLoadStatus ErrorsAt(Instant at)
    {
        var errors = BlockLoadStatus.None;
        foreach ((Instant from, _, BlockLoadStatus status) in _rarities?.Faults ?? [])
        {
            if (from <= at) errors |= status;
        }
        return errors;
    }

    private Instant NotBefore(Instant at) => Instant.Max(at, Supply.LastChange);

    internal void Record(MeterEventCode code, Instant at)
    {
        MeterEvent entry = Events.Add(code, at, Clock.Read(at));
        Parts?.Recorded(entry);
    }
}
