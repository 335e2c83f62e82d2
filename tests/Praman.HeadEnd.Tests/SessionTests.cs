using CsCheck;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Meter;
using Praman.Metering;
using Praman.Transports;
using Praman.Transports.Addresses;
using Praman.Transports.Memory;

namespace Praman.HeadEnd.Tests;

public class SessionTests
{
    private static readonly LocalDate FirstDay = new(2026, 4, 1);

    [Fact]
    public void EachFaultIsItsOwnAndNamesItsMeter()
    {
        using var street = new Street(9);
        EndDeviceId Id(int i) => Street.IdOf(street.Meters[i]);
        string Link(int i) => Street.LinkOf(street.Meters[i]);
        street.Links.Refuse = link => link == Link(0) ? new LinkException(LinkFault.Unreachable, "no route") : null;
        street.Links.Strangers[Link(1)] = Strangers.Silent;
        using (var wrong = new Inventory.MeterKeys(new byte[16], new byte[16])) street.Run(async () => { await street.Keys.PutAsync([(Id(2), wrong)], CancellationToken.None); return 0; });
        street.Links.Strangers[Link(3)] = Strangers.RefusingCounters(street.Meters[3], street.Time);
        street.Change(street.Meters[4], m => m with { Access = new MeterAccess(48, 1, LinkAuthentication.None, LinkProtection.None) });
        street.Links.Strangers[Link(5)] = Strangers.Saying([0, 1, 0, 1, 0, 16, 0, 3, 0x61, 0x7F, 0x00]);
        street.Change(street.Meters[6], m => m with { SystemTitle = "50524D00000000FF" });
        street.Run(async () => { await ((IWrappedKeys)street.Stores).PutAsync([new WrappedMeterKeys(Id(7), "another master", new byte[26])], CancellationToken.None); return 0; });
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        DayCoverage coverage = street.Coverage(FirstDay);
        Assert.Equal((9, 1, 8), (coverage.Due, coverage.Complete, coverage.Failed));
        SessionFault[] expected =
        [
            SessionFault.Unreachable, SessionFault.Timeout, SessionFault.WrongKey, SessionFault.UnprovenCounter, SessionFault.WrongContext, SessionFault.Malformed,
            SessionFault.WrongMeter, SessionFault.NoKeys,
        ];
        Assert.Equal(expected, coverage.Failing.Select(o => o.Fault!.Value));
        Assert.Equal(Enumerable.Range(0, 8).Select(Id), coverage.Failing.Select(o => o.EndDevice));
        Assert.All(coverage.Failing, outcome => Assert.False(string.IsNullOrEmpty(outcome.Detail)));
        Assert.Equal(expected.Order(), coverage.Reasons.Keys);
    }

    [Fact]
    public void AMeterThatNamesAnotherSerialIsNotBelieved()
    {
        using var street = new Street(1);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        var impostor = new EndDeviceId("PRM777777");
        street.Run(async () =>
        {
            using Inventory.MeterKeys keys = (await street.Keys.OpenAsync(Street.IdOf(street.Meters[0]), CancellationToken.None))!;
            await street.Keys.PutAsync([(impostor, keys)], CancellationToken.None);
            return 0;
        });
        street.Change(street.Meters[0], m => m with { EndDevice = impostor, SystemTitle = "", Installations = [m.Installations[0] with { EndDevice = impostor }] });
        (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(impostor, null, CancellationToken.None));
        Assert.Equal(SessionFault.WrongMeter, error!.Fault);
        Assert.Contains("PRM000000", error.Detail, StringComparison.Ordinal);
        InventoryMeter? kept = street.Run(async () => await ((IMeterInventory)street.Stores).FindAsync(impostor, CancellationToken.None));
        Assert.Equal(("", "", null), (kept!.SystemTitle, kept.DeviceName, kept.Model)); // nothing is learned of a stranger
    }

