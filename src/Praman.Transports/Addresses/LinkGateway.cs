using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Praman.Transports.Addresses;

/// <summary>A meter behind a gateway, as people write it: the network, then the physical device's address in hex or, behind <c>@</c>, in letters: <c>1:0A00000B</c>, <c>0:@PRM0000001</c>.</summary>
/// <param name="Network">0 to 255.</param>
/// <param name="Physical">1 to 255 octets, in hex.</param>
public readonly record struct LinkGateway(byte Network, string Physical)
{
    private const int OctetsMax = 255;

    /// <summary>The octets of the address.</summary>
    public byte[] Octets => Convert.FromHexString(Physical);

    /// <summary>Takes letters and digits as the octets of an address.</summary>
    public static LinkGateway OfText(byte network, string address) => new(network, Convert.ToHexString(Encoding.ASCII.GetBytes(address)));

    /// <summary>Reads what <see cref="ToString"/> writes; <paramref name="error"/> says what was expected.</summary>
    public static bool TryParse(string? text, out LinkGateway gateway, [NotNullWhen(false)] out string? error)
    {
        gateway = default;
        error = $"a gateway of '{(text is { Length: > 20 } ? text[..20] + "…" : text)}': expected NETWORK:HEX or NETWORK:@TEXT, such as 0:@PRM0000001, the address of 1 to {OctetsMax} octets";
        int colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon < 0 || !byte.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out byte network)) return false;
        string address = text![(colon + 1)..];
        if (address.StartsWith('@'))
        {
            if (address.Length is 1 or > OctetsMax + 1 || !address.All(c => c is > ' ' and <= '~')) return false;
            gateway = OfText(network, address[1..]);
        }
        else
        {
            if (address.Length is 0 or > 2 * OctetsMax || address.Length % 2 != 0 || !address.All(char.IsAsciiHexDigit)) return false;
            gateway = new(network, address.ToUpperInvariant());
        }
        error = null;
        return true;
    }

    // Letters and digits need no escape in an address; all else is shown in hex.
    public override string ToString()
    {
        string text = Encoding.Latin1.GetString(Octets);
        return string.Create(CultureInfo.InvariantCulture, $"{Network}:{(text.All(char.IsAsciiLetterOrDigit) ? "@" + text : Physical)}");
    }
}
