using System.Diagnostics;
using System.Globalization;
using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;

namespace Praman.Cli.Bench;

/// <summary>
/// P2: rows of load profiles, out of secured answers of as many meters as there are keys. Answers are made before the clock starts, by the real
/// client and server; each thread has its share of meters, and goes through it again and again.
/// </summary>
internal sealed class DlmsBench(int meters, ulong seed, int runs, string? only, Action<string> say)
{
    private const int RowsPerRun = 20_000_000;
    private const int PlainLengthMax = 16 * 1024;
    private const int TreesMax = 1_000;
    private const int ColumnsMax = 32;

    private static readonly byte[] ClientTitle = "PRMHE\0\0\u0001"u8.ToArray();

    private readonly List<BenchFigure> _figures = [];
    private readonly int _cores = Environment.ProcessorCount;
    private MeterFrame[] _frames = [];
    private byte[][] _plain = [];
    private long _rowsPerPass;
    private string _what = "";

    public List<BenchFigure> Run(CancellationToken cancellationToken)
    {
        say($"P2: making the secured days of {meters} meters ...");
        var source = new MeterFrames(seed);
        _frames = new MeterFrame[meters];
        Parallel.For(0, meters, new ParallelOptions { CancellationToken = cancellationToken }, i => _frames[i] = source.Frame(i));
        OpenOnce();
        (string Part, Action Measure)[] parts = [("P2", Secured), ("P2-key", SecuredWithNewKeys), ("decode", Decoded), ("tree", Trees), ("seal", Sealed), ("gmac", Gmac)];
        foreach ((string part, Action measure) in parts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (only is null || only.Split(',').Contains(part, StringComparer.OrdinalIgnoreCase)) measure();
        }
        return _figures;
    }

    private void OpenOnce()
    {
        _plain = new byte[meters][];
        byte[] place = new byte[PlainLengthMax];
        int columns = 0;
        long octets = 0;
        for (int i = 0; i < meters; i++)
        {
            using SecurityContext security = Context(_frames[i]);
            if (security.Unprotect(_frames[i].Apdu, place, out int written) != SecurityOutcome.Success) throw new InvalidDataException("a frame does not open");
            _plain[i] = place[..written];
            octets += written;
            _rowsPerPass += Rows(_plain[i], out columns, out _);
        }
        double perRow = octets / (double)_rowsPerPass;
        _what = string.Create(
            CultureInfo.InvariantCulture, $"{_rowsPerPass / meters} rows of {columns} columns an answer, {perRow:0} octets a row, {meters} meters with a key each{(meters < 10_000 ? " (P2 asks for 10,000)" : "")}");
    }

    /// <summary>Opened with the meter's key at hand, its counter checked, then every column of every row as a number, its time as seconds.</summary>
    private void Secured()
    {
        SecurityContext[] contexts = [.. _frames.Select(Context)];
        try
        {
            Rate("P2", "profile rows out of secured answers: opened (suite 0), decoded", "rows/s/core", 1_000_000, _rowsPerPass, _what, (i, place) => Open(contexts[i], i, place));
            byte[] own = new byte[PlainLengthMax];
            long least = long.MaxValue;
            for (int run = 0; run < Math.Max(runs, 2); run++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < meters; i++) Open(contexts[i], i, own);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            _figures.Add(new("P2", "octets allocated a row, opened and decoded", "B/row", least / (double)_rowsPerPass, 0, "on one thread, all meters, the least of the runs"));
        }
        finally
        {
            foreach (SecurityContext context in contexts) context.Dispose();
        }
    }

    /// <summary>As <see cref="Secured"/>, with the key set up anew for each answer, as when a head-end sees a meter once a night.</summary>
    private void SecuredWithNewKeys() => Rate(
        "P2-key", "the same, the meter's key set up anew for each answer", "rows/s/core", 1_000_000, _rowsPerPass, _what,
        (i, place) =>
        {
            using SecurityContext security = Context(_frames[i]);
            return Open(security, i, place);
        });

    private void Decoded() =>
        Rate("decode", "profile rows out of plain answers", "rows/s/core", 0, _rowsPerPass, _what, (i, place) => Rows(_plain[i], out int _, out long _));

    /// <summary>The general way: an answer as a tree of values, and a tree written as octets.</summary>
    private void Trees()
    {
        int count = Math.Min(meters, TreesMax);
        var trees = new CosemData[count];
        for (int i = 0; i < count; i++)
        {
            var reader = new AxdrReader(_plain[i]);
            if (!GetResponseNormal.TryReadHead(ref reader, out _, out _) || !reader.TryReadData(out trees[i])) throw new InvalidDataException(reader.Error.ToString());
        }
        long rows = trees.Sum(tree => tree.Count);
        Rate("tree", "profile rows read into a tree of values", "rows/s/core", 0, rows, "", count, (i, place) =>
        {
            var reader = new AxdrReader(_plain[i]);
            GetResponseNormal.TryReadHead(ref reader, out _, out _);
            return reader.TryReadData(out CosemData tree) ? tree.Count : 0;
        });
        Rate("tree", "profile rows of a tree written as octets", "rows/s/core", 0, rows, "", count, (i, place) =>
        {
            var writer = new AxdrWriter(place);
            GetResponseNormal.WriteDataHead(ref writer, new(1));
            writer.WriteData(trees[i]);
            return writer.Length == _plain[i].Length ? trees[i].Count : 0;
        });
    }

