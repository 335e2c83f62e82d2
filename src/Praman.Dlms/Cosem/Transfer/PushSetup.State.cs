using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

// One push at a time: begun, due at an instant, sent, then done or to be tried again.
public sealed partial class PushSetup
{
    private bool _isSent;
    private int _tries;

    /// <summary>Numbers from 0 up to one below its argument that cannot be foreseen; the push is not put off where null.</summary>
    public Func<int, int>? NextRandom { get; init; }

    /// <summary>When the push that was begun is to be sent; null where none was, or it is on its way.</summary>
    public Instant? DueAt { get; private set; }

    /// <summary>Tries of the push that is under way.</summary>
    public int TryCount => _tries;

    /// <summary>True from the push's begin until it succeeded or was given up.</summary>
    public bool IsActive => DueAt is not null || _isSent;

    /// <summary>
    /// Begins a push: it is due in the window that is open or comes next, put off at random from there. Nothing changes while one is under way.
    /// </summary>
    /// <returns>False where one is under way, or no window comes within a year.</returns>
    public bool TryBegin(Instant now, Offset offset)
    {
        if (IsActive) return false;
        LocalDateTime? first = CommunicationWindows.FirstWithin(_windows, now.WithOffset(offset).LocalDateTime);
        if (first is not { } at) return false;
        int delay = RandomisationSeconds > 0 && NextRandom is not null ? NextRandom(RandomisationSeconds + 1) : 0;
        (_tries, DueAt) = (0, at.WithOffset(offset).ToInstant() + Duration.FromSeconds(delay));
        return true;
    }

    /// <summary>True where the push is due: the host sends it and then says what came of it.</summary>
    public bool TrySend(Instant now)
    {
        if (DueAt is not { } due || now < due) return false;
        (DueAt, _isSent) = (null, true);
        _tries++;
        return true;
    }

    /// <summary>Says that what was sent arrived.</summary>
    public void NoteSuccess(Instant now, bool confirmed)
    {
        if (!_isSent) return;
        _isSent = false;
        if (confirmed) _confirmedAt = now;
    }

    /// <summary>Says that what was sent did not arrive: it is tried again after a delay and within a window, or given up after the last retry.</summary>
    public void NoteFailure(Instant now, Offset offset)
    {
        if (!_isSent) return;
        _isSent = false;
        if (_tries > RetryCountMax) return;
        double growth = Math.Min(ushort.MaxValue, Math.Pow(_delays[1].ToNumber() / 100.0, _tries - 1));
        long max = _delays[2].ToNumber();
        double seconds = Math.Min(_delays[0].ToNumber() * growth, max == 0 ? ushort.MaxValue : max);
        LocalDateTime earliest = (now + Duration.FromSeconds(seconds)).WithOffset(offset).LocalDateTime;
        DueAt = CommunicationWindows.FirstWithin(_windows, earliest)?.WithOffset(offset).ToInstant();
    }

    private ActionResult Push(CosemContext context, out CosemData returned)
    {
        returned = default;
        return TryBegin(context.Now, context.Device.OffsetAt(context.Now)) ? ActionResult.Success : ActionResult.TemporaryFailure;
    }

    private ActionResult Reset(out CosemData returned)
    {
        (returned, DueAt, _isSent, _tries) = (default, null, false, 0);
        return ActionResult.Success;
    }
}
