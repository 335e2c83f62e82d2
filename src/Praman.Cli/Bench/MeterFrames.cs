using NodaTime;
using Praman.Cli.Demo;
using Praman.Dlms;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Dlms.Server;
using Praman.HeadEnd.Collection;
using Praman.Meter;
using Praman.Meter.Load;
using Praman.Meter.Registers;
using Praman.Metering;

namespace Praman.Cli.Bench;

/// <summary>One meter's secured day as it came over the line, with what is needed to open it and the registers around it.</summary>
internal sealed record MeterFrame(UsagePoint UsagePoint, Installation Installation, byte[] Title, byte[] Guek, byte[] Gak, byte[] Apdu, RegisterReading[] Registers);

/// <summary>Makes meters and reads a day of each over the real client and server, both in memory: what P8 measures and P1 is fed with.</summary>
internal sealed class MeterFrames
{
    private const int WrapperHeaderLength = 8;
    private static readonly ReadOnlyMemory<byte> ClientTitle = "PRMHE\0\0\u0001"u8.ToArray();

    private readonly MeterType _type = new(new MeterModel { Zone = DemoOptions.India, PduSizeMax = 8_192 });
    private readonly ulong _seed;

    public MeterFrames(ulong seed)
    {
        _seed = seed;
        Day = new LocalDate(2026, 4, 2);
        Interval bounds = LocalDays.Bounds(Day, DemoOptions.India);
        Start = bounds.Start;
        End = bounds.End;
    }

    public LocalDate Day { get; }

    public Instant Start { get; }

    public Instant End { get; }

    /// <summary>A meter that has stood for two days.</summary>
    public (VirtualMeter Meter, Meter.MeterKeys Keys, byte[] Title) Meter(int index)
    {
        Instant installed = Start - Duration.FromDays(1);
        byte[] key = new byte[32];
        new Random((int)_seed + index).NextBytes(key);
        var keys = new Meter.MeterKeys(key.AsMemory(0, 16), key.AsMemory(16), key.AsMemory(0, 16), key.AsMemory(16));
        byte[] title = VirtualMeter.MakeSystemTitle("PRM", (ulong)index + 1);
        var load = new HouseholdLoad(_seed + (ulong)index, installed, Offset.FromHoursAndMinutes(5, 30));
        return (new VirtualMeter(_type, $"PRM{index + 1}", title, keys, load, installed, new LoadTotals(1_000_000, 0)), keys, title);
    }

    /// <summary>A whole session: association, four-pass HLS, the day's block load, release. Returns the server's secured answer.</summary>
    public byte[] Read(VirtualMeter meter, Meter.MeterKeys keys, uint counter)
    {
        using DlmsServerAssociation server = meter.OpenAssociation();
        var settings = new DlmsClientSettings
        {
            ClientSap = 48, Mechanism = AuthenticationMechanism.HlsGmac, IsCiphered = true, SystemTitle = ClientTitle, Guek = keys.Guek, Gak = keys.Gak,
        };
        using var client = new DlmsClient(settings, new CounterLease(counter, 16));
        Instant now = End + Duration.FromMinutes(5);
        Run(client, server, client.Connect(), now, null);
        byte[] answer = [];
        CosemDateTime from = CosemDateTime.From(Start + Duration.FromSeconds(1), Offset.FromHoursAndMinutes(5, 30), 0, true);
        CosemDateTime to = CosemDateTime.From(End, Offset.FromHoursAndMinutes(5, 30), 0, true);
        Run(client, server, client.GetRange(IndianObjects.BlockLoad, from, to), now, octets => answer = octets.ToArray());
        Run(client, server, client.Release(), now, null);
        return answer;
    }

    /// <summary>The columns of these meters' block load, as a meter tells them.</summary>
    /// <param name="everyChannel">False takes import energy alone; the rows are the same.</param>
    public BlockLoadLayout Layout(bool everyChannel)
    {
        (VirtualMeter meter, Meter.MeterKeys keys, _) = Meter(0);
        using DlmsServerAssociation server = meter.OpenAssociation();
        using var client = new DlmsClient(
            new DlmsClientSettings { ClientSap = 48, Mechanism = AuthenticationMechanism.HlsGmac, IsCiphered = true, SystemTitle = ClientTitle, Guek = keys.Guek, Gak = keys.Gak },
            new CounterLease(1, 100));
        Run(client, server, client.Connect(), End, null);
        CosemData captured = Value(client, server, IndianObjects.CaptureObjects(IndianObjects.BlockLoad));
        if (!CaptureObject.TryFromArray(captured, out CaptureObject[]? columns)) throw new InvalidDataException("the block load does not tell its columns");
        // A column of another attribute is passed over.
        if (!everyChannel) columns = [.. columns.Select(column => column.LogicalName.C is 1 or 0 ? column : column with { AttributeId = 3 })];
        var scalers = new Dictionary<ObisCode, ScalerUnit>();
        foreach (CaptureObject column in columns)
        {
            // Energies are in whole Wh in this model, averages in hundredths.
            if (column.LogicalName.D == 29) scalers[column.LogicalName] = new ScalerUnit(0, column.LogicalName.C is 9 or 10 ? Unit.VoltAmpereHour : Unit.WattHour);
            if (column.LogicalName.D == 27) scalers[column.LogicalName] = new ScalerUnit(-2, column.LogicalName.C == 12 ? Unit.Volt : Unit.Ampere);
        }
        return BlockLoadLayout.TryCreate(columns, scalers, 1_800, out BlockLoadLayout? layout, out string? reason) ? layout : throw new InvalidDataException(reason);
    }

    public MeterFrame Frame(int index)
    {
        (VirtualMeter meter, Meter.MeterKeys keys, byte[] title) = Meter(index);
        byte[] answer = Read(meter, keys, 1);
        var cursor = new LoadCursor();
        var id = new UsagePointId((ulong)index + 1);
        var point = new UsagePoint(id, $"C{index}", DemoOptions.India.Id, 3_000, 1, "in-gj-rgp-urban", []);
        var installation = new Installation(id, new EndDeviceId(meter.Serial), meter.InstalledAt, null);
        return new MeterFrame(
            point, installation, title, keys.Guek.ToArray(), keys.Gak.ToArray(), answer[WrapperHeaderLength..],
            [.. Registers(meter.RegistersAt(Start, cursor), Start), .. Registers(meter.RegistersAt(End, cursor), End)]);

        RegisterReading[] Registers(MeterRegisters shown, Instant at) =>
        [
            new(id, installation.EndDevice, ReadingType.ImportRegister, at, shown.Import),
            new(id, installation.EndDevice, ReadingType.ImportApparentRegister, at, shown.ImportVah),
            new(id, installation.EndDevice, ReadingType.ExportRegister, at, shown.Export),
            new(id, installation.EndDevice, ReadingType.ExportApparentRegister, at, shown.ExportVah),
        ];
    }

    private CosemData Value(DlmsClient client, DlmsServerAssociation server, AttributeDescriptor attribute)
    {
        Run(client, server, client.Get(attribute), End, null);
        return client.TryGetValue(out CosemData value, out DecodeError error) ? value : throw new InvalidDataException(error.ToString());
    }

    private static void Run(DlmsClient client, DlmsServerAssociation server, ClientStep step, Instant now, Action<ReadOnlyMemory<byte>>? answered)
    {
        while (!step.IsDone)
        {
            if (step.IsFailed) throw new InvalidDataException($"a session in memory failed: {step.Error}");
            ReadOnlyMemory<byte> answer = server.Receive(step.Send.Span, now);
            answered?.Invoke(answer);
            step = client.Received(answer.Span);
        }
    }
}
