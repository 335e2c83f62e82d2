using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using CsCheck;
using NodaTime;
using Praman.Metering;
using Praman.Proof.Experimental.Pedersen;
using Praman.Testing;

namespace Praman.Proof.Tests.Experimental;

/// <summary>Commitments of days and openings of months beside the slow reference, and what is changed in them. A failure prints its seed.</summary>
public class PedersenTests
{
    private static readonly byte[] SecretOctets = [.. Enumerable.Range(7, 32).Select(i => (byte)i)];

    /// <summary>Days of 46, 48 and 50 half-hours, of values from nothing to the largest.</summary>
    private static readonly Gen<long[]> DayValues = Gen.Select(Gen.Int[0, 2], Gen.Frequency((8, Gen.Long[0, 4_000]), (1, Gen.Long[0, PedersenDay.ValueMax]), (1, Gen.Bool.Select(isLargest => isLargest ? PedersenDay.ValueMax : 0))).Array[50])
        .Select((length, values) => values[..(46 + (2 * length))]);

    [Fact]
    public void ADaysCommitmentsAreThoseOfTheReference() =>
        DayValues.Sample(values =>
        {
            using var secret = new BlindingSecret(SecretOctets);
            IntervalBlock day = Day(3, values);
            PedersenCommitment[] commitments = Commit(secret, day);
            for (int i = 0; i < values.Length; i += 9)
                Assert.Equal(NaiveCurve.Octets(NaiveCurve.Commit(values[i], NaiveCurve.Blinding(SecretOctets, day.Bytes.ToArray(), i))!), Octets(commitments[i]));
        }, iter: 6);

    [Fact]
    public void TheSumOfCommitmentsIsTheCommitmentToTheSum() =>
        Gen.Select(Gen.Long[0, PedersenDay.ValueMax], Gen.Long[0, PedersenDay.ValueMax], NaiveCurve.Numbers, NaiveCurve.Numbers).Sample((a, b, r, s) =>
        {
            Scalar first = Blinding(r), second = Blinding(s);
            ProjectivePoint sum = ProjectivePoint.Add(
                PedersenGenerators.Commit(a, first, PedersenDay.ValueBits), PedersenGenerators.Commit(b, second, PedersenDay.ValueBits));
            Assert.True(PedersenGenerators.Commit(a + b, Scalar.Add(first, second), PedersenGenerators.SumBits).Is(sum));
            Assert.False(PedersenGenerators.Commit(a + b + 1, Scalar.Add(first, second), PedersenGenerators.SumBits).Is(sum));
            Assert.False(PedersenGenerators.Commit(a + b, Scalar.Add(Scalar.Add(first, second), Scalar.Of(1)), PedersenGenerators.SumBits).Is(sum));
        }, iter: 200);

    /// <summary>A factor that hid two values would show their difference to everybody.</summary>
    [Fact]
    public void NoBlindingFactorComesTwice()
    {
        using var secret = new BlindingSecret(SecretOctets);
        using var another = new BlindingSecret([.. SecretOctets[..31], 0]);
        long[] values = new long[48], changed = [.. values];
        changed[47] = 1;
        IntervalBlock[] days = [Day(1, values), Day(2, values), Day(1, values, version: 1), Day(1, changed), Day(1, values, usagePoint: 8)];
        var seen = new HashSet<string>();
        foreach (IntervalBlock day in days)
        {
            foreach (BlindingSecret one in (BlindingSecret[])[secret, another])
            {
                // All values but one are equal, so that equal factors would be equal commitments.
                foreach (PedersenCommitment commitment in Commit(one, day)) Assert.True(seen.Add(Convert.ToHexString(Octets(commitment))));
            }
        }
        Assert.Equal(Commit(secret, days[0]), Commit(secret, days[0]));
    }

