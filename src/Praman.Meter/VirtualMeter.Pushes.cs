using System.Diagnostics.CodeAnalysis;
using NodaTime;

namespace Praman.Meter;

// What the meter sends unasked: its host takes it, sends it and says what came of it.
public sealed partial class VirtualMeter
{
    /// <summary>How old a push may become before it is on its way: a host that takes longer has no line open.</summary>
    public static Duration PushAgeMax { get; } = Duration.FromMinutes(5);

    /// <summary>
    /// Takes a push that is ready at an instant; false where there is none. A push setup has one push under way at a time, and waits for
    /// <see cref="PushEnded"/> before it tries again or begins another. One that was not taken within five minutes did not arrive.
    /// </summary>
    public bool TryTakePush(Instant now, [NotNullWhen(true)] out MeterPush? push)
    {
        push = null;
        if (Parts is null) return false;
        Advance(now);
        while (IsReachable(now) && Parts.Pushes.TryDequeue(out push))
        {
            if (now - push.At <= PushAgeMax) return true;
            Parts.PushEnded(push, now, arrived: false); // what it says is old: it is put together anew when it is tried again
        }
        push = null;
        return false;
    }

    /// <summary>
    /// Takes what came back on the way of a push that awaits its confirmation: a frame with a DataNotification-Confirm of its number, authenticated
    /// under the meter's global key by a counter that did not come before. True where it is that; the push has arrived then, and the setup notes when.
    /// </summary>
    public bool TryConfirmPush(MeterPush push, ReadOnlySpan<byte> frame, Instant now)
    {
        ArgumentNullException.ThrowIfNull(push);
        Advance(now);
        return Parts is not null && Parts.TryConfirmPush(push, frame, now);
    }

    /// <summary>Says whether a push arrived; one that did not is tried again as its setup says.</summary>
    public void PushEnded(MeterPush push, Instant now, bool arrived)
    {
        ArgumentNullException.ThrowIfNull(push);
        Advance(now);
        Parts?.PushEnded(push, now, arrived);
    }
}
