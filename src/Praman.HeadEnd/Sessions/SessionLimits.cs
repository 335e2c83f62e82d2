using Praman.HeadEnd.Collection;

namespace Praman.HeadEnd.Sessions;

/// <summary>What a session may take.</summary>
/// <param name="ReplyTimeout">Longest silence.</param>
/// <param name="SessionTimeout">Longest session.</param>
/// <param name="ResponseBytesMax">Octets of one answer, all its blocks together.</param>
public readonly record struct SessionLimits(TimeSpan ReplyTimeout, TimeSpan SessionTimeout, int ResponseBytesMax)
{
    public static SessionLimits Default { get; } = Of(new CollectionOptions());

    public static SessionLimits Of(CollectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(options.ReplyTimeout, options.SessionTimeout, options.ResponseBytesMax);
    }
}
