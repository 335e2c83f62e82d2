using Praman.Transports.Addresses;

namespace Praman.HeadEnd.Inventory;

/// <summary>As whom and how the head-end opens an association with a meter.</summary>
/// <param name="ClientSap">48 utility setting, 32 meter reader (IS 15959).</param>
/// <param name="ServerSap">1: the management logical device.</param>
/// <param name="Authentication">How both sides prove who they are.</param>
/// <param name="Protection">What is done to every APDU.</param>
public readonly record struct MeterAccess(int ClientSap, int ServerSap, LinkAuthentication Authentication, LinkProtection Protection)
{
    /// <summary>The utility-setting client, GMAC both ways, authenticated and encrypted.</summary>
    public static MeterAccess UtilitySetting { get; } = new(48, 1, LinkAuthentication.Gmac, LinkProtection.AuthenticatedEncrypted);
}