    [Fact]
    public void AnErasedSecretCommitsToNothing()
    {
        BlindingSecret secret = BlindingSecret.Create();
        Commit(secret, Day(1, new long[48]));
        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Commit(secret, Day(1, new long[48])));
        Assert.Throws<ArgumentException>(() => new BlindingSecret(new byte[31]));
    }

    [Fact]
    public void AValueThatIsNoEnergyOfAnIntervalIsRefused()
    {
        using var secret = new BlindingSecret(SecretOctets);
        var target = new PedersenCommitment[48];
        long[] values = new long[48];
        values[5] = PedersenDay.ValueMax;
        Assert.True(PedersenDay.TryCommit(secret, Day(1, values), target, out int refused));
        Assert.Equal(-1, refused);
        PedersenCommitment[] kept = [.. target];
        foreach (long value in (long[])[-1, PedersenDay.ValueMax + 1])
        {
            values[6] = value;
            Assert.False(PedersenDay.TryCommit(secret, Day(1, values), target, out refused));
            Assert.Equal(6, refused);
            Assert.Equal(kept, target);
        }
        Assert.Throws<ArgumentException>(() => PedersenDay.TryCommit(secret, Day(1, new long[48]), target.AsSpan(1), out _));
        var register = IntervalBlock.CreateRegister(new(7), ReadingType.ImportRegister, Midnight(1), 5, IntervalQuality.Raw);
        Assert.Throws<ArgumentException>(() => PedersenDay.TryCommit(secret, register, target, out _));
    }

    [Fact]
    public void ACommitmentIsReadBackAndEveryOtherFormOfItIsRefused()
    {
        using var secret = new BlindingSecret(SecretOctets);
        PedersenCommitment made = Commit(secret, Day(1, new long[48]))[0];
        byte[] octets = Octets(made);
        Assert.True(PedersenCommitment.TryDecode(octets, out PedersenCommitment read, out _));
        Assert.Equal(made, read);
        for (int length = 0; length < octets.Length; length++) Assert.False(PedersenCommitment.TryDecode(octets.AsSpan(0, length), out _, out _));
        Assert.False(PedersenCommitment.TryDecode([.. octets, 0], out _, out _));
        for (int bit = 0; bit < 8 * octets.Length; bit++)
        {
            byte[] other = [.. octets];
            other[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.False(PedersenCommitment.TryDecode(other, out _, out DecodeError error), $"bit {bit}");
            Assert.NotNull(error.Reason);
        }
        // Infinity, in the forms that others give it, and the compressed form.
        Assert.False(PedersenCommitment.TryDecode([0], out _, out _) || PedersenCommitment.TryDecode(new byte[65], out _, out _) || PedersenCommitment.TryDecode([4, .. new byte[64]], out _, out _));
        Assert.False(PedersenCommitment.TryDecode([(byte)(2 | octets[64] & 1), .. octets[1..33]], out _, out _));
        Assert.Throws<InvalidOperationException>(() => default(PedersenCommitment).Write(new byte[65]));
    }

    /// <summary>A coordinate and the same with p added stand for one element: the second is refused. Points of small x and of small y have room for it.</summary>
    [Fact]
    public void ACoordinateHasOneEncoding()
    {
        int tried = 0;
        for (BigInteger x = 0; tried < 5; x++)
        {
            BigInteger square = NaiveCurve.RightSide(x), y = BigInteger.ModPow(square, (NaiveCurve.P + 1) / 4, NaiveCurve.P);
            if (NaiveCurve.Mod(y * y, NaiveCurve.P) != square) continue;
            tried++;
            byte[] point = NaiveCurve.Octets(new NaiveCurve.Point(x, y));
            Assert.True(PedersenCommitment.TryDecode(point, out _, out _));
            Assert.False(PedersenCommitment.TryDecode([4, .. NaiveCurve.Octets(x + NaiveCurve.P), .. point[33..]], out _, out DecodeError error));
            Assert.Equal(1, error.Offset);
            Assert.False(PedersenCommitment.TryDecode([.. point[..33], .. NaiveCurve.Octets(NaiveCurve.P + y < BigInteger.One << 256 ? NaiveCurve.P + y : NaiveCurve.P)], out _, out error));
            Assert.Equal(33, error.Offset);
        }
    }

    [Fact]
    public void AMonthOpensAsItsSumsAndNothingElse() =>
        Gen.Select(DayValues.Array[6, 9], Gen.Int[1, 4], Gen.Int[0, 1_000_000]).Sample((values, slotCount, seed) =>
        {
            Month month = Month.Make(values, slotCount, seed);
            Assert.Equal(new(MonthFinding.Holds, -1), month.Check(month.Openings));
            long[] sums = new long[slotCount];
            long[] all = [.. values.SelectMany(day => day)];
            for (int i = 0; i < all.Length; i++) sums[month.Slots[i]] += all[i];
            Assert.Equal(sums, month.Openings.Select(opening => opening.EnergyWh));

            // The reference sums and opens as well.
            SlotOpening opening = month.Openings[0];
            NaiveCurve.Point? sum = null;
            for (int i = 0; i < all.Length; i++)
            {
                byte[] octets = Octets(month.Commitments[i]);
                if (month.Slots[i] == opening.Slot) sum = NaiveCurve.Add(sum, new(NaiveCurve.Number(octets.AsSpan(1, 32)), NaiveCurve.Number(octets.AsSpan(33))));
            }
            Assert.Equal(NaiveCurve.Commit(opening.EnergyWh, NaiveCurve.Number(Octets(opening).AsSpan(9))), sum);
        }, iter: 12);

    [Fact]
    public void EveryChangeToAMonthIsFound() =>
        Gen.Select(DayValues.Array[6, 8], Gen.Int[0, 1_000_000]).Sample((values, seed) =>
        {
            Month month = Month.Make(values, 3, seed);
            var random = new Random(seed);
            SlotOpening[] openings = [.. month.Openings];
            int slot = random.Next(3), next = (slot + 1) % 3, at = random.Next(month.Commitments.Length);
            while (month.Slots[at] != slot) at = random.Next(month.Commitments.Length);
            SlotOpening one = openings[slot], other = openings[next];

            SlotOpening[] With(SlotOpening changed) => [.. openings.Select(opening => opening.Slot == changed.Slot ? changed : opening)];
            void Differs(params SlotOpening[] changed) => Assert.Equal(MonthFinding.Different, month.Check(changed).Finding);
            Assert.Equal(new(MonthFinding.Different, slot), month.Check(With(new(one.Slot, one.EnergyWh + 1, one.Blinding))));
            if (one.EnergyWh > 0) Differs(With(new(one.Slot, one.EnergyWh - 1, one.Blinding)));
            Differs(With(new(one.Slot, one.EnergyWh, Scalar.Add(one.Blinding, Scalar.Of(1)))));
            Differs(With(new(one.Slot, one.EnergyWh, default)));
            Differs([.. openings.Select(opening => opening.Slot == slot ? new(one.Slot, one.EnergyWh + 1, one.Blinding) : opening.Slot == next ? new SlotOpening(other.Slot, Math.Max(0, other.EnergyWh - 1), other.Blinding) : opening)]);
            Differs([.. openings.Select(opening => opening.Slot == slot ? new(one.Slot, other.EnergyWh, other.Blinding) : opening.Slot == next ? new SlotOpening(other.Slot, one.EnergyWh, one.Blinding) : opening)]);

            // One interval in another slot, or another commitment in its place.
            Assert.Equal(MonthFinding.Different, (month with { Slots = [.. month.Slots.Select((was, i) => i == at ? (byte)next : was)] }).Check(openings).Finding);
            Assert.Equal(MonthFinding.Different, (month with { Commitments = [.. month.Commitments.Select((was, i) => i == at ? month.Commitments[(at + 1) % month.Commitments.Length] : was)] }).Check(openings).Finding);
            Assert.Equal(MonthFinding.Different, (month with { Commitments = [.. month.Commitments[..at], .. month.Commitments[(at + 1)..]], Slots = [.. month.Slots[..at], .. month.Slots[(at + 1)..]] }).Check(openings).Finding);

            Assert.Equal(new(MonthFinding.NotOpened, slot), month.Check([.. openings.Where(opening => opening.Slot != slot)]));
            Assert.Equal(new(MonthFinding.OpenedTwice, slot), month.Check([.. openings, one]));
            Assert.Equal(new(MonthFinding.NoSuchSlot, 9), month.Check([.. openings, new(9, 0, default)]));
            int count = month.Slots.Count(was => was == slot);
            Assert.Equal(new(MonthFinding.OutOfRange, slot), month.Check(With(new(one.Slot, (count * PedersenDay.ValueMax) + 1, one.Blinding))));
            Assert.Equal(new(MonthFinding.OutOfRange, slot), month.Check(With(new(one.Slot, -1, one.Blinding))));
        }, iter: 10);

    [Fact]
    public void TheSameCommitmentManyTimesAndItsOppositeAreAddedRight()
    {
        using var secret = new BlindingSecret(SecretOctets);
        AffinePoint point = Commit(secret, Day(1, [.. Enumerable.Repeat(1_000L, 48)]))[0].Point;
        PedersenCommitment[] pair = [new(point), new(new AffinePoint(point.X, FieldElement.Negate(point.Y)))];
        PedersenCommitment[] commitments = [.. Enumerable.Range(0, 96).Select(i => pair[i % 2])];
        Assert.Equal(MonthFinding.Holds, PedersenMonth.Check(commitments, new byte[96], [new(0, 0, default)]).Finding);
        Assert.Equal(MonthFinding.Different, PedersenMonth.Check(commitments.AsSpan(1), new byte[95], [new(0, 0, default)]).Finding);
        Scalar blinding = secret.Derive(Digest.Sha256(Day(1, [.. Enumerable.Repeat(1_000L, 48)]).Bytes.Span), 0), sum = default;
        for (int i = 0; i < 77; i++) sum = Scalar.Add(sum, blinding);
        Assert.Equal(MonthFinding.Holds, PedersenMonth.Check([.. Enumerable.Repeat(pair[0], 77)], new byte[77], [new(0, 77_000, sum)]).Finding);
    }

    /// <summary>
    /// What is not proved: there is no range proof, so a meter may commit to less than nothing in one interval and to the more in another of the same slot.
    /// The sums are true to the commitments, and no check sees it (docs/reference/pedersen.md).
    /// </summary>
    [Fact]
    public void AnIntervalBelowZeroIsNotSeenInASum()
    {
        Month month = Month.Make([.. Enumerable.Range(0, 2).Select(_ => Enumerable.Repeat(100L, 48).ToArray())], 1, 1);
        PedersenCommitment[] commitments = [.. month.Commitments];
        foreach ((int at, long shift) in ((int, long)[])[(3, -5_000), (4, 5_000)])
        {
            BigInteger blinding = NaiveCurve.Blinding(SecretOctets, month.Days[0].Bytes.ToArray(), at);
            Assert.True(PedersenCommitment.TryDecode(NaiveCurve.Octets(NaiveCurve.Commit(100 + shift, blinding)!), out commitments[at], out _));
        }
        Assert.Equal(MonthFinding.Holds, (month with { Commitments = commitments }).Check(month.Openings).Finding);
    }

    [Fact]
    public void TooFewIntervalsAreNotOpened()
    {
        using var secret = new BlindingSecret(SecretOctets);
        IntervalBlock[] days = [Day(1, new long[48]), Day(2, new long[48])];
        byte[] slots = new byte[96];
        slots.AsSpan(0, PedersenMonth.SlotIntervalsMin - 1).Fill(1);
        Assert.False(PedersenMonth.TryOpen(secret, days, slots, out IReadOnlyList<SlotOpening> openings, out int tooShort));
        Assert.Equal(0, tooShort); // what is left has fewer yet
        Assert.Empty(openings);
        slots.AsSpan().Fill(1);
        slots.AsSpan(0, PedersenMonth.SlotIntervalsMin).Clear();
        Assert.False(PedersenMonth.TryOpen(secret, days, slots, out _, out tooShort));
        Assert.Equal(1, tooShort);
        slots.AsSpan().Clear();
        Assert.True(PedersenMonth.TryOpen(secret, days, slots, out openings, out tooShort));
        Assert.Equal((1, -1), (openings.Count, tooShort));
        Assert.Throws<ArgumentException>(() => PedersenMonth.TryOpen(secret, days, slots.AsSpan(1), out _, out _));
    }

    [Fact]
    public void TheCallersFaultsAreSaid()
    {
        Assert.Throws<ArgumentException>(() => PedersenMonth.Check(new PedersenCommitment[2], new byte[3], []));
        Assert.Throws<ArgumentException>(() => PedersenMonth.Check(new PedersenCommitment[60], new byte[60], [new(0, 0, default)]));
        Assert.Throws<ArgumentException>(() => PedersenMonth.Check(new PedersenCommitment[PedersenMonth.IntervalsMax + 1], new byte[PedersenMonth.IntervalsMax + 1], []));
    }

    [Fact]
    public void AnOpeningIsReadBackAndEveryTruncationRefused() =>
        Gen.Select(Gen.Byte, Gen.Long, NaiveCurve.Numbers).Sample((slot, energy, blinding) =>
        {
            byte[] octets = [slot, .. NaiveCurve.Octets((ulong)energy, 8), .. NaiveCurve.Octets(blinding)];
            bool isRead = SlotOpening.TryDecode(octets, out SlotOpening opening, out DecodeError error);
            Assert.Equal(energy >= 0 && blinding < NaiveCurve.N, isRead);
            if (isRead) Assert.Equal(octets, Octets(opening));
            else Assert.Equal(energy < 0 ? 1 : 9, error.Offset);
            for (int length = 0; length < octets.Length; length++) Assert.False(SlotOpening.TryDecode(octets.AsSpan(0, length), out _, out _));
        }, iter: 500);

    [Fact]
    public void CommitmentsAndChecksAllocateNothing()
    {
        using var secret = new BlindingSecret(SecretOctets);
        Month month = Month.Make([.. Enumerable.Range(0, 3).Select(_ => new long[48])], 2, 1);
        var target = new PedersenCommitment[48];
        SlotOpening[] openings = [.. month.Openings];
        void Once()
        {
            PedersenDay.TryCommit(secret, month.Days[0], target, out _);
            PedersenMonth.Check(month.Commitments, month.Slots, openings);
        }
        Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Off: the compiler refuses who does not say that they mean it, and nothing that is built here but the benchmark says so.</summary>
    [Fact]
    public void TheOptionIsMarkedAndNothingUsesIt()
    {
        Type[] types = [.. typeof(PedersenDay).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(PedersenDay).Namespace)];
        Assert.Equal(7, types.Length);
        Assert.All(types, type => Assert.Equal("PRAMAN001", Assert.IsType<ExperimentalAttribute>(Attribute.GetCustomAttribute(type, typeof(ExperimentalAttribute))).DiagnosticId));
        string source = TestFiles.InRepository("src"), own = Path.Combine(source, "Praman.Proof", "Experimental");
        string[] users = [.. Directory.EnumerateFiles(source, "*.*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".csproj" or ".props" or ".razor" && !file.StartsWith(own, StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file) is var text && (text.Contains("PRAMAN001", StringComparison.Ordinal) || text.Contains("Experimental.Pedersen", StringComparison.Ordinal)))
            .Select(file => Path.GetRelativePath(source, file))];
        Assert.Equal([Path.Combine("Praman.Cli", "Bench", "PedersenBench.cs")], users);
    }

    /// <summary>A month of few days: what the meter has, what it gave away, and what it opens.</summary>
    private sealed record Month(IntervalBlock[] Days, PedersenCommitment[] Commitments, byte[] Slots, IReadOnlyList<SlotOpening> Openings)
    {
        public static Month Make(long[][] values, int slotCount, int seed)
        {
            using var secret = new BlindingSecret(SecretOctets);
            IntervalBlock[] days = [.. values.Select((day, i) => Day(i, day))];
            // Every slot has enough intervals; the others fall where they may.
            var random = new Random(seed);
            byte[] slots = [.. values.SelectMany(day => day).Select((_, i) => (byte)(i < slotCount * PedersenMonth.SlotIntervalsMin ? i % slotCount : random.Next(slotCount)))];
            random.Shuffle(slots);
            Assert.True(PedersenMonth.TryOpen(secret, days, slots, out IReadOnlyList<SlotOpening> openings, out _));
            return new(days, [.. days.SelectMany(day => Commit(secret, day))], slots, openings);
        }

        public MonthVerdict Check(IReadOnlyList<SlotOpening> openings) => PedersenMonth.Check(Commitments, Slots, [.. openings]);
    }

    private static Instant Midnight(int day) => Instant.FromUtc(2026, 3, 31, 18, 30) + Duration.FromDays(day);

    private static IntervalBlock Day(int day, long[] values, int version = 0, ulong usagePoint = 7) => IntervalBlock.Create(
        new IntervalBlockHeader(new(usagePoint), ReadingType.ImportEnergy, Midnight(day), 30, values.Length, version, BlockCause.Received), values, [.. Enumerable.Repeat(IntervalQuality.Raw, values.Length)]);

    private static PedersenCommitment[] Commit(BlindingSecret secret, IntervalBlock day)
    {
        var commitments = new PedersenCommitment[day.Count];
        Assert.True(PedersenDay.TryCommit(secret, day, commitments, out _));
        return commitments;
    }

    private static Scalar Blinding(BigInteger number) => Scalar.Reduce(NaiveCurve.Octets(number, 48));

    private static byte[] Octets(PedersenCommitment commitment)
    {
        byte[] octets = new byte[PedersenCommitment.Length];
        commitment.Write(octets);
        return octets;
    }

    private static byte[] Octets(SlotOpening opening)
    {
        byte[] octets = new byte[SlotOpening.Length];
        opening.Write(octets);
        return octets;
    }
}
