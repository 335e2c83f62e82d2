using Praman.Dlms.Apdus;
using Praman.Metering;

namespace Praman.Dlms.Tests.Apdus;

/// <summary>Random APDUs of every kind are the same after the wire.</summary>
public class RandomApduTests
{
    private const int RoundsPerKind = 400;

    [Fact]
    public void EveryKindComesBackOctetForOctet()
    {
        int seed = int.Parse(Environment.GetEnvironmentVariable("PRAMAN_SEED") ?? "20260303", System.Globalization.CultureInfo.InvariantCulture);
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var kinds = new HashSet<Type>();
        for (int kind = 0; kind < RandomApdus.KindCount; kind++)
        {
            var apdus = new RandomApdus(new Random(seed + kind));
            for (int round = 0; round < RoundsPerKind; round++)
            {
                Apdu apdu = apdus.Next(kind);
                string where = $"seed {seed}, kind {kind}, round {round}: {apdu.GetType().Name}";
                byte[] encoded = apdu.Encode();
                Assert.True(Apdu.TryDecode(encoded, out Apdu? back, out DecodeError error), $"{where}: {error}: {Convert.ToHexString(encoded)}");
                Assert.True(back.GetType() == apdu.GetType(), where);
                Assert.True(encoded.AsSpan().SequenceEqual(back.Encode()), $"{where}: {Convert.ToHexString(encoded)} came back as {Convert.ToHexString(back.Encode())}");
                kinds.Add(apdu.GetType());
            }
        }
        var all = typeof(Apdu).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Apdu)) && !type.IsAbstract).ToHashSet();
        all.ExceptWith(kinds);
        Assert.Empty(all);
    }
}
