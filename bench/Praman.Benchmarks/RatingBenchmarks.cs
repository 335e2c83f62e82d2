using BenchmarkDotNet.Attributes;
using NodaTime;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Benchmarks;

/// <summary>Rating of one month's bill.</summary>
[MemoryDiagnoser]
public class RatingBenchmarks
{
    private CompiledTariff _tariff = null!;
    private BillingDeterminants _determinants = new();

    [Params("in-gj-rgp-urban", "in-dl-brpl")]
    public string Tariff { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        if (!TariffSet.TryLoad(Tariffs(), out TariffSet? set, out var faults)) throw new InvalidOperationException(faults[0].ToString());
        _tariff = CompiledTariff.Compile(set.Tariffs[Tariff], set);
        _determinants = new BillingDeterminants
        {
            Period = new BillingPeriod(new LocalDate(2026, 4, 1), new LocalDate(2026, 4, 30)), Kwh = 312.457m, SanctionedLoadKw = 3m,
        };
    }

    [Benchmark]
    public decimal? Rate() => RatingEngine.Rate(_tariff, _determinants).Bill?.Total;

    private static string Tariffs()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "tariffs");
            if (Directory.Exists(path)) return path;
        }
        throw new DirectoryNotFoundException("tariffs/ was not found above the benchmark's folder");
    }
}
