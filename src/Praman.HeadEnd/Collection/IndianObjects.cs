using Praman.Dlms;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>Objects of IS 15959 that the head-end asks for, by name.</summary>
public static class IndianObjects
{
    public const ushort DataClass = 1, RegisterClass = 3, ProfileClass = 7, ClockClass = 8, DisconnectControlClass = 70;

    public static readonly AttributeDescriptor ClockTime = new(ClockClass, new(0, 0, 1, 0, 0), 2);
    public static readonly AttributeDescriptor SerialNumber = new(DataClass, new(0, 0, 96, 1, 0), 2);
    public static readonly AttributeDescriptor DeviceId = new(DataClass, new(0, 0, 96, 1, 2), 2);
    public static readonly AttributeDescriptor Maker = new(DataClass, new(0, 0, 96, 1, 1), 2);
    public static readonly AttributeDescriptor Firmware = new(DataClass, new(1, 0, 0, 2, 0), 2);
    public static readonly AttributeDescriptor MeterType = new(DataClass, new(0, 0, 94, 91, 9), 2);
    public static readonly AttributeDescriptor LogicalDeviceName = new(DataClass, new(0, 0, 42, 0, 0), 2);
    public static readonly AttributeDescriptor RelayOutput = new(DisconnectControlClass, new(0, 0, 96, 3, 10), 2);
    public static readonly MethodDescriptor RelayDisconnect = new(DisconnectControlClass, new(0, 0, 96, 3, 10), 1);
    public static readonly MethodDescriptor RelayReconnect = new(DisconnectControlClass, new(0, 0, 96, 3, 10), 2);

    public static readonly ObisCode Clock = new(0, 0, 1, 0, 0);
    public static readonly ObisCode Instantaneous = new(1, 0, 94, 91, 0);
    public static readonly ObisCode InstantaneousScalers = new(1, 0, 94, 91, 3);
    public static readonly ObisCode BlockLoad = new(1, 0, 99, 1, 0);
    public static readonly ObisCode BlockLoadScalers = new(1, 0, 94, 91, 4);
    public static readonly ObisCode DailyLoad = new(1, 0, 99, 2, 0);
    public static readonly ObisCode DailyLoadScalers = new(1, 0, 94, 91, 5);
    public static readonly ObisCode NamePlate = new(0, 0, 94, 91, 10);
    public static readonly ObisCode IntervalStatus = new(0, 0, 96, 10, 1);

    /// <summary>Event profile <paramref name="log"/>, 0 to 6.</summary>
    public static ObisCode Events(int log) => new(0, 0, 99, 98, (byte)log);

    /// <summary>Event code object of an event profile.</summary>
    public static ObisCode EventCode(int log) => new(0, 0, 96, 11, (byte)log);

    /// <summary>Sequence number object of an event profile.</summary>
    public static ObisCode EventSequence(int log) => new(0, 0, 96, 15, (byte)log);

    /// <summary>The invocation counter of the association of a client: 16, 32, 48 are 1, 2, 3 in group E.</summary>
    public static AttributeDescriptor InvocationCounter(int clientSap) => new(DataClass, new(0, 0, 43, 1, (byte)(clientSap / 16)), 2);

    public static AttributeDescriptor Buffer(ObisCode profile) => new(ProfileClass, profile, 2);

    public static AttributeDescriptor CaptureObjects(ObisCode profile) => new(ProfileClass, profile, 3);

    public static AttributeDescriptor CapturePeriod(ObisCode profile) => new(ProfileClass, profile, 4);

    public static AttributeDescriptor EntriesInUse(ObisCode profile) => new(ProfileClass, profile, 7);
}
