using Praman.Dlms.Axdr;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Meter;
using Praman.Metering;
using Praman.Transports.Addresses;
using MeterKeys = Praman.HeadEnd.Inventory.MeterKeys;
using MeterModel = Praman.Meter.MeterModel;

namespace Praman.HeadEnd.Tests;

/// <summary>
/// A session is recorded and played back whole. With low-level security nothing in it depends on a challenge of ours: only the counter of the
/// meter's answers tells that it was heard before.
/// </summary>
public class ReplayTests
{
    private static readonly MeterAccess LowLevel = new(MeterClient.MeterReader, 1, LinkAuthentication.Lls, LinkProtection.AuthenticatedEncrypted);
    private static readonly MeterModel Model = new() { MeterReaderCiphered = true };

    [Fact]
    public void APlayedBackSessionIsRefusedAlsoByAHeadEndThatWasStartedAnew()
    {
        using var street = new Street(1, model: Model);
        List<byte[]> recorded = Record(street);
        Assert.Equal(SessionFault.Replayed, Play(street, recorded)!.Fault);
        street.StartHeadEnd(); // only the stores are left
        SessionError error = Play(street, recorded)!;
        Assert.Equal(SessionFault.Replayed, error.Fault);
        Assert.Contains("played back", error.Detail, StringComparison.Ordinal);
        Assert.False(error.Fault.IsTransient()); // asking again soon brings the same answer
        Assert.Null(Read(street)); // and the meter itself is still read
    }

    [Theory]
    [InlineData(LinkAuthentication.Gmac, 5)]
    [InlineData(LinkAuthentication.Hls2, 2)]
    [InlineData(LinkAuthentication.HlsMd5, 3)]
    [InlineData(LinkAuthentication.HlsSha1, 4)]
    [InlineData(LinkAuthentication.HlsSha256, 6)]
    public void UnderHighLevelSecurityTheCounterTellsItBeforeTheChallengeDoes(LinkAuthentication authentication, byte mechanism)
    {
        using var street = new Street(1, model: new MeterModel { UtilityMechanism = mechanism });
        MeterAccess access = MeterAccess.UtilitySetting with { Authentication = authentication };
        List<byte[]> recorded = Record(street, access);
        Assert.Equal(SessionFault.Replayed, Play(street, recorded, access)!.Fault);
    }

    [Fact]
    public void ASessionThatWasGivenUpHalfWayIsNotTakenAgain()
    {
        using var street = new Street(1, model: Model);
        List<byte[]> recorded = Record(street, until: 2); // the AARE and one answer
        Assert.Equal(2, recorded.Count);
        Assert.Equal(SessionFault.Replayed, Play(street, recorded)!.Fault);
    }

    [Fact]
    public void ASessionThatItsCallerGaveUpIsNotTakenAgain()
    {
        using var street = new Street(1, model: Model);
        Assert.Null(Read(street));
        var recorded = new List<byte[]>();
        street.Links.Record = (_, answer) =>
        {
            if (answer.Length > 0) recorded.Add(answer);
        };
        Assert.ThrowsAny<Exception>(() => Read(street, givesUp: true));
        street.Links.Record = null;
        Assert.Equal(SessionFault.Replayed, Play(street, recorded)!.Fault);
    }

    [Fact]
    public void ANewKeyBeginsAnewAndTheOldOneKeepsItsCounter()
    {
        using var street = new Street(1, model: Model);
        VirtualMeter meter = street.Meters[0];
        List<byte[]> recorded = Record(street);
        for (int i = 0; i < 3; i++) Assert.Null(Read(street));
        byte[] key = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        (ReadOnlyMemory<byte> oldKey, ReadOnlyMemory<byte> oldGak) = (meter.Security.Keys.Guek.ToArray(), meter.Security.Keys.Gak.ToArray()); // the meter erases its own
        meter.Security.ChangeKeys(key, null, null);
        Put(street, key, oldGak.Span);
        Assert.Null(Read(street)); // the meter's counter began at 0 again
        Assert.Equal(SessionFault.WrongKey, Play(street, recorded)!.Fault);
        Put(street, oldKey.Span, oldGak.Span); // the old key put back by mistake opens no door to what was recorded under it
        Assert.Equal(SessionFault.Replayed, Play(street, recorded)!.Fault);
    }

