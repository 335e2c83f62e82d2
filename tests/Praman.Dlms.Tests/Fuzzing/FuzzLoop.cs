using System.Diagnostics;
using System.Globalization;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>
/// Changes inputs, hands them to a target and watches: no exception, no more than sixteen times the input allocated, no input longer than 100 ms.
/// An input that is refused at a new place for a new reason, or read in a new shape, is kept and changed further: feedback for little.
/// </summary>
internal sealed class FuzzLoop(FuzzTarget target, ulong seed)
{
    private const int KeptMax = 2_048;
    private const int GrownOneIn = 4_096;
    private const int OffsetsApart = 64;
    private const int HangSeconds = 60;
    private const int Attempts = 5;

    private readonly byte[] _buffer = new byte[8 * FuzzMutator.GrownLengthMax];
    private readonly List<byte[]> _kept = [];
    private readonly List<byte[]> _read = [];
    private readonly HashSet<ulong> _met = [];
    private readonly List<byte[]> _session = [];
    private FuzzRandom _random = new(seed);
    private FuzzRandom _sessionRandom;
    private long _startedAt;
    private int _inputLength;

    /// <summary>Inputs handed in.</summary>
    public long Count { get; private set; }

    /// <summary>Inputs that were read.</summary>
    public long ReadCount { get; private set; }

    /// <summary>Kinds of outcome that were met.</summary>
    public int OutcomeCount => _met.Count;

    /// <summary>The most that one input had allocated beyond its sixteenfold.</summary>
    public long AllocatedMost { get; private set; }

    /// <summary>The longest that one input took; the machine's own pauses are in it.</summary>
    public double LongestMs { get; private set; }

