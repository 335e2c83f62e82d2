using System.Text;
using NodaTime;
using NodaTime.TimeZones;
using Praman.Dlms;
using Praman.Dlms.Cosem;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Meter.Events;
using Praman.Meter.Load;
using Praman.Meter.Parts;
using Praman.Meter.Registers;
using Praman.Metering;

namespace Praman.Meter;

/// <summary>
/// A single-phase smart meter after IS 15959 part 2, without sockets or timers: it is asked at an instant and works its answer out. It
/// holds what happened to it (supply, settings, events), not its intervals, so many thousands share a process. Used by one thread at a time,
/// with instants that do not go back.
/// </summary>
public sealed partial class VirtualMeter : LogicalDevice
{
    private readonly MeterType _type;

    /// <param name="type">What it shares with others.</param>
    /// <param name="serial">Meter serial number, 1 to 16 characters.</param>
    /// <param name="systemTitle">Eight octets; <see cref="MakeSystemTitle"/> makes one.</param>
    /// <param name="keys">Its secrets.</param>
    /// <param name="source">What flows at its usage point.</param>
    /// <param name="installedAt">When it was put in; registers count from then.</param>
    /// <param name="initial">What its registers show then, in Wh.</param>
    /// <param name="driftPpm">By how much its clock gains.</param>
    public VirtualMeter(
        MeterType type, string serial, ReadOnlyMemory<byte> systemTitle, MeterKeys keys, ILoadSource source, Instant installedAt,
        LoadTotals initial = default, int driftPpm = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(serial);
        if (serial.Length > 16) throw new ArgumentException("a serial number has 1 to 16 characters", nameof(serial));
        _type = type;
        Serial = serial;
        Source = source;
        Security = new(systemTitle, new KeySet(keys.Guek, keys.Gak, type.Associations.Count, type.Model.SecuritySuite), keys.MasterKey, keys.LlsSecret, keys.HlsSecret)
        {
            OwnKeys = keys.KeyPairs, ClientKeys = keys.ClientKeys,
        };
        foreach (DlmsCertificate certificate in keys.Certificates)
        {
            bool taken = certificate.IsRoot ? Security.Certificates.TryTrust(certificate, installedAt, out string? fault)
                : Security.Certificates.TryImport(certificate, systemTitle.Span, keys.KeyPairs, installedAt, out fault);
            if (!taken) throw new ArgumentException($"a certificate is not taken: {fault}", nameof(keys));
        }
        Clock = new(installedAt, driftPpm: driftPpm);
        Supply = new(source, installedAt, initial, new LoadCursor());
        CaptureSince = installedAt;
        CapturePeriodSeconds = type.Model.CapturePeriodSeconds;
        _checkedUntil = installedAt;
        if (type.PartMakers.Count == 0) return;
        Parts = new MeterParts(this, type, installedAt);
        Parts.Begin(type);
    }

    public MeterModel Model => _type.Model;

    public string Serial { get; }

    /// <summary>What flows at its usage point while nothing stops it.</summary>
    public ILoadSource Source { get; }

    /// <summary>Its own idea of the time.</summary>
    public MeterClock Clock { get; }

    /// <summary>When it counted.</summary>
    public SupplyTimeline Supply { get; }

    /// <summary>What it recorded.</summary>
    public EventLog Events { get; } = new();

    public Instant InstalledAt => Supply.Start;

    /// <summary>Seconds of a block load interval now.</summary>
    public int CapturePeriodSeconds { get; private set; }

    /// <summary>Since when intervals have had that length; older rows are gone.</summary>
    public Instant CaptureSince { get; private set; }

    /// <summary>Load limit in W; 0 for none.</summary>
    public uint LimitWatts { get; private set; }

    /// <summary>What acts beside registers, profiles and relay; null where the type has nothing of the kind.</summary>
    internal MeterParts? Parts { get; }

