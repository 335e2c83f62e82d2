using System.Diagnostics;
using CsCheck;
using NodaTime;
using Praman.Testing;

namespace Praman.Metering.Tests.Blocks;

/// <summary>The octets of a block are hashed: values have one form, and each reader refuses every other, whoever wrote it.</summary>
public sealed class OneFormTests
{
    private static readonly Gen<int> Seeds = Gen.Int[0, int.MaxValue - 1];

    private static readonly IntervalBlockHeader Day = new(
        new UsagePointId(42), ReadingType.ImportEnergy, Instant.FromUtc(2026, 4, 1, 18, 30), 30, 4, 1, BlockCause.LateData);

    // 100, 103, 101, 105 are written from the lowest (100) with k = 1; 7 four times as a constant.
    [Theory]
    [InlineData(1, 2, 0, -1, false, "coding 1 with k 1 was expected")]
    [InlineData(1, 0, 0, -1, false, "coding 1 with k 1 was expected")]
    [InlineData(2, 1, 0, -1, false, "coding 1 with k 1 was expected")]
    [InlineData(1, 1, 0, 2, false, "long form that has a short one")]
    [InlineData(1, 0, 0, -1, true, "coding 0 with k 0 was expected")]
    [InlineData(2, 0, 0, -1, true, "coding 0 with k 0 was expected")]
    public void A_second_form_of_the_same_values_is_refused_by_name(int coding, int k, int baseBelow, int longAt, bool isConstant, string reason)
    {
        long[] values = isConstant ? [7, 7, 7, 7] : [100, 103, 101, 105];
        IntervalQuality[] qualities = [.. Enumerable.Repeat(IntervalQuality.Valid, 4)];
        byte[] other = LooseBlockWriter.Write(Day, 0, values, qualities, new(coding, k, baseBelow, longAt))!;
        Assert.False(IntervalBlock.TryParse(other, out _, out DecodeError error));
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
        Assert.False(IntervalBlockCodec.TryDecode(other, values, qualities, out DecodeError again));
        Assert.Equal(error, again);
    }