    public void Run(IReadOnlyList<byte[]> seeds, int count)
    {
        using var watch = new Timer(_ => Watch(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        Restart();
        foreach (byte[] input in seeds)
        {
            input.CopyTo(_buffer, 0);
            _kept.Add(input);
            One(input.Length);
        }
        Assert.NotEmpty(_kept);
        foreach (byte[] input in target.Dear())
        {
            input.CopyTo(_buffer, 0);
            One(input.Length);
        }
        for (int index = 0; index < count; index++)
        {
            byte[] origin = Pick(), other = _kept[_random.Below(_kept.Count)];
            origin.CopyTo(_buffer, 0);
            int length = FuzzMutator.Mutate(_buffer, origin.Length, other, _random.OneIn(GrownOneIn), ref _random);
            length = target.Repair(_buffer, length, ref _random);
            One(length);
        }
    }

    // Half of them of those that were read: what is refused goes astray ever further.
    private byte[] Pick()
    {
        List<byte[]> from = _read.Count > 0 && _random.OneIn(2) ? _read : _kept;
        return from[_random.Below(from.Count)];
    }

    private void One(int length)
    {
        if (_session.Count >= target.SessionLength) Restart();
        if (target.SessionLength > 1) _session.Add(_buffer.AsSpan(0, length).ToArray());
        ReadOnlyMemory<byte> input = _buffer.AsMemory(0, length);
        _inputLength = length;
        FuzzOutcome outcome;
        try
        {
            outcome = Measure(input, out long allocated, out double ms);
            long allowed = ((long)target.AllocatedPerOctet * length) + target.AllocatedConstant;
            double slowMs = target.SlowMs(length);
            if (ms > slowMs || allocated > allowed) Again(ref allocated, ref ms);
            AllocatedMost = Math.Max(AllocatedMost, allocated - ((long)target.AllocatedPerOctet * length));
            LongestMs = Math.Max(LongestMs, ms);
            if (allocated > allowed) Assert.Fail($"{allocated} octets were allocated, {allowed} are allowed");
            if (ms > slowMs) Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms in the fastest of {Attempts} runs, {slowMs:0} are allowed"));
            target.Use();
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"{fault.GetType().Name}: {fault.Message}; {Where(length)}", fault);
        }
        Volatile.Write(ref _startedAt, 0);
        Count++;
        if (outcome.IsRead) ReadCount++;
        else
        {
            Assert.False(string.IsNullOrEmpty(outcome.Error.Reason), $"refused without a reason; {Where(length)}");
            if (target.OffsetIsOfInput && (uint)outcome.Error.Offset > (uint)length) Assert.Fail($"an error at {outcome.Error.Offset} of {length} octets; {Where(length)}");
        }
        if (_met.Add(KeyOf(outcome)) && length <= FuzzMutator.LengthMax) Keep(outcome.IsRead ? _read : _kept, length);
    }

    private FuzzOutcome Measure(ReadOnlyMemory<byte> input, out long allocated, out double ms)
    {
        long start = Stopwatch.GetTimestamp();
        Volatile.Write(ref _startedAt, start);
        long before = GC.GetAllocatedBytesForCurrentThread();
        FuzzOutcome outcome = target.Parse(input);
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return outcome;
    }

    // The machine pauses, and the runtime compiles in passing: what counts is the least of several runs, each from the session's
    // beginning, in processor time where that is known.
    private void Again(ref long allocated, ref double ms)
    {
        byte[][] inputs = target.SessionLength > 1 ? [.. _session] : [_buffer.AsSpan(0, _inputLength).ToArray()];
        for (int attempt = 1; attempt < Attempts; attempt++)
        {
            target.Restart(_sessionRandom);
            foreach (byte[] earlier in inputs.AsSpan(0, inputs.Length - 1)) target.Parse(earlier);
            double spent = ThreadCpuMs();
            Measure(inputs[^1], out long allocatedAgain, out double msAgain);
            spent = ThreadCpuMs() - spent;
            allocated = Math.Min(allocated, allocatedAgain);
            ms = Math.Min(ms, double.IsNaN(spent) ? msAgain : Math.Min(spent, msAgain));
        }
    }

    // Processor time of this thread; not a number where the system does not tell.
    private static double ThreadCpuMs()
    {
        const string path = "/proc/thread-self/schedstat";
        return File.Exists(path) && long.TryParse(File.ReadAllText(path).Split(' ')[0], CultureInfo.InvariantCulture, out long nanoseconds) ? nanoseconds / 1e6 : double.NaN;
    }

    private void Restart()
    {
        _session.Clear();
        _random.Next();
        _sessionRandom = _random;
        target.Restart(_sessionRandom);
    }

    private void Keep(List<byte[]> list, int length)
    {
        byte[] input = _buffer.AsSpan(0, length).ToArray();
        if (list.Count < KeptMax) list.Add(input);
        else list[_random.Below(KeptMax)] = input;
    }

    // Numbers within a reason (lengths, tags) do not tell reasons apart; far offsets are counted as one.
    private static ulong KeyOf(in FuzzOutcome outcome)
    {
        const ulong prime = 0x100000001B3;
        ulong key = 0xCBF29CE484222325;
        if (outcome.IsRead) return (key ^ (uint)outcome.Shape) * prime * prime;
        foreach (char letter in outcome.Error.Reason)
        {
            if (!char.IsAsciiDigit(letter)) key = (key ^ letter) * prime;
        }
        return (key ^ (ulong)Math.Min(outcome.Error.Offset, OffsetsApart)) * prime;
    }

    private void Watch()
    {
        long started = Volatile.Read(ref _startedAt);
        if (started == 0 || Stopwatch.GetElapsedTime(started).TotalSeconds < HangSeconds) return;
        string where = Where(_inputLength);
        Console.Error.WriteLine($"hangs for over {HangSeconds} s; {where}");
        Environment.FailFast($"a fuzzed input hangs; {where}"); // nothing else ends a thread that never comes back
    }

    private string Where(int length)
    {
        string hex = Convert.ToHexString(_buffer.AsSpan(0, Math.Min(length, 8_192)));
        string session = target.SessionLength > 1 ? $"; before it in its session: {string.Join(' ', _session.SkipLast(1).Select(Convert.ToHexString))}" : "";
        return $"target {target.Name}, seed {seed}, input {Count}, {length} octets: {hex}{session}";
    }
}
