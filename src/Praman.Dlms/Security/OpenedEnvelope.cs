namespace Praman.Dlms.Security;

/// <summary>How an APDU that was opened had been protected.</summary>
/// <param name="Protection">Its envelope.</param>
/// <param name="Control">Its security control; zero but for the suite where it was only signed.</param>
/// <param name="IsSigned">True where the peer's digital signature verified.</param>
/// <param name="IsBroadcast">True where it was under the broadcast key.</param>
public readonly record struct OpenedEnvelope(Protection Protection, SecurityControl Control, bool IsSigned, bool IsBroadcast);
