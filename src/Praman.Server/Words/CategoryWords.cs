namespace Praman.Server.Words;

/// <summary>Categories of consumers in words. One that has none is shown as its tariff writes it.</summary>
internal static class CategoryWords
{
    public static string Of(string category) => category switch
    {
        "domestic" or "residential" => W.CategoryDomestic,
        "non-domestic" or "commercial" or "business" => W.CategoryNonDomestic,
        _ => category,
    };
}
