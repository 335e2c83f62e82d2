using Praman.Stores.Tests.Crash;
using Praman.Stores.Tests.Measure;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Praman.Stores.Tests;

/// <summary>Runs the tests; or is the process that a crash test kills; or measures.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is [CrashChild.Verb, var folder, var first]) return await CrashChild.RunAsync(folder, int.Parse(first));
        if (args is [LedgerCrashChild.Verb, var data, var start]) return await LedgerCrashChild.RunAsync(data, int.Parse(start));
        if (args is [WalletYearChild.Verb, var kept, var count]) return await WalletYearChild.RunAsync(kept, int.Parse(count));
        if (args is [IngestMeasure.Verb]) return await IngestMeasure.RunAsync(Console.Out);
        if (args.Any(static arg => arg is "-automated" or "@@")) return await ConsoleRunner.Run(args);
        return await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
