using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Meter.Tests;

/// <summary>Whole sessions in memory: every association, protection and envelope.</summary>
public class SessionTests
{
    private static readonly Instant Now = TestMeter.Start + Duration.FromDays(3) + Duration.FromHours(10);

    public static TheoryData<string, MeterModel, DlmsClientSettings> Associations
    {
        get
        {
            var data = new TheoryData<string, MeterModel, DlmsClientSettings>();
            var both = SecurityControl.AuthenticatedEncryption;
            data.Add("none", new(), TestMeter.Public);
            data.Add("LLS", new(), TestMeter.Reader);
            data.Add("LLS ciphered", new() { MeterReaderCiphered = true }, TestMeter.Reader with { IsCiphered = true, SystemTitle = TestMeter.ClientTitle, Guek = TestMeter.Guek, Gak = TestMeter.Gak });
            data.Add("LLS encrypted only", new() { MeterReaderCiphered = true, SecurityPolicy = 2 },
                TestMeter.Reader with { IsCiphered = true, SystemTitle = TestMeter.ClientTitle, Guek = TestMeter.Guek, Gak = TestMeter.Gak, Protection = SecurityControl.EncryptionOnly });
            foreach (byte mechanism in (byte[])[2, 3, 4, 5, 6])
            {
                var utility = TestMeter.Utility with { Mechanism = (AuthenticationMechanism)mechanism, Secret = TestMeter.HlsSecret };
                data.Add($"HLS {mechanism} plain", new() { UtilityMechanism = mechanism, SecurityPolicy = 0 }, utility with { Protection = new SecurityControl(0) });
                data.Add($"HLS {mechanism} authenticated", new() { UtilityMechanism = mechanism, SecurityPolicy = 1 }, utility with { Protection = SecurityControl.AuthenticationOnly });
                data.Add($"HLS {mechanism} encrypted", new() { UtilityMechanism = mechanism, SecurityPolicy = 2 }, utility with { Protection = SecurityControl.EncryptionOnly });
                data.Add($"HLS {mechanism} both", new() { UtilityMechanism = mechanism }, utility with { Protection = both });
                data.Add($"HLS {mechanism} dedicated", new() { UtilityMechanism = mechanism }, utility with { DedicatedKey = TestMeter.Master });
                data.Add($"HLS {mechanism} general", new() { UtilityMechanism = mechanism }, utility with { UsesGeneralCiphering = true });
                data.Add($"HLS {mechanism} general dedicated", new() { UtilityMechanism = mechanism }, utility with { UsesGeneralCiphering = true, DedicatedKey = TestMeter.Master });
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Associations))]
    public void EveryAssociationOpensReadsAndIsReleased(string name, MeterModel model, DlmsClientSettings settings)
    {
        Assert.NotEmpty(name);
        VirtualMeter meter = TestMeter.Make(model);
        using TestLink link = meter.Link(settings, Now).Connected();
        Assert.True(link.Client.IsAssociated);
        Assert.True(link.Server.IsAssociated);
        Assert.Equal(settings.ClientSap, link.Server.ClientSap);
        if (settings.IsCiphered) Assert.Equal(TestMeter.MeterTitle, link.Client.ServerTitle.ToArray());

        link.Done(link.Client.Get(new(8, MeterObis.Clock, 2)));
        Assert.True(link.Client.TryGetValue(out CosemData clock, out _));
        Assert.True(clock.TryGetDateTime(out CosemDateTime time));
        Assert.True(time.TryToInstant(out Instant shown));
        Assert.Equal(Now, shown);
        Assert.Equal(330, time.Deviation);

        link.Done(link.Client.Release());
        Assert.False(link.Server.IsAssociated);
        Assert.False(link.Client.IsAssociated);
    }

    [Theory, MemberData(nameof(Associations))]
    public void ALongProfileComesByBlocksAndAddsUpToTheRegisters(string name, MeterModel model, DlmsClientSettings settings)
    {
        Assert.NotEmpty(name);
        VirtualMeter meter = TestMeter.Make(model);
        Instant now = TestMeter.Start + Duration.FromDays(35);
        using TestLink link = meter.Link(settings, now).Connected();
        if (settings.ClientSap == MeterClient.Public)
        {
            Assert.Equal(DataAccessResult.ReadWriteDenied, link.Fails(link.Client.Get(new(7, MeterObis.BlockLoad, 2))).Access);
            return;
        }
        link.Done(link.Client.Get(new(7, MeterObis.BlockLoad, 2)));
        Assert.True(link.RoundTripCount > 35); // 1,680 rows of 41 octets in APDUs of 1,024
        Assert.True(ProfileRowReader.TryOpen(link.Client.Data, TimestampRule.India, 1800, out ProfileRowReader rows, out _));
        Assert.Equal(35 * 48, rows.RowCount);
        long sum = 0, expected = TestMeter.Start.ToUnixTimeSeconds();
        Span<long> values = stackalloc long[7];
        while (rows.TryReadRow(values, out DecodeError error))
        {
            Assert.Null(error.Reason);
            Assert.Equal(expected += 1800, values[0]);
            sum += values[2];
        }
        Assert.Equal(now.ToUnixTimeSeconds(), expected);
        Assert.Equal(rows.Offset, link.Client.Data.Length);
        link.Done(link.Client.Get(new(3, MeterObis.ImportWh, 2)));
        Assert.True(link.Client.TryGetValue(out CosemData register, out _));
        Assert.True(register.TryGetInt64(out long wh));
        Assert.Equal(wh, sum);
        Assert.InRange(sum, 35_000, 1_500_000);
    }
}
