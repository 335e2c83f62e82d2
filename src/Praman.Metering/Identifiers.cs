using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Unicode;

namespace Praman.Metering;

/// <summary>A usage point (IEC 61968-9): the place where supply is measured and billed. A number; people write it <c>UP-000000042</c>.</summary>
public readonly record struct UsagePointId(ulong Number) : IComparable<UsagePointId>, IParsable<UsagePointId>
{
    private const string Prefix = "UP-";

    public int CompareTo(UsagePointId other) => Number.CompareTo(other.Number);

    public static bool operator <(UsagePointId left, UsagePointId right) => left.Number < right.Number;

    public static bool operator >(UsagePointId left, UsagePointId right) => left.Number > right.Number;

    public static bool operator <=(UsagePointId left, UsagePointId right) => left.Number <= right.Number;

    public static bool operator >=(UsagePointId left, UsagePointId right) => left.Number >= right.Number;

    /// <inheritdoc/>
    public static UsagePointId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out UsagePointId id) ? id : throw new FormatException($"'{s}' is not a usage point: expected UP- and digits");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out UsagePointId result)
    {
        ReadOnlySpan<char> digits = s is not null && s.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? s.AsSpan(Prefix.Length) : s;
        bool parsed = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
        result = new UsagePointId(number);
        return parsed;
    }

    /// <summary>The text in ASCII, without a string in between.</summary>
    public bool TryFormat(Span<byte> target, out int written) => Utf8.TryWrite(target, CultureInfo.InvariantCulture, $"{Prefix}{Number:D9}", out written);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number:D9}");
}

/// <summary>An end device (IEC 61968-9): a meter, by its serial number as it stands on the nameplate.</summary>
public readonly record struct EndDeviceId(string Serial)
{
    public override string ToString() => Serial;
}

/// <summary>One channel: one quantity at one usage point.</summary>
public readonly record struct ChannelId(UsagePointId UsagePoint, ReadingType Type)
{
    public override string ToString() => $"{UsagePoint}/{Type.Name()}";
}
