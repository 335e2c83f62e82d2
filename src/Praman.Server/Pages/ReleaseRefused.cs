using NodaTime;
using Praman.MeterData.Gate;
using Praman.Metering;
using Praman.Server.Words;

namespace Praman.Server.Pages;

/// <summary>A release that was not made.</summary>
/// <param name="Given">The reason that was typed, to be typed no second time.</param>
public sealed record ReleaseRefused(UsagePointId UsagePoint, DateInterval Period, ReleaseState State, string? Given)
{
    /// <summary>Why not, in words.</summary>
    public string Why => State switch
    {
        ReleaseState.NoReason => Format.Current.Text(W.ReleaseNoReason, EditReleases.ReasonLengthMin, EditReleases.ReasonLengthMax),
        ReleaseState.OwnEdit => W.ReleaseOwnEdit,
        ReleaseState.Changed => W.ReleaseChanged,
        _ => W.ReleaseNotWaiting,
    };
}
