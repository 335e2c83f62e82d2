using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Praman.Meter;
using Praman.Meter.Load;

namespace Praman.Cli.Meters;

/// <summary>One meter of <c>praman simulate</c>: the meter and its secrets, which follow from the seed and protect nothing.</summary>
internal sealed record SimulatedMeter(VirtualMeter Meter, MeterKeys Keys)
{
    /// <summary>A meter whose home, serial and keys follow from seed and index.</summary>
    public static SimulatedMeter Create(MeterType type, ulong seed, int index, Instant installedAt, ushort sap = 1, bool usesShortNames = false)
    {
        byte[] material = SHA512.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"praman simulate {seed} {index}")));
        var keys = new MeterKeys(material.AsMemory(0, 16), material.AsMemory(16, 16), material.AsMemory(32, 8), material.AsMemory(48, 16));
        string serial = string.Create(CultureInfo.InvariantCulture, $"PRM{index + 1:D7}");
        byte[] title = VirtualMeter.MakeSystemTitle(type.Model.FlagId, (ulong)index + 1);
        int solar = index % 10 == 7 ? 3_000 : 0;
        ILoadSource load = new HouseholdLoad((seed * 1_000_003) + (ulong)index, installedAt, type.Model.Zone.GetUtcOffset(installedAt), solar);
        if (type.Model.LoadFactor > 1) load = new ScaledLoad(load, type.Model.LoadFactor);
        return new SimulatedMeter(new VirtualMeter(type, serial, title, keys, load, installedAt, new LoadTotals(1_250_000 + (index * 1_000L), 0)) { Sap = sap, UsesShortNames = usesShortNames }, keys);
    }
}
