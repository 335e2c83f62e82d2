using Praman.Dlms;
using Praman.Dlms.Cosem;

namespace Praman.Meter.Parts;

/// <summary>
/// Disconnect control, class 70, in all its modes. What the meter's own scripts do is local: it leaves the relay ready for reconnection; what a client
/// asks is remote. The transitions a to h are those of the class.
/// </summary>
internal sealed class RelayPart(VirtualMeter meter) : MeterPart(new object())
{
    private const byte None = 0, ModeMax = 6;

    private bool _isReady;
    private bool _isCut;

    public byte Mode { get; private set; } = 4;

    public ControlState ControlState => meter.Supply.IsConnected ? ControlState.Connected : _isReady ? ControlState.ReadyForReconnection : ControlState.Disconnected;

    public DataAccessResult SetMode(byte mode)
    {
        if (mode > ModeMax) return DataAccessResult.OtherReason;
        Mode = mode;
        return DataAccessResult.Success;
    }

    /// <summary>A method of the class: by a client (remote) or by a script of the meter's own (local).</summary>
    public ActionResult Switch(CosemContext context, bool connect)
    {
        if (Mode == None) return ActionResult.ReadWriteDenied;
        bool isRemote = context.Association is not null;
        if (!connect)
        {
            if (isRemote) _isCut = false; // the client has taken the relay over
            // b, c by a client; g by the meter itself, which leaves one that a client opened as it is.
            if (isRemote || meter.Supply.IsConnected) _isReady = !isRemote;
            meter.SwitchRelay(context.Now, false);
            return ActionResult.Success;
        }
        if (meter.Supply.IsConnected) return ActionResult.Success;
        if (!isRemote) return Close(context.Now, _isReady && !_isCut && Mode is 5 or 6); // h
        if (Mode is 2 or 4) return Close(context.Now, !_isReady); // a: from ready, a hand is needed
        _isReady = true; // d
        return ActionResult.Success;
    }

    /// <summary>A hand at the meter: e closes one that is ready, f opens one where the mode lets it.</summary>
    public bool Press(NodaTime.Instant at, bool connect)
    {
        if (connect) return Close(at, Mode != None && _isReady && !_isCut && !meter.Supply.IsConnected) == ActionResult.Success;
        if (Mode is not (1 or 2 or 5) || !meter.Supply.IsConnected) return false;
        _isReady = true;
        return meter.SwitchRelay(at, false);
    }

    /// <summary>Credit ended: opens the relay, which no hand closes before there is credit again.</summary>
    public void Cut(NodaTime.Instant at)
    {
        if (Mode == None || !meter.Supply.IsConnected) return;
        (_isReady, _isCut) = (true, true);
        meter.SwitchRelay(at, false);
    }

    /// <summary>There is credit again: closes a relay that was cut, and that no client opened since.</summary>
    public void Restore(NodaTime.Instant at)
    {
        if (!_isCut) return;
        _isCut = false;
        Close(at, allowed: true);
    }

    private ActionResult Close(NodaTime.Instant at, bool allowed)
    {
        if (!allowed) return ActionResult.ReadWriteDenied;
        _isReady = false;
        meter.SwitchRelay(at, true);
        return ActionResult.Success;
    }
}
