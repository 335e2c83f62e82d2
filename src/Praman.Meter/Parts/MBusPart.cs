using System.Globalization;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Load;
using Praman.Meter.Registers;
using Praman.Metering;

namespace Praman.Meter.Parts;

/// <summary>What a hub holds of a slave: the total of its last telegram, when that came, and what is to be said of it.</summary>
/// <param name="Total">In the slave's unit and scaler; 0 where no telegram ever came.</param>
/// <param name="CapturedAt">True time of the telegram; null where none came.</param>
/// <param name="Status">Data not valid where the newest telegram that was due did not come, or no slave is installed.</param>
internal readonly record struct SlaveReading(long Total, Instant? CapturedAt, BlockLoadStatus Status);

/// <summary>
/// M-Bus client, class 72: a slave that is installed at a channel is asked once a capture period, on the meter's own clock. Which telegram is missed,
/// follows from the seed; those that were due without power are. As everywhere in this meter nothing captured is stored: it is worked out when asked for.
/// </summary>
internal sealed class MBusPart : MeterPart
{
    private const int InstallationsMax = 16, AddressMax = 250, TelegramsAMiss = 128;
    private const int PeriodLeast = 900;
    private const int CapturePeriod = 4, PrimaryAddress = 5, Identification = 6, Manufacturer = 7, VersionOf = 8, DeviceTypeOf = 9, AccessNumber = 10, StatusOf = 11, Alarm = 12;

    private readonly VirtualMeter _meter;
    private readonly AttributeStore _client;
    private readonly SlaveLoad _slave;
    private readonly ulong _seed;
    private readonly List<(Instant From, Instant To)> _installed = [];
    private Instant? _asked;
    private int _askedCount;
    private bool _hasBegun;

    private MBusPart(VirtualMeter meter, ObisCode name, SlaveKind kind, AttributeStore client) : base(client)
    {
        (_meter, Name, Kind, _client) = (meter, name, kind, client);
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (char letter in meter.Serial) hash = (hash ^ letter) * 0x100_0000_01B3;
        _seed = SeedHash.Of(hash ^ meter.Source.Seed, 30, name.B);
        _slave = new(kind, _seed);
        Since = meter.InstalledAt;
    }

    public ObisCode Name { get; }

    public SlaveKind Kind { get; }

    /// <summary>Seconds between telegrams; 0 where none is asked for by itself.</summary>
    public int PeriodSeconds { get; private set; }

    /// <summary>Since when they have been that many: older rows are gone.</summary>
    public Instant Since { get; private set; }

    public bool IsInstalled => _installed.Count > 0 && _installed[^1].To == Instant.MaxValue;

    public static MBusPart For(VirtualMeter meter, ObisCode name, SlaveKind kind)
    {
        MBusPart? part = null;
        part = new(meter, name, kind, new AttributeStore((CosemClass<AttributeStore>)CosemClasses.Find(72, 1)!)
        {
            Setting = (c, id, v) => part!.Set(c, id, v),
            Invoked = (CosemContext c, sbyte method, in CosemData parameters, out CosemData returned) => part!.Invoke(c, method, parameters, out returned),
        });
        return part;
    }

    // A channel that begins with a primary address has its slave from the beginning.
    public override void PowerUp(CosemContext context)
    {
        if (_hasBegun) return;
        _hasBegun = true;
        if (_client[PrimaryAddress].TryGetInt64(out long address) && address != 0) Install(context.Now, address);
    }

    /// <summary>The client's attributes, with what the last telegram said.</summary>
    public AttributeStore ClientAt(CosemContext context)
    {
        if (!IsInstalled) return _client;
        long number = LastReceived(NumberAt(_meter.Clock.Read(context.Now)), _installed[^1].From) - NumberAt(_meter.Clock.Read(_installed[^1].From)) + _askedCount;
        return _client.With(AccessNumber, CosemData.Unsigned(unchecked((byte)number)));
    }

    /// <summary>The slave raised an alarm; false where none is installed.</summary>
    public bool Raise(byte alarm)
    {
        if (IsInstalled) _client.With(Alarm, CosemData.Unsigned(alarm));
        return IsInstalled;
    }

    /// <summary>What the register shows at an instant, true time.</summary>
    public SlaveReading ReadingAt(Instant at)
    {
        SlaveReading scheduled = ScheduledAt(at);
        return _asked is { } asked && asked <= at && IsInstalledAt(asked) && scheduled.CapturedAt is { } captured && asked > captured
            ? new(_slave.TotalAt(asked), asked, IsInstalledAt(at) && LastDue(at) <= asked ? BlockLoadStatus.None : BlockLoadStatus.DataNotValid) : scheduled;
    }

    /// <summary>What the row of an instant shows: telegrams asked for beside the schedule are none of it.</summary>
    public SlaveReading ScheduledAt(Instant at)
    {
        for (int i = _installed.Count - 1; i >= 0; i--)
        {
            (Instant from, Instant to) = _installed[i];
            if (from > at) continue;
            long due = NumberAt(_meter.Clock.Read(Instant.Min(at, to))), received = LastReceived(due, from);
            Instant captured = Instant.Min(Instant.Min(at, to), Instant.Max(from, TrueTimeOf(received)));
            return new(_slave.TotalAt(captured), captured, to > at && received == due ? BlockLoadStatus.None : BlockLoadStatus.DataNotValid);
        }
        return new(0, null, BlockLoadStatus.DataNotValid);
    }

