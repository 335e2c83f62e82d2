using Praman.Transports.Addresses;

namespace Praman.HeadEnd.Inventory;

/// <summary>As whom and how the head-end opens an association with a meter.</summary>
/// <param name="ClientSap">48 utility setting, 32 meter reader (IS 15959).</param>
/// <param name="ServerSap">1: the management logical device.</param>
/// <param name="Authentication">How both sides prove who they are.</param>
/// <param name="Protection">What is done to every APDU.</param>
public readonly record struct MeterAccess(int ClientSap, int ServerSap, LinkAuthentication Authentication, LinkProtection Protection)
{
    /// <summary>The security suite, 0 to 2.</summary>
    public int Suite { get; init; }

    /// <summary>In what envelope ciphered APDUs go.</summary>
    public LinkEnvelope Envelope { get; init; }

    /// <summary>Every APDU is signed as well, and every answer must be.</summary>
    public bool Signs { get; init; }

    /// <summary>True where signature keys of both are needed: for mechanism 7, for signatures, and for the ephemeral key of one pass.</summary>
    public bool NeedsSignature => Authentication == LinkAuthentication.Ecdsa || Signs || Envelope == LinkEnvelope.OnePass;

    /// <summary>True where key agreement keys of both are needed.</summary>
    public bool NeedsAgreement => Envelope is LinkEnvelope.OnePass or LinkEnvelope.Static;

    /// <summary>What an address says of it.</summary>
    public static MeterAccess Of(MeterAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new(address.Client, address.Server, address.Authentication, address.Protection) { Suite = address.Suite, Envelope = address.Envelope, Signs = address.Signs };
    }

    /// <summary>The utility-setting client, GMAC both ways, authenticated and encrypted.</summary>
    public static MeterAccess UtilitySetting { get; } = new(48, 1, LinkAuthentication.Gmac, LinkProtection.AuthenticatedEncrypted);
}
