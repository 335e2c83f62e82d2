using System.Globalization;

namespace Praman.Cli.Bench;

/// <summary>What benchmarks make of their runs.</summary>
internal static class BenchRuns
{
    public static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    /// <summary>Work done in a second of processor time: on a machine that others use too, it tells more than the clock on the wall.</summary>
    public static string PerCpuSecond(double work, TimeSpan cpu, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{work / cpu.TotalSeconds:#,0} {unit} a second of processor time");
}