    [Fact]
    public void AMeterThatDoesNotGiveItsSerialIsNotBelieved()
    {
        using Street street = OpenlyRead();
        byte[] serial = [.. "PRM000000"u8];
        street.Links.Alter = answer => Replace(answer, [0x00, 0x09, (byte)serial.Length, .. serial], [0x01, 0x03]); // read-write-denied
        (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(street.Meters[0]), null, CancellationToken.None));
        Assert.Equal(SessionFault.WrongMeter, error?.Fault);
        Assert.Contains("does not give its serial", error!.Detail, StringComparison.Ordinal);
        Assert.Empty(street.Sink.All);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AMeterWhoseDeviceNameChangesWaitsForAPerson(bool isGiven)
    {
        using Street street = OpenlyRead();
        EndDeviceId id = Street.IdOf(street.Meters[0]);
        Assert.Null(street.Run(() => street.Collector.ReadNowAsync(id, null, CancellationToken.None)).Error);
        Assert.Equal("PRMPRM000000", street.Run(async () => await ((IMeterInventory)street.Stores).FindAsync(id, CancellationToken.None))!.DeviceName);
        byte[] name = [.. "PRMPRM000000"u8];
        street.Links.Alter = answer => Replace(answer, [0x00, 0x09, (byte)name.Length, .. name], isGiven ? [0x00, 0x09, (byte)name.Length, .. "XYZPRM000000"u8] : [0x01, 0x03]);
        street.MoveTo(FirstDay.PlusDays(2), 0, 6);
        Assert.Equal(0, street.CollectDay().Read);
        MeterDayOutcome failed = Assert.Single(street.Coverage(FirstDay.PlusDays(1)).Failing);
        Assert.Equal(SessionFault.WrongMeter, failed.Fault);
        Assert.Contains(isGiven ? "XYZPRM000000" : "not given", failed.Detail, StringComparison.Ordinal);
        Assert.Equal("PRMPRM000000", street.Run(async () => await ((IMeterInventory)street.Stores).FindAsync(id, CancellationToken.None))!.DeviceName);
        // A person who takes the new one for right forgets the old one; it is learned again.
        street.Change(street.Meters[0], known => known with { DeviceName = "" });
        street.MoveTo(FirstDay.PlusDays(3), 0, 6);
        Assert.Equal(1, street.CollectDay().Read);
        Assert.Equal(isGiven ? "XYZPRM000000" : "", street.Run(async () => await ((IMeterInventory)street.Stores).FindAsync(id, CancellationToken.None))!.DeviceName);
    }

