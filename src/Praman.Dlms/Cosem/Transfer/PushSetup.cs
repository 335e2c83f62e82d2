using System.Diagnostics.CodeAnalysis;
using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// PushSetup, class_id 40, versions 0 (as Indian meters have it) and 3 (IEC 62056-6-2): what is pushed, where to, in which windows, how long it is put
/// off at random and how often it is tried. A push is a state: it is begun, falls due, is sent by the host, and succeeds or is tried again.
/// </summary>
public sealed partial class PushSetup
{
    /// <summary>Length of a body from which on values are left out, in octets.</summary>
    public const int BodyLengthMax = 1 << 20;

    private const int ObjectCountMax = 64;
    private const byte ConfirmedOperation = 2;

    private const string Destination = "{ transport_service: enum, destination: octet-string[0..128], message: enum }";

    private static readonly DataShape Delays = "{ repetition_delay_min: long-unsigned, repetition_delay_exponent: long-unsigned, repetition_delay_max: long-unsigned }";

    private CosemData _objects = CosemData.Array();
    private CosemData _destination = CosemData.Structure(CosemData.Enumeration(0), CosemData.OctetString([]), CosemData.Enumeration(0));
    private CosemData _windows = CosemData.Array();
    private CosemData _delays = CosemData.Structure(CosemData.LongUnsigned(0), CosemData.LongUnsigned(100), CosemData.LongUnsigned(0));
    private CosemData _port = CosemData.LogicalName(default);
    private CosemData _protection = CosemData.Array();
    private CosemData _confirmation = CosemData.Structure(CosemData.DateTimeOctets(CosemDateTime.Wildcard), CosemData.DoubleLongUnsigned(0));
    private sbyte _clientSap;
    private byte _operation;
    private Instant? _confirmedAt;

    public static CosemClass<PushSetup> Table { get; } = new(40, 3, "PushSetup",
        [
            .. Common(Objects3),
            new(7, "repetition_delay", Delays, (p, _) => p._delays, (p, _, v) => p.Place(ref p._delays, v), IsStatic: true),
            new(8, "port_reference", "logical-name", (p, _) => p._port, (p, _, v) => p.Place(ref p._port, v), IsStatic: true),
            new(9, "push_client_SAP", "integer", (p, _) => CosemData.Integer(p._clientSap), (p, _, v) => p.Place(() => p._clientSap = (sbyte)v.ToNumber()), IsStatic: true),
            new(10, "push_protection_parameters", "array[8] of { protection_type: enum[0..3], protection_options: { transaction_id: octet-string[0..16], "
                + "originator_system_title: octet-string[0..8], recipient_system_title: octet-string[0..8], other_information: octet-string[0..64], "
                + "key_info: { key_info_type: enum[0..2], key_info_options: any } } }", (p, _) => p._protection, (p, _, v) => p.Place(ref p._protection, v), IsStatic: true),
            new(11, "push_operation_method", "enum[0..2]", (p, _) => CosemData.Enumeration(p._operation), (p, _, v) => p.Place(() => p._operation = (byte)v.ToNumber()), IsStatic: true),
            new(12, "confirmation_parameters", "{ confirmation_start_date: date-time-octets | date-time, confirmation_interval: double-long-unsigned }",
                (p, _) => p._confirmation, (p, _, v) => p.Place(ref p._confirmation, v), IsStatic: true),
            new(13, "last_confirmation_date_time", "date-time", (p, c) => CosemData.DateTime(
                p._confirmedAt is { } at ? CosemDateTime.From(at, c.Device.OffsetAt(at)) : CosemDateTime.Wildcard)),
        ],
        [
            new(1, "push", (PushSetup p, CosemContext c, CosemData _, out CosemData r) => p.Push(c, out r), "integer"),
            new(2, "reset", (PushSetup p, CosemContext _, CosemData _, out CosemData r) => p.Reset(out r), "integer"),
        ]);

    /// <summary>Version 0: capture objects without restrictions, one delay between retries.</summary>
    public static CosemClass<PushSetup> Table0 { get; } = new(40, 0, "PushSetup",
        [
            .. Common("array[64] of capture-object"),
            new(7, "repetition_delay", "long-unsigned", (p, _) => p._delays[0], (p, _, v) => p.SetDelay(v), IsStatic: true),
        ],
        [new(1, "push", (PushSetup p, CosemContext c, CosemData _, out CosemData r) => p.Push(c, out r), "integer")]);

    private static string Objects3 => "array[64] of { class_id: long-unsigned, logical_name: logical-name, attribute_index: integer, data_index: long-unsigned, "
        + "restriction: { restriction_type: enum[0..2], restriction_value: any }, columns: array[64] of capture-object }";

