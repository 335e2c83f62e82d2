using System.Globalization;

namespace Praman.Server.Words;

/// <summary>
/// The languages of the pages. A language is one culture here and one file <c>Words.LANG.resx</c> beside <c>Words.resx</c>; dates, digits
/// and grouping follow the culture. The first is the one that is used where a browser asks for none of them.
/// </summary>
internal static class Language
{
    public static IReadOnlyList<CultureInfo> Supported { get; } = [Indian("en-IN")];

    /// <summary>The language of a request: the first of its Accept-Language that is there, else the first of all.</summary>
    public static CultureInfo Choose(IEnumerable<string> accepted)
    {
        foreach (string tag in accepted)
        {
            foreach (CultureInfo culture in Supported)
            {
                if (tag.StartsWith(culture.TwoLetterISOLanguageName, StringComparison.OrdinalIgnoreCase)) return culture;
            }
        }
        return Supported[0];
    }

    /// <summary>A culture with Indian grouping whatever the system's tables say: 1,23,45,678.90.</summary>
    private static CultureInfo Indian(string name)
    {
        var culture = (CultureInfo)CultureInfo.GetCultureInfo(name).Clone();
        culture.NumberFormat.NumberGroupSizes = [3, 2];
        culture.NumberFormat.CurrencyGroupSizes = [3, 2];
        return CultureInfo.ReadOnly(culture);
    }
}
