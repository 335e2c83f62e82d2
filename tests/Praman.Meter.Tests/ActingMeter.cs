using System.Text;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Meter.Definitions;
using Praman.Meter.Load;
using Praman.Metering;
using Praman.Testing;

namespace Praman.Meter.Tests;

/// <summary>The E-meter that comes along, with a load that a test draws by hand, and its local time.</summary>
internal static class ActingMeter
{
    public static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Europe/Amsterdam"];

    /// <summary>Monday, 1 June 2026, midnight in Amsterdam.</summary>
    public static readonly Instant Start = At(6, 1);

    /// <summary>A time of June 2026 or another month there.</summary>
    public static Instant At(int month, int day, int hour = 0, int minute = 0, int year = 2026) =>
        Zone.AtLeniently(new LocalDateTime(year, month, day, hour, minute)).ToInstant();

    /// <param name="name">The profile.</param>
    /// <param name="change">Makes another text of its file.</param>
    public static MeterType Type(string name = "e-meter", Func<string, string>? change = null)
    {
        string text = File.ReadAllText(TestFiles.InRepository("meters", name + ".json"));
        Assert.True(MeterDefinition.TryParse(Encoding.UTF8.GetBytes(change is null ? text : change(text)), out MeterDefinition? definition, out string? fault), fault);
        return definition.CreateType();
    }

    /// <param name="watts">What flows in each minute from the start on; nothing after them.</param>
    /// <param name="name">The profile.</param>
    public static VirtualMeter Make(ReadOnlySpan<int> watts, string name = "e-meter") => Make(Type(name), watts);

    public static VirtualMeter Make(MeterType type, ReadOnlySpan<int> watts)
    {
        int[] wattHours = new int[watts.Length];
        long sum = 0, given = 0;
        for (int i = 0; i < watts.Length; i++)
        {
            sum += watts[i];
            wattHours[i] = (int)((sum / 60) - given);
            given += wattHours[i];
        }
        return new(type, "E7", TestMeter.MeterTitle, TestMeter.Keys, new IntervalDataLoad(Start, Duration.FromMinutes(1), wattHours), Start);
    }

    /// <summary>So many minutes of so many watts.</summary>
    public static int[] Watts(params (int Minutes, int Watts)[] parts) => [.. parts.SelectMany(p => Enumerable.Repeat(p.Watts, p.Minutes))];

    public static CosemData Value(this TestLink link, ushort classId, ObisCode name, sbyte attribute = 2)
    {
        link.Done(link.Client.Get(new(classId, name, attribute)));
        Assert.True(link.Client.TryGetValue(out CosemData value, out DecodeError error), error.ToString());
        return value;
    }

    public static void Set(this TestLink link, ushort classId, ObisCode name, sbyte attribute, CosemData value) =>
        link.Done(link.Client.Set(new(classId, name, attribute), value));

    public static void Do(this TestLink link, ushort classId, ObisCode name, sbyte method, CosemData parameter) =>
        link.Done(link.Client.Action(new(classId, name, method), parameter));
}