    /// <summary>Transport, address and form of message, as attribute 3 has them.</summary>
    public (byte Transport, ReadOnlyMemory<byte> Address, byte Message) SendDestination =>
        ((byte)_destination[0].ToNumber(), _destination[1].OctetSpan.ToArray(), (byte)_destination[2].ToNumber());

    /// <summary>True where a push has arrived once its receiver confirms it, and is tried again until then (attribute 11).</summary>
    public bool AwaitsConfirmation => _operation == ConfirmedOperation;

    /// <summary>How its pushes are protected (attribute 10); false where it names what cannot be followed.</summary>
    public bool TryGetProtection([NotNullWhen(true)] out PushProtection? protection) => PushProtection.TryRead(_protection, out protection);

    /// <summary>Latest that a push is put off at random, in seconds.</summary>
    public ushort RandomisationSeconds { get; set; }

    /// <summary>Retries after the first try.</summary>
    public byte RetryCountMax { get; set; }

    /// <summary>What is pushed, whole.</summary>
    public void Define(params CaptureObject[] objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(objects.Length, ObjectCountMax, nameof(objects));
        _objects = CosemData.Array([.. objects.Select(o => o.ToData())]);
    }

    /// <summary>Where it is pushed to.</summary>
    public void SendTo(byte transport, ReadOnlySpan<byte> address, byte message) =>
        _destination = CosemData.Structure(CosemData.Enumeration(transport), CosemData.OctetString(address), CosemData.Enumeration(message));

    /// <summary>Sets the delay between tries: the n-th retry waits min × (exponent / 100)^(n − 1), at most max (0 is no bound), in seconds.</summary>
    public void RetryAfter(ushort minSeconds, ushort exponentPercent = 100, ushort maxSeconds = 0) =>
        _delays = CosemData.Structure(CosemData.LongUnsigned(minSeconds), CosemData.LongUnsigned(exponentPercent), CosemData.LongUnsigned(maxSeconds));

    /// <summary>
    /// Writes the body of the push: a structure of the values, in order; null-data for what cannot be read. A profile's buffer has the rows and columns
    /// that its restriction leaves; a restriction of anything else, or one that cannot be applied, gives null-data, so that never more is pushed than was
    /// asked for. So is what comes after <see cref="BodyLengthMax"/>.
    /// </summary>
    public void WriteBody(CosemContext context, ref AxdrWriter writer)
    {
        writer.WriteStructureHeader(_objects.Count);
        foreach (CosemData item in _objects.Items.ToArray())
        {
            CosemData value = default;
            if (writer.Length < BodyLengthMax)
            {
                if (item.Count > 4) CosemAccess.ReadRestricted(context, item.ToAttribute(), (ushort)item[3].ToNumber(), item[4], item[5], out value);
                else CosemAccess.Read(context, item.ToAttribute(), (ushort)item[3].ToNumber(), out value);
            }
            writer.WriteData(value);
        }
    }

    private static AttributeOf<PushSetup>[] Common(string objects) =>
    [
        // An object list of version 0 is shown by version 3 with no restriction, and the other way.
        new(2, "push_object_list", objects, (p, _) => p.ObjectsAs(objects == Objects3), (p, _, v) => p.Place(ref p._objects, v), IsStatic: true),
        new(3, "send_destination_and_method", Destination, (p, _) => p._destination, (p, _, v) => p.Place(ref p._destination, v), IsStatic: true),
        new(4, "communication_window", CommunicationWindows.Shape, (p, _) => p._windows, (p, _, v) => p.Place(ref p._windows, v), IsStatic: true),
        new(5, "randomisation_start_interval", "long-unsigned", (p, _) => CosemData.LongUnsigned(p.RandomisationSeconds),
            (p, _, v) => p.Place(() => p.RandomisationSeconds = (ushort)v.ToNumber()), IsStatic: true),
        new(6, "number_of_retries", "unsigned", (p, _) => CosemData.Unsigned(p.RetryCountMax), (p, _, v) => p.Place(() => p.RetryCountMax = (byte)v.ToNumber()), IsStatic: true),
    ];

    private CosemData ObjectsAs(bool restricted)
    {
        CosemData none = CosemData.Structure(CosemData.Enumeration(0), default);
        return CosemData.Array([.. _objects.Items.ToArray().Select(o => restricted == (o.Count > 4) ? o
            : restricted ? CosemData.Structure([.. o.Items, none, CosemData.Array()]) : CosemData.Structure(o.Items[..4].ToArray()))]);
    }

    private DataAccessResult SetDelay(in CosemData value)
    {
        RetryAfter((ushort)value.ToNumber());
        return DataAccessResult.Success;
    }

    private DataAccessResult Place(ref CosemData place, in CosemData value)
    {
        place = value;
        return DataAccessResult.Success;
    }

    private DataAccessResult Place(Action change)
    {
        change();
        return DataAccessResult.Success;
    }
}