    private void Sealed()
    {
        SecurityContext[] contexts = [.. _frames.Select(Context)];
        double octets = _plain.Sum(apdu => (double)apdu.Length) / meters;
        string detail = string.Create(CultureInfo.InvariantCulture, $"authenticated and encrypted, {octets:0} octets each");
        Rate("seal", "answers sealed (suite 0)", "APDUs/s/core", 0, meters, detail, (i, place) =>
        {
            var writer = new AxdrWriter(place);
            return contexts[i].Protect(Protection.ServiceGlobal, _plain[i], ref writer) == SecurityOutcome.Success ? 1 : 0;
        });
        foreach (SecurityContext context in contexts) context.Dispose();
    }

    private void Gmac()
    {
        GcmCipher[] ciphers = [.. _frames.Select(frame => new GcmCipher(frame.Guek))];
        byte[] challenge = new byte[16];
        Rate("gmac", "HLS-GMAC answers made and checked", "answers/s/core", 0, meters, "challenge of 16 octets, a key each", (i, place) =>
        {
            Span<byte> answer = place.AsSpan(0, Hls.GmacLength);
            Hls.WriteGmac(ciphers[i], _frames[i].Gak, _frames[i].Title, (uint)i, challenge, answer);
            return Hls.TryVerifyGmac(ciphers[i], _frames[i].Gak, _frames[i].Title, challenge, answer, out _) ? 1 : 0;
        });
        foreach (GcmCipher cipher in ciphers) cipher.Dispose();
    }

    private long Open(SecurityContext security, int index, byte[] place)
    {
        security.ReceiveCounterMin = 0; // the same answer comes again in the next pass
        SecurityOutcome outcome = security.Unprotect(_frames[index].Apdu, place, out int written);
        return outcome == SecurityOutcome.Success ? Rows(place.AsSpan(0, written), out int _, out long _) : 0;
    }

    // All columns of all rows; the sum is there to be taken.
    private static long Rows(ReadOnlySpan<byte> apdu, out int columns, out long sum)
    {
        Span<long> values = stackalloc long[ColumnsMax];
        columns = 0;
        sum = 0;
        var reader = new AxdrReader(apdu);
        if (!GetResponseNormal.TryReadHead(ref reader, out _, out DataAccessResult result) || result != DataAccessResult.Success) return 0;
        if (!ProfileRowReader.TryOpen(reader.Rest, TimestampRule.India, 1_800, out ProfileRowReader rows, out _)) return 0;
        long count = 0;
        while (rows.TryReadRow(values, out _))
        {
            count++;
            columns = rows.ColumnCount;
            sum += values[0] + values[columns - 1];
        }
        return count;
    }

    private static SecurityContext Context(MeterFrame frame)
    {
        var security = new SecurityContext(SecurityControl.AuthenticatedEncryption, ClientTitle, frame.Guek, frame.Gak);
        security.SetPeerSystemTitle(frame.Title);
        return security;
    }

    private void Rate(string goal, string what, string unit, double floor, long perPass, string detail, Func<int, byte[], long> one) =>
        Rate(goal, what, unit, floor, perPass, detail, meters, one);

    /// <summary>Each thread takes its share of meters, for as many passes as make a run of a second or so.</summary>
    private void Rate(string goal, string what, string unit, double floor, long perPass, string detail, int count, Func<int, byte[], long> one)
    {
        int passes = (int)Math.Clamp((unit.StartsWith("rows", StringComparison.Ordinal) ? RowsPerRun : RowsPerRun / 20) / perPass, 1, 100_000);
        say($"{goal}: {what}, {runs} runs of {passes} passes ...");
        var rates = new List<double>();
        string spent = "";
        for (int run = -1; run < runs; run++) // the first warms
        {
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp(), done = 0;
            Thread[] threads = [.. Enumerable.Range(0, _cores).Select(worker => new Thread(() => Interlocked.Add(ref done, Work(worker))))];
            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) thread.Join();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (done != perPass * passes) throw new InvalidDataException($"{what}: {done} done of {perPass * passes}");
            if (run < 0) continue;
            rates.Add(done / seconds / _cores);
            spent = BenchRuns.PerCpuSecond(done, Environment.CpuUsage.TotalTime - cpu, unit[..unit.IndexOf('/', StringComparison.Ordinal)]);
        }
        _figures.Add(new(goal, what, unit, BenchRuns.Median(rates), floor, detail.Length > 0 ? $"{detail}; {spent}" : spent));

        long Work(int worker)
        {
            byte[] place = new byte[PlainLengthMax];
            int first = (int)((long)count * worker / _cores), end = (int)((long)count * (worker + 1) / _cores);
            long done = 0;
            for (int pass = 0; pass < passes; pass++)
            {
                for (int i = first; i < end; i++) done += one(i, place);
            }
            return done;
        }
    }
}
