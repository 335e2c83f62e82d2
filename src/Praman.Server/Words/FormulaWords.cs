using System.Text.RegularExpressions;

namespace Praman.Server.Words;

/// <summary>
/// The arithmetic of a bill's line in the language of the page. The bill itself holds it in English, octet for octet the same everywhere;
/// here only its words are put into another language, and every figure stays as it is.
/// </summary>
internal static partial class FormulaWords
{
    public static string Of(string formula)
    {
        Format f = Format.Current;
        if (f.Culture.Equals(Language.Supported[0])) return formula;
        string text = Percentage().Replace(Rupees().Replace(formula, "$1₹$2"), match => f.Text(W.FormulaPercentOf, match.Groups[1].Value, match.Groups[2].Value));
        return Word().Replace(text, match => match.Value switch
        {
            "not computed: an input is not known" => W.FormulaNotComputed,
            "nothing to charge" => W.FormulaNothing,
            "sum" => W.FormulaSum,
            "month" => W.FormulaMonth,
            "months" => W.FormulaMonths,
            "day" => W.FormulaDay,
            "days" => W.FormulaDays,
            "at the price of each interval" => W.FormulaAtPrices,
            "kWh" => W.UnitKwh,
            "bill" => W.FormulaBill,
            _ => W.FormulaEntitlement,
        });
    }

    [GeneratedRegex(@"(-?)([0-9.]+) INR\b")]
    private static partial Regex Rupees();

    [GeneratedRegex(@"([0-9.]+) % of (-?₹?[0-9.]+(?: [A-Za-z]+)?)")]
    private static partial Regex Percentage();

    // A part may have a name, such as a slot of the day, which stands before a colon and is left alone.
    [GeneratedRegex(@"^not computed: an input is not known$|^nothing to charge(?= = )|(?<=; )sum(?= = )|(?<=[0-9] )(?:months?|days?|bill|entitlement)(?= = )|at the price of each interval(?= = )|(?<=[0-9] )kWh\b")]
    private static partial Regex Word();
}
