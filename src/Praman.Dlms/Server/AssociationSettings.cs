using Praman.Dlms.Acse;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Server;

/// <summary>An association that a device offers.</summary>
/// <param name="ClientSap">The client that may open it.</param>
/// <param name="Index">Its place among the device's associations: its counters are found by it.</param>
/// <param name="Object">Its AssociationLN object.</param>
/// <param name="Level">What the client is then trusted with.</param>
/// <param name="Mechanism">How the client must prove itself.</param>
/// <param name="IsCiphered">True where its context is LN referencing with ciphering.</param>
/// <param name="SecuritySetup">Its SecuritySetup object; null where it has none.</param>
public sealed record AssociationSettings(
    ushort ClientSap, int Index, ObisCode Object, AssociationLevel Level, AuthenticationMechanism Mechanism, bool IsCiphered, ObisCode? SecuritySetup = null)
{
    /// <summary>True where objects are named by short names.</summary>
    public bool UsesShortNames { get; init; }

    /// <summary>The application context that the client must ask for.</summary>
    public ApplicationContext Context => (UsesShortNames, IsCiphered) switch
    {
        (true, true) => ApplicationContext.ShortNameCiphered,
        (true, false) => ApplicationContext.ShortName,
        (false, true) => ApplicationContext.LogicalNameCiphered,
        _ => ApplicationContext.LogicalName,
    };
}