    [Fact]
    public void A_base_below_the_lowest_value_is_refused_where_coding_and_k_are_the_writers()
    {
        IntervalQuality[] qualities = [.. Enumerable.Repeat(IntervalQuality.Valid, 4)];
        byte[] other = LooseBlockWriter.Write(Day, 0, [100, 103, 101, 105], qualities, new(1, 1, BaseBelow: 1))!;
        Assert.False(IntervalBlock.TryParse(other, out _, out DecodeError error));
        Assert.Contains("the base value is 99: 100 was expected", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_all_forms_of_any_block_the_written_one_alone_is_read() => Seeds.Sample(seed =>
    {
        (IntervalBlockHeader header, sbyte scaler, long[] values, IntervalQuality[] qualities) = BlockSamples.Make(seed);
        byte[] written = BlockSamples.Encode(seed);
        foreach (byte[] form in Forms(seed)) Assert.Equal(form.AsSpan().SequenceEqual(written), IntervalBlock.TryParse(form, out _, out _));
        Assert.True(IntervalBlock.TryParse(written, out IntervalBlock? block, out _));
        Assert.Equal((header, scaler, qualities.Length), (block.Header, block.Scaler, values.Length));
    }, iter: 300, threads: 1);

    [Fact]
    public void Octets_that_are_read_are_octets_that_are_written_whatever_was_changed_in_them()
    {
        int read = 0;
        Seeds.Sample(seed =>
        {
            byte[] octets = Mutated(seed);
            if (!IntervalBlock.TryParse(octets, out IntervalBlock? block, out _)) return;
            read++;
            (long[] values, IntervalQuality[] qualities) = block.Decode();
            Assert.Equal(Convert.ToHexString(octets), Convert.ToHexString(IntervalBlock.Create(block.Header, values, qualities, block.Scaler).Bytes.Span));
        }, iter: 30_000, threads: 1);
        Assert.True(read > 2_000, $"{read} of the changed blocks were blocks still");
    }

    [Fact]
    public void Both_readers_take_and_refuse_the_same_octets()
    {
        string script = $$"""
            import { createInterface } from 'node:readline';
            import { decodeBlock } from '{{new Uri(TestFiles.InRepository("verifier", "praman-verifier.mjs")).AbsoluteUri}}';
            for await (const line of createInterface({ input: process.stdin })) {
              try {
                const block = decodeBlock(Buffer.from(line, 'hex'), 'bill.evidence.json: blocks[7].bytes');
                console.log(`read ${block.values.reduce((sum, value) => sum + value, 0n)}`);
              } catch (error) {
                if (error.constructor.name !== 'Unreadable') throw error;
                console.log(`refused at ${error.place} of ${error.file}`);
              }
            }
            """;
        var samples = new List<byte[]>();
        for (int seed = 0; seed < 400; seed++)
        {
            samples.Add(BlockSamples.Encode(seed));
            samples.AddRange(Forms(seed).Take(40));
            for (int i = 0; i < 10; i++) samples.Add(Mutated((seed * 10) + i));
        }
        string[] answers = RunNode(script, samples);
        const string Refused = "refused at blocks[7].bytes of bill.evidence.json";
        Assert.Equal(samples.Count, answers.Length);
        int taken = 0;
        for (int i = 0; i < samples.Count; i++)
        {
            string here = IntervalBlock.TryParse(samples[i], out IntervalBlock? block, out DecodeError error) ? $"read {block.Sum()}" : Refused;
            if (here != Refused) taken++;
            Assert.True(here == answers[i], $"{Convert.ToHexString(samples[i])}: here {here} ({error}), there {answers[i]}");
        }
        Assert.InRange(taken, 400, samples.Count - 400);
    }

    /// <summary>Every form that holds a sample's values: codings, all Rice parameters, bases below, codes in the long form.</summary>
    private static IEnumerable<byte[]> Forms(int seed)
    {
        (IntervalBlockHeader header, sbyte scaler, long[] values, IntervalQuality[] qualities) = BlockSamples.Make(seed);
        if (values.Length > 300) yield break; // a day of minutes in every form takes long, and has no form of its own
        foreach (int coding in (int[])[1, 2, 0])
        {
            for (int k = 0; k < (coding == 0 ? 1 : 32); k++)
            {
                foreach ((int below, int longAt) in ((int, int)[])[(0, -1), (1, -1), (0, seed % values.Length)])
                {
                    if (LooseBlockWriter.Write(header, scaler, values, qualities, new(coding, k, below, longAt)) is { } octets) yield return octets;
                }
            }
        }
    }

    /// <summary>A sample in which a few bits or octets are others, or stand twice, or are not there.</summary>
    private static byte[] Mutated(int seed)
    {
#pragma warning disable CA5394 // a seeded sequence, so that a failure can be repeated
        var random = new Random(seed);
        List<byte> octets = [.. BlockSamples.Encode(random.Next(5_000))];
        for (int change = random.Next(1, 3); change > 0; change--)
        {
            int at = random.Next(random.Next(2) == 0 ? Math.Min(octets.Count, 24) : octets.Count);
            switch (random.Next(6))
            {
                case 0: octets[at] = (byte)random.Next(256); break;
                case 1: octets.Insert(at, octets[at]); break;
                case 2 when octets.Count > 1: octets.RemoveAt(at); break;
                default: octets[at] ^= (byte)(1 << random.Next(8)); break;
            }
        }
        return [.. octets];
#pragma warning restore CA5394
    }

    private static string[] RunNode(string script, List<byte[]> lines)
    {
        string? node = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(node is null, "Node.js is not installed: the second verifier cannot run");
        var start = new ProcessStartInfo(node!, ["--input-type=module", "-e", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (byte[] line in lines) process.StandardInput.WriteLine(Convert.ToHexString(line));
        process.StandardInput.Close();
        string text = output.GetAwaiter().GetResult();
        process.WaitForExit();
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
