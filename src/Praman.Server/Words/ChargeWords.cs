using System.Collections;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Praman.Server.Words;

/// <summary>
/// Names of a bill's lines in the language of the page. A tariff names its charges in English, and the bill that is signed holds that name;
/// the usual ones have words, found by their English text with its percentage taken out.
/// </summary>
internal static partial class ChargeWords
{
    private const string Prefix = "Charge";
    private static readonly FrozenDictionary<string, string> KeyByName = W.ResourceManager.GetResourceSet(CultureInfo.InvariantCulture, true, true)!.Cast<DictionaryEntry>()
        .Where(entry => ((string)entry.Key).StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenDictionary(entry => (string)entry.Value!, entry => (string)entry.Key, StringComparer.Ordinal);

    /// <summary>The name in words; null for one that has none and stands as its tariff has it.</summary>
    public static string? Of(string label)
    {
        string percent = Percent().Match(label).Value;
        string name = percent.Length == 0 ? label : label.Replace(percent, "{0}", StringComparison.Ordinal);
        return KeyByName.TryGetValue(name, out string? key) ? Format.Current.Text(W.ResourceManager.GetString(key, W.Culture)!, percent) : null;
    }

    /// <summary>The name in words, or as its tariff has it.</summary>
    public static string Shown(string label) => Of(label) ?? label;

    /// <summary>The language of what <see cref="Shown"/> gives, where it is not that of the page.</summary>
    public static string? LanguageOf(string label) => Of(label) is null ? Language.OfData : null;

    [GeneratedRegex(@"\d+(\.\d+)?%")]
    private static partial Regex Percent();
}