    public bool IsInstalledAt(Instant at) => _installed.Exists(i => i.From <= at && at < i.To);

    /// <summary>The status octet of a row: that of its interval, and whether its telegram came.</summary>
    public BlockLoadStatus StatusOfRow(long number)
    {
        Instant to = TrueTimeOf(number), from = Instant.Max(Since, TrueTimeOf(number - 1));
        return _meter.StatusWithin(from, to, EndOf(number)) | ScheduledAt(to).Status;
    }

    /// <summary>The number of the telegram that is due last at or before a time of the meter's clock.</summary>
    public long NumberAt(Instant shown) => PeriodSeconds == 0 ? 0 : _meter.PeriodNumberAt(shown, PeriodSeconds);

    /// <summary>When a telegram is due, on the meter's clock.</summary>
    public Instant EndOf(long number) => PeriodSeconds == 0 ? _meter.Clock.Read(Since) : _meter.PeriodEnd(number, PeriodSeconds);

    public Instant TrueTimeOf(long number) => PeriodSeconds == 0 ? Since : _meter.Clock.TrueTimeOf(EndOf(number));

    private Instant LastDue(Instant at) => TrueTimeOf(NumberAt(_meter.Clock.Read(at)));

    // Installing takes a telegram, so that one is always found.
    private long LastReceived(long number, Instant from)
    {
        Instant since = Instant.Max(from, Since);
        while (PeriodSeconds != 0 && TrueTimeOf(number) is var at && at > since && (IsMissed(number) || _meter.Supply.PowerOff(at, at + Duration.FromTicks(1)) > Duration.Zero)) number--;
        return number;
    }

    private bool IsMissed(long number) => SeedHash.Below(SeedHash.Of(_seed, 31, (ulong)number), TelegramsAMiss) == 0;

    private DataAccessResult Set(CosemContext context, sbyte id, in CosemData value)
    {
        if (!value.TryGetInt64(out long number)) return DataAccessResult.Success;
        if (id is >= PrimaryAddress and <= DeviceTypeOf) return IsInstalled ? DataAccessResult.TemporaryFailure : DataAccessResult.Success; // they are the slave's while it is there
        if (id != CapturePeriod) return DataAccessResult.Success;
        if (number != 0 && (number < PeriodLeast || number > NodaConstants.SecondsPerDay || NodaConstants.SecondsPerDay % number != 0)) return DataAccessResult.OtherReason;
        (PeriodSeconds, Since) = ((int)number, context.Now);
        return DataAccessResult.Success;
    }

    // Encryption keys, data to the slave and its clock are nothing that these slaves have.
    private ActionResult Invoke(CosemContext context, sbyte method, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        switch (method)
        {
            case 1:
                if (IsInstalled || !parameters.TryGetInt64(out long address) || address > AddressMax) return ActionResult.OtherReason;
                Install(context.Now, address == 0 ? Name.B : address); // 0: the client chooses
                return ActionResult.Success;
            case 2:
                if (!IsInstalled) return ActionResult.OtherReason;
                _installed[^1] = (_installed[^1].From, context.Now);
                Describe(0, 0, 0, 0, 0);
                return ActionResult.Success;
            case 3:
                if (!IsInstalled) return ActionResult.OtherReason;
                (_asked, _askedCount) = (context.Now, _askedCount + 1);
                return ActionResult.Success;
            case 4:
                _client.With(Alarm, CosemData.Unsigned(0));
                return ActionResult.Success;
            default:
                return ActionResult.ReadWriteDenied;
        }
    }

    private void Install(Instant now, long address)
    {
        if (_installed.Count == InstallationsMax) _installed.RemoveAt(0);
        _installed.Add((now, Instant.MaxValue));
        _askedCount = 0;
        // Eight digits, packed, as data headers carry them.
        string digits = SeedHash.Below(SeedHash.Of(_seed, 32), 100_000_000).ToString("D8", CultureInfo.InvariantCulture);
        Describe(address, uint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), FlagOf(_meter.Model.FlagId), 1, Kind.DeviceType);
    }

    private void Describe(long address, uint identification, ushort manufacturer, byte version, byte deviceType) => _client
        .With(PrimaryAddress, CosemData.Unsigned((byte)address)).With(Identification, CosemData.DoubleLongUnsigned(identification))
        .With(Manufacturer, CosemData.LongUnsigned(manufacturer)).With(VersionOf, CosemData.Unsigned(version)).With(DeviceTypeOf, CosemData.Unsigned(deviceType))
        .With(AccessNumber, CosemData.Unsigned(0)).With(StatusOf, CosemData.Unsigned(0)).With(Alarm, CosemData.Unsigned(0));

    // Three letters of five bits each (EN 62056-21, EN 13757-7).
    private static ushort FlagOf(string letters)
    {
        int flag = 0;
        foreach (char letter in letters) flag = (flag << 5) | (letter - 'A' + 1);
        return (ushort)flag;
    }
}
