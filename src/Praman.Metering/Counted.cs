using System.Globalization;

namespace Praman.Metering;

/// <summary>A number and what it counts, in English and the invariant culture: <c>1 line</c>, <c>2 lines</c>. Pages take their words from resources.</summary>
public static class Counted
{
    /// <param name="count">How many.</param>
    /// <param name="one">The word for one; more take an s.</param>
    public static string Of(long count, string one) => Of(count, one, one + "s");

    /// <param name="count">How many.</param>
    /// <param name="one">The word for one.</param>
    /// <param name="many">The word for none and for more.</param>
    public static string Of(long count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
