using System.Text.Json;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Testing;

namespace Praman.Billing.Tests.Rating;

/// <summary>The worked bills of the vectors and the tariffs of the repository.</summary>
internal static class WorkedBills
{
    public static TariffSet Set { get; } = Load();
    public static TariffBook Book { get; } = new(Set);
    public static IReadOnlyDictionary<string, JsonElement> Cases { get; } = ReadCases();

    public static CompiledTariff Tariff(string id) => Book.Find(id) ?? throw new ArgumentException($"no tariff {id}");

    private static TariffSet Load() => TariffSet.TryLoad(TestFiles.InRepository("tariffs"), out TariffSet? set, out IReadOnlyList<TariffFault> faults)
        ? set
        : throw new InvalidOperationException(string.Join('\n', faults));

    private static Dictionary<string, JsonElement> ReadCases()
    {
        Dictionary<string, JsonElement> cases = [];
        foreach (string file in Directory.EnumerateFiles(TestFiles.InRepository("tests", "Praman.Billing.Tests", "vectors"), "worked-bills*.json").Order(StringComparer.Ordinal))
        {
            foreach (JsonElement one in JsonElement.Parse(File.ReadAllBytes(file)).GetProperty("cases").EnumerateArray()) cases.Add(one.GetProperty("id").GetString()!, one);
        }
        return cases;
    }
}
