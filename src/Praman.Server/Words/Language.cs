using System.Globalization;

namespace Praman.Server.Words;

/// <summary>
/// The languages of the pages. A language is one culture here and one file <c>Words.LANG.resx</c> beside <c>Words.resx</c>; dates, digits
/// and grouping follow the culture. The first is the one that is used where a browser asks for none of them.
/// </summary>
internal static class Language
{
    public static IReadOnlyList<CultureInfo> Supported { get; } = [Indian("en-IN"), Indian("hi-IN"), Indian("gu-IN")];

    /// <summary>The language of a request: the first of its Accept-Language that is there, else the first of all.</summary>
    public static CultureInfo Choose(IEnumerable<string> accepted) => accepted.Select(Find).FirstOrDefault(culture => culture is not null) ?? Supported[0];

    /// <summary>The language that a tag names, of whatever country: <c>hi</c>, <c>hi-IN</c>; null where there is none.</summary>
    public static CultureInfo? Find(string? tag) =>
        Supported.FirstOrDefault(culture => string.Equals(tag?.Split('-')[0], CodeOf(culture), StringComparison.OrdinalIgnoreCase));

    /// <summary>What a link, a form and a cookie call it: <c>hi</c>.</summary>
    public static string CodeOf(CultureInfo culture) => culture.TwoLetterISOLanguageName;

    /// <summary>Its name in itself, so that those who read no other find it.</summary>
    public static string NameOf(CultureInfo culture) => CultureInfo.GetCultureInfo(CodeOf(culture)).NativeName;

    /// <summary>The language of what is kept in English (tariffs, titles of orders, facts of suppliers), where the page is in another; null where it is the page's own.</summary>
    public static string? OfData => Format.Current.Culture.Equals(Supported[0]) ? null : CodeOf(Supported[0]);

    /// <summary>A culture with Indian grouping whatever the system's tables say: 1,23,45,678.90.</summary>
    private static CultureInfo Indian(string name)
    {
        var culture = (CultureInfo)CultureInfo.GetCultureInfo(name).Clone();
        culture.NumberFormat.NumberGroupSizes = [3, 2];
        culture.NumberFormat.CurrencyGroupSizes = [3, 2];
        return CultureInfo.ReadOnly(culture);
    }
}