    /// <summary>Its logical device; 1 unless it shares an address with others.</summary>
    public ushort Sap { get; init; } = 1;

    public override ushort ServerSap => Sap;

    /// <summary>True where its clients name objects by short names, as meters of an older kind ask for.</summary>
    public bool UsesShortNames { get; init; }

    public override ObjectList Objects => _type.List;

    public override IReadOnlyList<AssociationSettings> Associations => UsesShortNames ? _type.ShortNameAssociations : _type.Associations;

    public override DeviceSecurity Security { get; }

    public override ushort PduSizeMax => Model.PduSizeMax;

    public override byte SecurityPolicy => Model.SecurityPolicy;

    // The model's policy is of ciphered associations: a meter reader's in clear asks for nothing until a client has it ask.
    public override byte FirstPolicyOf(ObisCode? setup) => setup == MeterObis.ReaderSecurity && !Model.MeterReaderCiphered ? (byte)0 : SecurityPolicy;

    public override int SecurityPolicyVersion => Model.SecuritySetupVersion;

    public override Offset OffsetAt(Instant at) => Model.Zone.GetUtcOffset(at);

    public override LocalDateTime LocalTimeAt(Instant at)
    {
        Instant shown = Clock.Read(at);
        return shown.WithOffset(OffsetAt(shown)).LocalDateTime;
    }

    /// <summary>Minutes of local standard time, with the sign that its time stamps have.</summary>
    internal short StandardDeviationAt(Instant at)
    {
        Instant shown = Clock.Read(at);
        return (short)(WithDeviation(shown).Deviation + (SavingsAt(shown).Seconds / NodaConstants.SecondsPerMinute));
    }

    /// <summary>The summer time that is in force at an instant, or the next; null where its zone has none.</summary>
    internal SummerTime? SummerTimeAt(Instant at)
    {
        if (_type.HasFixedOffset) return null;
        ZoneInterval interval = Model.Zone.GetZoneInterval(Clock.Read(at));
        // Zones change twice a year, or have done so for the last time.
        for (int i = 0; i < 2 && interval.Savings == Offset.Zero; i++)
        {
            if (!interval.HasEnd) return null;
            interval = Model.Zone.GetZoneInterval(interval.End);
        }
        if (interval.Savings == Offset.Zero || !interval.HasStart || !interval.HasEnd) return null;
        return new(CosemDateTime.From(interval.Start, interval.StandardOffset), CosemDateTime.From(interval.End, interval.WallOffset, DaylightSavingStatus),
            (sbyte)(interval.Savings.Seconds / NodaConstants.SecondsPerMinute));
    }

    /// <summary>The true instant at which its clock first shows a local time.</summary>
    internal Instant TrueTimeOf(LocalDateTime local) => Clock.TrueTimeOf(Model.Zone.AtLeniently(local).ToInstant());

    public override bool IsReachable(Instant now) => Supply.IsPowered && !_removed;

    /// <summary>The meter's side of one connection: the host feeds it what the client sends and sends back what it returns.</summary>
    public DlmsServerAssociation OpenAssociation(RandomFill? fillRandom = null, HdlcSettings? hdlc = null) => new(this, fillRandom, hdlc);

    /// <summary>A system title: the maker's three letters and a number in five octets.</summary>
    public static byte[] MakeSystemTitle(string flagId, ulong number)
    {
        byte[] title = new byte[8];
        Encoding.ASCII.GetBytes(flagId.AsSpan(0, 3), title);
        for (int i = 7; i >= 3; i--, number >>= 8) title[i] = (byte)number;
        return title;
    }

    internal static VirtualMeter Of(CosemContext context) => (VirtualMeter)context.Device;

    internal static LoadCursor CursorOf(CosemContext context)
    {
        if (context.Scratch is LoadCursor cursor) return cursor;
        cursor = new LoadCursor();
        context.Scratch = cursor;
        return cursor;
    }
}
