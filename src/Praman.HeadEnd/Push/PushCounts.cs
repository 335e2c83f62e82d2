namespace Praman.HeadEnd.Push;

/// <summary>What a listener for pushes has done so far.</summary>
/// <param name="Taken">Pushes that verified and are stored.</param>
/// <param name="Repeated">Pushes that came before.</param>
/// <param name="Unknown">Pushes of a meter that the inventory or the key store does not know.</param>
/// <param name="Refused">Pushes that do not verify, are protected too little, are malformed, or too many.</param>
/// <param name="Connections">Connections that were taken.</param>
/// <param name="TurnedAway">Connections that were closed as they came, because there were too many.</param>
/// <param name="Failed">Connections that ended, and datagrams that were dropped, because the store failed.</param>
/// <param name="Confirmed">Pushes that asked for it and were confirmed, once they were stored.</param>
public readonly record struct PushCounts(long Taken, long Repeated, long Unknown, long Refused, long Connections, long TurnedAway, long Failed, long Confirmed);