    [Fact]
    public void AnotherMeterInItsPlaceBeginsAtItsOwnCounter()
    {
        using var street = new Street(1, model: Model);
        for (int i = 0; i < 4; i++) Assert.Null(Read(street));
        List<byte[]> recorded = Record(street);
        VirtualMeter next = street.AddMeter(7, 1, Model, (UsagePointId)new(1), street.Now);
        Assert.Null(Read(street, of: next));
        Assert.Null(Read(street, of: next));
        SessionError error = Play(street, recorded, of: next)!;
        Assert.Equal(SessionFault.WrongMeter, error.Fault); // its title says whose answers these are
    }

    [Fact]
    public void ACounterThatNoTagProvesIsNotKept()
    {
        using var street = new Street(1, model: Model with { SecurityPolicy = 2 });
        MeterAccess access = LowLevel with { Protection = LinkProtection.Encrypted };
        Assert.Null(Read(street, access));
        EndDeviceId id = Street.IdOf(street.Meters[0]);
        Assert.Equal(0UL, street.Run(async () =>
        {
            using MeterKeys keys = (await street.Keys.OpenAsync(id, CancellationToken.None))!;
            return await ((HeadEnd.Stores.IInvocationCounters)street.Stores).FindHeardAsync(id, keys.Epoch, CancellationToken.None);
        }));
    }

    [Fact]
    public void AnAnswerThatWasAlteredMovesNoCounter()
    {
        using var street = new Street(1, model: Model);
        List<byte[]> recorded = Record(street);
        // The InitiateResponse's counter, far ahead: security control 0x30 is followed by it.
        byte[] forged = [.. recorded[0]];
        int control = forged.AsSpan().IndexOf((byte)0x28) + 2;
        Assert.Equal(0x30, forged[control]);
        forged[control + 1] = 0x7F;
        Assert.Equal(SessionFault.WrongKey, Play(street, [forged])!.Fault);
        Assert.Null(Read(street));
    }

    private static List<byte[]> Record(Street street, MeterAccess? access = null, int until = int.MaxValue)
    {
        var recorded = new List<byte[]>();
        Assert.Null(Read(street, access)); // so that the counter is known, and nobody asks as public client
        street.Links.Record = (_, answer) =>
        {
            if (recorded.Count < until && answer.Length > 0) recorded.Add(answer);
            if (recorded.Count == until) throw new Transports.LinkException(Transports.LinkFault.Lost, "the line goes dead");
        };
        SessionError? error = Read(street, access);
        street.Links.Record = null;
        Assert.Equal(until == int.MaxValue, error is null);
        return recorded;
    }

    private static SessionError? Play(Street street, List<byte[]> recorded, MeterAccess? access = null, VirtualMeter? of = null)
    {
        string link = Street.LinkOf(of ?? street.Meters[0]);
        street.Links.Strangers[link] = Strangers.Playing(recorded);
        SessionError? error = Read(street, access, of);
        street.Links.Strangers.Remove(link);
        return error;
    }

    private static SessionError? Read(Street street, MeterAccess? access = null, VirtualMeter? of = null, bool givesUp = false)
    {
        EndDeviceId id = Street.IdOf(of ?? street.Meters[0]);
        return street.Run(async () =>
        {
            using MeterKeys keys = (await street.Keys.OpenAsync(id, CancellationToken.None))!;
            string title = Convert.ToHexString((of ?? street.Meters[0]).Security.SystemTitle.Span);
            var target = new SessionTarget(id, Street.LinkOf(of ?? street.Meters[0]), access ?? LowLevel, keys, title);
            return await street.Opener.UseAsync(target, async (session, token) =>
            {
                SessionError? error = await session.GetAsync(IndianObjects.ClockTime, null, token) ?? session.Read(out CosemData _);
                return givesUp ? throw new OperationCanceledException() : error;
            }, CancellationToken.None);
        });
    }

    private static void Put(Street street, ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication)
    {
        Dlms.Server.DeviceSecurity secrets = street.Meters[0].Security;
        using var keys = new MeterKeys(encryption, authentication, secrets.HighSecret.Span, secrets.LowSecret.Span);
        street.Run(async () => { await street.Keys.PutAsync([(Street.IdOf(street.Meters[0]), keys)], CancellationToken.None); return 0; });
    }
}
