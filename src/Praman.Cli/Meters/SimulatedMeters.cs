using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Praman.Dlms.Security;
using Praman.Meter;
using Praman.Meter.Load;

namespace Praman.Cli.Meters;

/// <summary>One meter of <c>praman simulate</c>: the meter and its secrets, which follow from the seed and protect nothing.</summary>
internal sealed record SimulatedMeter(VirtualMeter Meter, MeterKeys Keys)
{
    /// <summary>Its key pairs and its client's; null in suite 0.</summary>
    public SimulatedKeyPairs? Pairs { get; private init; }

    /// <summary>A meter whose home, serial and keys follow from seed and index.</summary>
    public static SimulatedMeter Create(MeterType type, ulong seed, int index, Instant installedAt, ushort sap = 1, bool usesShortNames = false)
    {
        byte[] material = SHA512.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"praman simulate {seed} {index}")));
        var keys = new MeterKeys(material.AsMemory(0, 16), material.AsMemory(16, 16), material.AsMemory(32, 8), material.AsMemory(48, 16));
        int suite = type.Model.SecuritySuite;
        if (SecuritySuite.KeyLength(suite) is > 16 and var length)
        {
            keys = keys with { Guek = HKDF.Expand(HashAlgorithmName.SHA512, material, length, "guek"u8.ToArray()), Gak = HKDF.Expand(HashAlgorithmName.SHA512, material, length, "gak"u8.ToArray()) };
        }
        string serial = string.Create(CultureInfo.InvariantCulture, $"PRM{index + 1:D7}");
        byte[] title = VirtualMeter.MakeSystemTitle(type.Model.FlagId, (ulong)index + 1);
        SimulatedKeyPairs? pairs = SecuritySuite.HasCurve(suite) ? SimulatedKeyPairs.Create(suite, seed, title, type.Model.HasCertificates ? installedAt : null) : null;
        if (pairs is not null) keys = keys with { KeyPairs = pairs.Meter, ClientKeys = pairs.Client, Certificates = pairs.Certificates() };
        int solar = index % 10 == 7 ? 3_000 : 0;
        ILoadSource load = new HouseholdLoad((seed * 1_000_003) + (ulong)index, installedAt, type.Model.Zone.GetUtcOffset(installedAt), solar);
        if (type.Model.LoadFactor > 1) load = new ScaledLoad(load, type.Model.LoadFactor);
        return new SimulatedMeter(new VirtualMeter(type, serial, title, keys, load, installedAt, new LoadTotals(1_250_000 + (index * 1_000L), 0)) { Sap = sap, UsesShortNames = usesShortNames }, keys) { Pairs = pairs };
    }
}