    [Fact]
    public void AMeterWhoseSystemTitleChangesWaitsForAPerson()
    {
        using var street = new Street(1);
        VirtualMeter meter = street.Meters[0];
        street.Change(meter, known => known with { SystemTitle = "50524D0099999999" });
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        Assert.Equal(SessionFault.WrongMeter, street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(meter), null, CancellationToken.None)).Error?.Fault);
        Assert.Equal("50524D0099999999", street.Run(async () => await ((IMeterInventory)street.Stores).FindAsync(Street.IdOf(meter), CancellationToken.None))!.SystemTitle);
        street.Change(meter, known => known with { SystemTitle = "" });
        Assert.Null(street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(meter), null, CancellationToken.None)).Error);
        Assert.Equal(Convert.ToHexString(meter.Security.SystemTitle.Span), street.Run(async () => await ((IMeterInventory)street.Stores).FindAsync(Street.IdOf(meter), CancellationToken.None))!.SystemTitle);
    }

    /// <summary>A meter that is read in clear, so that its answers can be altered on the way.</summary>
    private static Street OpenlyRead()
    {
        var street = new Street(1);
        street.Change(street.Meters[0], known => known with { Access = new MeterAccess(32, 1, LinkAuthentication.Lls, LinkProtection.None) });
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        return street;
    }

    /// <summary>A frame of the wrapper with some of its octets replaced, and its length.</summary>
    private static byte[] Replace(byte[] frame, byte[] octets, byte[] by)
    {
        int at = frame.AsSpan().IndexOf(octets);
        if (at < 0) return frame;
        byte[] altered = [.. frame[..at], .. by, .. frame[(at + octets.Length)..]];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(altered.AsSpan(6), (ushort)(altered.Length - 8));
        return altered;
    }

    [Fact]
    public void ACounterThatIsBehindIsLearnedFromTheMeterOnce()
    {
        using var street = new Street(1);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        int links = street.Links.LinkCount;
        // Another head-end with the same keys has spoken to the meter since.
        street.Meters[0].Security.Keys.Accept(2, 5_000);
        street.MoveTo(FirstDay.PlusDays(2), 0, 6);
        RoundSummary summary = street.Run(() => street.Collector.RunRoundAsync(CancellationToken.None));
        Assert.Equal((1, 0), (summary.Read, summary.Failed));
        Assert.Equal(3, street.Links.LinkCount - links); // refused, asked as public client, read
        Assert.Equal(5_001u, street.Stores.Reserved[^1].First);
    }

    [Fact]
    public void AKnownCounterCostsNoPublicAssociation()
    {
        using var street = new Street(1);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        Assert.Equal(2, street.Links.LinkCount); // asked first, as nothing was known
        street.MoveTo(FirstDay.PlusDays(2), 0, 6);
        street.CollectDay();
        Assert.Equal(3, street.Links.LinkCount);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void NoCounterIsUsedTwiceAcrossCrashes(ulong seed)
    {
        using var street = new Street(4, seed: seed);
        var used = new Dictionary<VirtualMeter, List<uint>>();
        street.Links.Tap = (meter, request) =>
        {
            if (!used.TryGetValue(meter, out List<uint>? counters)) used[meter] = counters = [];
            counters.AddRange(CountersOf(request));
        };
        var random = new SeededSequence(seed);
        for (int day = 1; day <= 12; day++)
        {
            street.MoveTo(FirstDay.PlusDays(day), 0, 6);
            // The process dies after so many requests of the round; only the stores are left.
            int dieAfter = random.Below(40);
            Action<VirtualMeter, byte[]> record = street.Links.Tap!;
            street.Links.Tap = (meter, request) =>
            {
                record(meter, request);
                if (dieAfter-- == 0) throw new LinkException(LinkFault.Lost, "killed");
            };
            street.Run(() => street.Collector.RunRoundAsync(CancellationToken.None));
            street.Links.Tap = record;
            street.StartHeadEnd();
        }
        Assert.Equal(4, used.Count);
        foreach (List<uint> counters in used.Values)
        {
            Assert.True(counters.Count > 40, $"{counters.Count} counters: the test tests little");
            Assert.Equal(counters.Count, counters.Distinct().Count());
            Assert.Equal(counters.Order(), counters); // and they only grow
        }
        foreach (var ofMeter in street.Stores.Reserved.GroupBy(r => r.EndDevice))
        {
            ulong end = 0;
            foreach ((_, uint first, int count) in ofMeter)
            {
                Assert.True(first >= end, "a range was given out twice");
                end = first + (ulong)count;
            }
        }
    }

    [Theory]
    [InlineData(0)] // the meter has heard nothing of its reader client
    [InlineData(40_000)] // another head-end has spoken as that client: ours is refused, and the meter's own answer raises it
    public void NoCounterServesTwoClientsOfAMeterAsTheyShareKeyAndTitle(int readerCounter)
    {
        using var street = new Street(1, model: new Praman.Meter.MeterModel { MeterReaderCiphered = true });
        VirtualMeter meter = street.Meters[0];
        List<uint> utility = [], reader = [];
        street.Links.Tap = (_, request) =>
        {
            utility.AddRange(CountersOf(request));
            reader.AddRange(CountersOf(request, client: 32));
        };
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        Assert.Equal(1, street.CollectDay().Read);
        if (readerCounter > 0) meter.Security.Keys.Accept(1, (uint)readerCounter);
        street.Change(meter, known => known with { Access = new MeterAccess(32, 1, LinkAuthentication.Lls, LinkProtection.AuthenticatedEncrypted) });
        street.MoveTo(FirstDay.PlusDays(2), 0, 6);
        Assert.Equal(1, street.CollectDay().Read);
        street.StartHeadEnd(); // and back to the first, by what the store holds
        street.Change(meter, known => known with { Access = MeterAccess.UtilitySetting });
        street.MoveTo(FirstDay.PlusDays(3), 0, 6);
        Assert.Equal(1, street.CollectDay().Read);
        Assert.True(utility.Count > 4 && reader.Count > 2, $"{utility.Count} and {reader.Count} counters: the test tests little");
        Assert.Empty(utility.Intersect(reader));
        Assert.Equal(utility.Count + reader.Count, utility.Concat(reader).Distinct().Count());
        Assert.True(reader[^1] > readerCounter && utility[^1] > reader[^1], $"{reader[^1]}, then {utility[^1]}");
    }

    [Fact]
    public void AUsedUpCounterIsSaidAndNotWrapped()
    {
        using var street = new Street(1);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.Run(async () => await ((IInvocationCounters)street.Stores).ReserveAsync(Street.IdOf(street.Meters[0]), uint.MaxValue - 100, 90, CancellationToken.None));
        (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(street.Meters[0]), null, CancellationToken.None));
        Assert.Equal(SessionFault.WrongCounter, error!.Fault);
        Assert.Contains("keys must be changed", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void AStoreThatFailsLeavesNoLinkOpen()
    {
        using var street = new Street(1);
        var opener = new SessionOpener(
            street.Links, new CounterLeases(new GenerousCounters(1, new IOException("the disk is gone"))), "PRMTEST1"u8.ToArray(), SessionLimits.Default, TimeProvider.System);
        EndDeviceId id = Street.IdOf(street.Meters[0]);
        Assert.ThrowsAny<Exception>(() => street.Run(async () =>
        {
            using HeadEnd.Inventory.MeterKeys keys = (await street.Keys.OpenAsync(id, CancellationToken.None))!;
            return await opener.UseAsync(
                new SessionTarget(id, Street.LinkOf(street.Meters[0]), MeterAccess.UtilitySetting, keys, ""), (_, _) => ValueTask.FromResult<SessionError?>(null), CancellationToken.None);
        }));
        Assert.Equal(0, street.Links.LinkCount);
    }

    [Theory]
    [InlineData(uint.MaxValue - CounterLeases.Size, true)]
    [InlineData(uint.MaxValue - CounterLeases.Size + 1, false)] // it would end at 2^32
    [InlineData(uint.MaxValue, false)]
    public async Task ALeaseThatWouldPassTheLastCounterIsNotTakenWhateverTheStoreGrants(uint first, bool isTaken)
    {
        var leases = new CounterLeases(new GenerousCounters(first));
        Dlms.Client.CounterLease? lease = await leases.TakeAsync(new EndDeviceId("M"), 0, TestContext.Current.CancellationToken);
        Assert.Equal(isTaken, lease is not null);
        if (lease is not null) Assert.False(await leases.ExtendAsync(new EndDeviceId("M"), lease, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void ACounterFarAheadThatOnlyThePublicClientIsToldIsNotBelieved()
    {
        using var street = new Street(1);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        int reserved = street.Stores.Reserved.Count;
        uint ours = street.Stores.Reserved[^1].First + CounterLeases.Size;
        street.Meters[0].Security.Keys.Accept(2, ours + SessionOpener.CounterJumpMax);
        (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(street.Meters[0]), null, CancellationToken.None));
        Assert.Equal(SessionFault.UnprovenCounter, error!.Fault);
        Assert.Contains("a person must decide", error.Detail, StringComparison.Ordinal);
        Assert.Equal(reserved, street.Stores.Reserved.Count); // none of the key's counters were used up
    }

    [Fact]
    public void ACounterAheadByTheMostIsBelieved()
    {
        using var street = new Street(1);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        uint ours = street.Stores.Reserved[^1].First + CounterLeases.Size;
        street.Meters[0].Security.Keys.Accept(2, ours + SessionOpener.CounterJumpMax - 1);
        (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(street.Meters[0]), null, CancellationToken.None));
        Assert.Null(error);
        Assert.Equal(ours + SessionOpener.CounterJumpMax, street.Stores.Reserved[^1].First);
    }

    [Theory]
    [InlineData(SessionOpener.FirstCounterMax - 1, true)]
    [InlineData(SessionOpener.FirstCounterMax, false)]
    [InlineData(uint.MaxValue - 1, false)]
    public void AtFirstContactTheCounterIsBelievedUpToItsBound(uint shown, bool isBelieved)
    {
        using var street = new Street(1);
        EndDeviceId id = Street.IdOf(street.Meters[0]);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.Meters[0].Security.Keys.Accept(2, shown);
        (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(id, null, CancellationToken.None));
        Assert.Equal(isBelieved ? null : SessionFault.UnprovenCounter, error?.Fault);
        if (isBelieved) return;
        Assert.Empty(street.Stores.Reserved); // a forged one costs the key nothing
        bool fits = shown <= uint.MaxValue - CounterLeases.Size;
        Assert.Equal(fits, street.Run(async () => await street.Opener.BeginAtAsync(id, 48, shown + 1, CancellationToken.None)));
        if (fits) Assert.Null(street.Run(() => street.Collector.ReadNowAsync(id, null, CancellationToken.None)).Error); // a person's word is taken
    }

    [Fact]
    public void ACounterBelowOneThatWasRefusedIsNotBelieved()
    {
        using var street = new Street(1);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        // Refused as too low, while the public client is shown less: somebody stands between.
        street.Links.Strangers[Street.LinkOf(street.Meters[0])] = Strangers.RefusingCounters(street.Meters[0], street.Time);
        int reserved = street.Stores.Reserved.Count;
        (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(street.Meters[0]), null, CancellationToken.None));
        Assert.Equal(SessionFault.UnprovenCounter, error!.Fault);
        Assert.Contains("both cannot be", error.Detail, StringComparison.Ordinal);
        Assert.Equal(reserved, street.Stores.Reserved.Count);
    }

    [Fact]
    public void ANamedCounterThatTheMeterRefusesIsToldAndNobodyElseIsAsked()
    {
        using var street = new Street(1);
        EndDeviceId id = Street.IdOf(street.Meters[0]);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.Meters[0].Security.Keys.Accept(2, 5_000);
        Assert.True(street.Run(async () => await street.Opener.BeginAtAsync(id, 48, 1_000, CancellationToken.None)));
        (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(id, null, CancellationToken.None));
        Assert.Equal(SessionFault.WrongCounter, error!.Fault);
        Assert.Contains("the meter refused 1000: it has taken a higher one than was named", error.Detail, StringComparison.Ordinal);
        Assert.Equal(1_000u, street.Stores.Reserved[^1].First);
        Assert.Null(street.Run(() => street.Collector.ReadNowAsync(id, null, CancellationToken.None)).Error); // named no longer: the meter is asked
    }

    [Fact]
    public void ForgedCountersTogetherLeadNoFurtherThanOneUntilTheMeterProvesItself()
    {
        using var street = new Street(1);
        EndDeviceId id = Street.IdOf(street.Meters[0]);
        string link = Street.LinkOf(street.Meters[0]);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        uint ours = street.Stores.Reserved[^1].First + CounterLeases.Size, ceiling = ours + SessionOpener.CounterJumpMax;
        street.Links.Strangers[link] = Strangers.RefusingCounters(street.Meters[0], street.Time);
        SessionFault? Read() => street.Run(() => street.Collector.ReadNowAsync(id, null, CancellationToken.None)).Error?.Fault;
        street.Meters[0].Security.Keys.Accept(2, ceiling - 1);
        Assert.Equal(SessionFault.WrongCounter, Read()); // believed, and refused again
        street.Meters[0].Security.Keys.Accept(2, ceiling + 1_000);
        Assert.Equal(SessionFault.UnprovenCounter, Read());
        Assert.Equal(ceiling, street.Stores.Reserved[^1].First);
        // A person names the counter, the meter itself answers, and then as much is believed again.
        street.Links.Strangers.Remove(link);
        Assert.True(street.Run(async () => await street.Opener.BeginAtAsync(id, 48, ceiling + 1_001, CancellationToken.None)));
        Assert.Null(Read());
        ours = street.Stores.Reserved[^1].First + CounterLeases.Size;
        street.Meters[0].Security.Keys.Accept(2, ours + SessionOpener.CounterJumpMax - 1);
        Assert.Null(Read());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void ForgedCountersLeadNoFurtherOverRestarts(bool isKnown)
    {
        using var street = new Street(1);
        EndDeviceId id = Street.IdOf(street.Meters[0]);
        string link = Street.LinkOf(street.Meters[0]);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        ulong ceiling = SessionOpener.FirstCounterMax;
        if (isKnown)
        {
            street.CollectDay();
            ceiling = street.Stores.Reserved[^1].First + (ulong)CounterLeases.Size + SessionOpener.CounterJumpMax;
        }
        // A patient attacker stands between: each time a little more, and the head-end is started anew between.
        street.Links.Strangers[link] = Strangers.RefusingCounters(street.Meters[0], street.Time);
        var faults = new List<SessionFault>();
        for (int restart = 1; restart <= 4; restart++)
        {
            street.Meters[0].Security.Keys.Accept(2, (uint)(ceiling - 1 + (ulong)(restart == 1 ? 0 : restart * 1_000)));
            street.StartHeadEnd();
            faults.Add(street.Run(() => street.Collector.ReadNowAsync(id, null, CancellationToken.None)).Error!.Fault);
        }
        Assert.Equal([SessionFault.WrongCounter, SessionFault.UnprovenCounter, SessionFault.UnprovenCounter, SessionFault.UnprovenCounter], faults);
        // Each restart takes a lease of its own after the last, and none goes where the forged answers lead.
        Assert.InRange(street.Stores.Reserved[^1].First, ceiling, ceiling + (3 * (ulong)CounterLeases.Size));
        // The meter itself proves the counter that a person names, and as much is believed again.
        street.Links.Strangers.Remove(link);
        street.StartHeadEnd();
        Assert.True(street.Run(async () => await street.Opener.BeginAtAsync(id, 48, (uint)ceiling + 5_000, CancellationToken.None)));
        Assert.Null(street.Run(() => street.Collector.ReadNowAsync(id, null, CancellationToken.None)).Error);
        street.Meters[0].Security.Keys.Accept(2, street.Stores.Reserved[^1].First + CounterLeases.Size + SessionOpener.CounterJumpMax - 1);
        street.StartHeadEnd();
        Assert.Null(street.Run(() => street.Collector.ReadNowAsync(id, null, CancellationToken.None)).Error);
    }

    [Fact]
    public void AMeterThatSendsWithoutEndIsCutOff()
    {
        using var street = new Street(1, options: new CollectionOptions { ResponseBytesMax = 64 * 1024 });
        long sent = 0;
        street.Links.Strangers[Street.LinkOf(street.Meters[0])] = Strangers.Endless(total => sent = total);
        (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(street.Meters[0]), null, CancellationToken.None));
        Assert.Equal(SessionFault.Malformed, error!.Fault);
        Assert.Contains("more than 65536 octets", error.Detail, StringComparison.Ordinal);
        Assert.InRange(sent, 64 * 1024, 512 * 1024);
    }

    [Fact]
    public void BlocksWithoutEndAreCutOff()
    {
        using var street = new Street(1);
        long sent = 0;
        string link = Street.LinkOf(street.Meters[0]);
        street.Links.Strangers[link] = Strangers.EndlessBlocks(street.Meters[0], street.Time, total => sent = total);
        var opener = new SessionOpener(street.Links, new CounterLeases(street.Stores), new byte[8], SessionLimits.Default with { ResponseBytesMax = 100_000 }, street.Time);
        SessionError? error = street.Run(async () => await opener.UsePublicAsync(
            Street.IdOf(street.Meters[0]), link, 1, (session, token) => session.GetAsync(IndianObjects.ClockTime, null, token), CancellationToken.None));
        Assert.Equal(SessionFault.Malformed, error!.Fault);
        Assert.InRange(sent, 100_000, 103_000);
    }

    [Fact]
    public void AMeterThatTricklesIsGivenUpWhenTheSessionsTimeIsOver()
    {
        using var street = new Street(1, options: new CollectionOptions { SessionTimeout = TimeSpan.FromMinutes(3) });
        street.Links.Strangers[Street.LinkOf(street.Meters[0])] = Strangers.Trickling(street.Time, TimeSpan.FromSeconds(20));
        street.Run(async () => await ((IInvocationCounters)street.Stores).ReserveAsync(Street.IdOf(street.Meters[0]), 0, 10, CancellationToken.None));
        Instant before = street.Now;
        (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(street.Meters[0]), null, CancellationToken.None));
        Assert.Equal(SessionFault.Timeout, error!.Fault);
        Assert.InRange((street.Now - before).TotalSeconds, 179, 185);
    }

    [Fact]
    public void AnyAnswerIsAFaultAndNeverAnException() =>
        Gen.Byte.Array[0, 200].Sample(octets =>
        {
            using var street = new Street(1);
            street.Links.Strangers[Street.LinkOf(street.Meters[0])] = Strangers.Saying(octets);
            (_, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(street.Meters[0]), null, CancellationToken.None));
            return error is { Fault: SessionFault.Malformed or SessionFault.LinkLost or SessionFault.Timeout };
        }, iter: 60, threads: 1);

    [Fact]
    public async Task TwoSessionsOfOneMeterComeOneAfterTheOther()
    {
        using var street = new Street(1);
        EndDeviceId id = Street.IdOf(street.Meters[0]);
        using Inventory.MeterKeys keys = (await street.Keys.OpenAsync(id, TestContext.Current.CancellationToken))!;
        var target = new SessionTarget(id, Street.LinkOf(street.Meters[0]), MeterAccess.UtilitySetting, keys, "");
        var release = new TaskCompletionSource();
        var order = new List<string>();
        Task<SessionError?> first = UseAsync("first", release.Task);
        Task<SessionError?> second = UseAsync("second", Task.CompletedTask);
        Assert.Equal(["first in"], order);
        release.SetResult();
        Assert.Null(await first);
        Assert.Null(await second);
        Assert.Equal(["first in", "first out", "second in", "second out"], order);

        Task<SessionError?> UseAsync(string name, Task until) => street.Opener.UseAsync(target, async (session, token) =>
        {
            order.Add($"{name} in");
            await until;
            SessionError? error = await session.GetAsync(IndianObjects.ClockTime, null, token) ?? session.Read(out CosemData _);
            order.Add($"{name} out");
            return error;
        }, CancellationToken.None).AsTask();
    }

    /// <summary>A store that grants what it is told to, without a look at the end.</summary>
    private sealed class GenerousCounters(uint first, Exception? heard = null) : IInvocationCounters
    {
        public ValueTask<uint?> ReserveAsync(EndDeviceId endDevice, uint atLeast, int count, CancellationToken cancellationToken) =>
            ValueTask.FromResult<uint?>(Math.Max(first, atLeast));

        public ValueTask<uint?> FindNextAsync(EndDeviceId endDevice, CancellationToken cancellationToken) => ValueTask.FromResult<uint?>(first);

        public ValueTask RestartAsync(EndDeviceId endDevice, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<ulong> FindHeardAsync(EndDeviceId endDevice, long keyEpoch, CancellationToken cancellationToken) =>
            heard is null ? ValueTask.FromResult(0UL) : ValueTask.FromException<ulong>(heard);

        public ValueTask HearAsync(EndDeviceId endDevice, long keyEpoch, ulong next, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<ulong> BoundUnprovedAsync(EndDeviceId endDevice, int clientSap, ulong bound, CancellationToken cancellationToken) => ValueTask.FromResult(bound);

        public ValueTask ForgetBoundAsync(EndDeviceId endDevice, int clientSap, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    // Counters in a request of a client, the utility's if no other is named: of a glo- APDU, or of the initiate request within an AARQ or RLRQ.
    private static IEnumerable<uint> CountersOf(byte[] frame, int client = 48)
    {
        if (frame[3] != client) yield break;
        if (frame[8] is >= 0xC8 and <= 0xCF)
        {
            int at = frame[9] < 0x80 ? 10 : 10 + (frame[9] & 0x7F);
            yield return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(at + 1));
            yield break;
        }
        for (int i = 9; i + 6 < frame.Length; i++)
        {
            if (frame[i] == 0x21 && frame[i + 1] == frame.Length - i - 2 && frame[i + 2] == 0x30) yield return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(i + 3));
        }
    }
}
