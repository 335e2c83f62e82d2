using NodaTime;
using Praman.Metering;

namespace Praman.Meter;

/// <summary>A push that a meter has ready for its host to send, class 40.</summary>
/// <param name="Setup">The push setup that it comes of.</param>
/// <param name="Transport">Attribute 3: 0 is TCP, 1 UDP.</param>
/// <param name="Address">Attribute 3: where to, as the client wrote it: <c>host:port</c>.</param>
/// <param name="Frame">A DataNotification, protected as its setup says, in a wrapper from port 1 to 64.</param>
/// <param name="TryCount">1 for the first try.</param>
/// <param name="At">When it was put together, true time.</param>
/// <param name="ConfirmedInvoke">The number that its confirmation repeats; null where it asks for none.</param>
public sealed record MeterPush(ObisCode Setup, byte Transport, string Address, ReadOnlyMemory<byte> Frame, int TryCount, Instant At, uint? ConfirmedInvoke = null)
{
    /// <summary>True where it has arrived once a DataNotification-Confirm came back: see <see cref="VirtualMeter.TryConfirmPush"/>.</summary>
    public bool AwaitsConfirmation => ConfirmedInvoke is not null;
}
