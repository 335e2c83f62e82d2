using System.Diagnostics;
using System.Globalization;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>
/// Hostile octets against every entry point that takes them (docs/reference/fuzzing.md). The seed is printed; <c>PRAMAN_FUZZ_SEED</c> sets another,
/// <c>PRAMAN_FUZZ_COUNT</c> the inputs of each target.
/// </summary>
public abstract class FuzzTests(ITestOutputHelper output)
{
    private const ulong SeedDefault = 20_260_301;
    private const int CountDefault = 1_000_000;

    private protected void Run(FuzzTarget target)
    {
        using FuzzTarget disposed = target;
        ulong seed = ulong.TryParse(Environment.GetEnvironmentVariable("PRAMAN_FUZZ_SEED"), CultureInfo.InvariantCulture, out ulong given) ? given : SeedDefault;
        int count = int.TryParse(Environment.GetEnvironmentVariable("PRAMAN_FUZZ_COUNT"), CultureInfo.InvariantCulture, out int wanted) ? wanted : CountDefault;
        var loop = new FuzzLoop(target, seed);
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<byte[]> seeds = FuzzCorpus.Of(target);
        loop.Run(seeds, count);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Name}: seed {seed}, {seeds.Count} inputs to begin with, {loop.Count} run in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {100.0 * loop.ReadCount / loop.Count:0.0} % read, "
            + $"{loop.OutcomeCount} outcomes, at most {loop.AllocatedMost} octets beyond {target.AllocatedPerOctet} × the input, longest {loop.LongestMs:0.0} ms"));
        Assert.True(loop.Count >= count + seeds.Count);
        Assert.True(loop.ReadCount > loop.Count / 1_000, "nearly nothing is read: the inputs do not reach what they are for");
        Assert.True(loop.OutcomeCount > 4, "hardly any outcome differs: the inputs do not reach what they are for");
    }
}

/// <summary>Parsers: what they make of an input follows from it alone.</summary>
public sealed class ParserFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    [Fact]
    public void Data() => Run(new DataTarget());

    [Fact]
    public void CompactArray() => Run(new CompactArrayTarget());

    [Fact]
    public void Apdu() => Run(new ApduTarget());

    [Fact]
    public void Acse() => Run(new ApduTarget("acse", acse: true));

    [Fact]
    public void ProfileRows() => Run(new ProfileRowTarget());

    [Fact]
    public void DateTime() => Run(new DateTimeTarget());

    [Fact]
    public void IntervalBlock() => Run(new IntervalBlockTarget());

    [Fact]
    public void MBus() => Run(new MBusTarget());

    [Fact]
    public void Hdlc() => Run(new HdlcTarget());

    [Fact]
    public void Wrapper() => Run(new WrapperTarget());

    [Fact]
    public void Capture() => Run(new CaptureTarget());

    [Fact]
    public void SerialLog() => Run(new SerialLogTarget());
}

/// <summary>State machines and the decoder: sessions of inputs.</summary>
public sealed class SessionFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    [Fact]
    public void Ciphered() => Run(new CipheredTarget());

    [Fact]
    public void GeneralCiphering() => Run(new GeneralCipheringTarget());

    [Fact]
    public void HdlcLink() => Run(new HdlcLinkTarget());

    [Fact]
    public void MBusLink() => Run(new MBusLinkTarget());

    [Fact]
    public void Blocks() => Run(new BlocksTarget());

    [Fact]
    public void ModeE() => Run(new ModeETarget());

    [Fact]
    public void Document() => Run(new DocumentTarget());

    [Fact]
    public void Server() => Run(new ServerTarget());

    [Fact]
    public void Gateway() => Run(new GatewayTarget());

    [Fact]
    public void Client() => Run(new ClientTarget());
}
