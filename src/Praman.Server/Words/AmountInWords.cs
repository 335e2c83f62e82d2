using System.Globalization;
using System.Text;

namespace Praman.Server.Words;

/// <summary>An amount in words with lakh and crore, as bills and cheques in India write it, in the language of the page.</summary>
internal sealed class AmountInWords
{
    private const ulong Crore = 10_000_000, PaiseOfRupee = 100;
    private static readonly (ulong Unit, int Name)[] Units = [(100_000, 1), (1_000, 2), (100, 3)];

    private static readonly AmountInWords English = new(EnglishBelowHundred(), ["crore", "lakh", "thousand", "hundred"], "Rupees {0} only", "Rupees {0} and {1} paise only", "Minus {0}", true);

    private static readonly AmountInWords Hindi = new(
        ("शून्य एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस "
        + "तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस तैंतालीस चवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास "
        + "पचास इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर "
        + "सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उन्यासी अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी "
        + "नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे").Split(' '),
        ["करोड़", "लाख", "हज़ार", "सौ"], "{0} रुपये मात्र", "{0} रुपये {1} पैसे मात्र", "ऋण {0}", false);

    private static readonly AmountInWords Gujarati = new(
        ("શૂન્ય એક બે ત્રણ ચાર પાંચ છ સાત આઠ નવ દસ અગિયાર બાર તેર ચૌદ પંદર સોળ સત્તર અઢાર ઓગણીસ વીસ એકવીસ બાવીસ ત્રેવીસ ચોવીસ પચ્ચીસ છવ્વીસ સત્તાવીસ અઠ્ઠાવીસ ઓગણત્રીસ "
        + "ત્રીસ એકત્રીસ બત્રીસ તેત્રીસ ચોત્રીસ પાંત્રીસ છત્રીસ સાડત્રીસ આડત્રીસ ઓગણચાળીસ ચાળીસ એકતાળીસ બેતાળીસ તેતાળીસ ચુંમાળીસ પિસ્તાળીસ છેતાળીસ સુડતાળીસ અડતાળીસ ઓગણપચાસ "
        + "પચાસ એકાવન બાવન ત્રેપન ચોપન પંચાવન છપ્પન સત્તાવન અઠ્ઠાવન ઓગણસાઠ સાઠ એકસઠ બાસઠ ત્રેસઠ ચોસઠ પાંસઠ છાસઠ સડસઠ અડસઠ ઓગણસિત્તેર "
        + "સિત્તેર એકોતેર બોતેર તોતેર ચુંમોતેર પંચોતેર છોતેર સિત્યોતેર ઇઠ્યોતેર ઓગણાએંસી એંસી એક્યાસી બ્યાસી ત્યાસી ચોરાસી પંચાસી છ્યાસી સત્યાસી અઠ્યાસી નેવ્યાસી "
        + "નેવું એકાણું બાણું ત્રાણું ચોરાણું પંચાણું છન્નું સત્તાણું અઠ્ઠાણું નવ્વાણું").Split(' '),
        ["કરોડ", "લાખ", "હજાર", "સો"], "{0} રૂપિયા પૂરા", "{0} રૂપિયા અને {1} પૈસા પૂરા", "ઓછા {0}", false);

    private readonly string[] _belowHundred, _units;
    private readonly CompositeFormat _whole, _withPaise, _negative;
    private readonly bool _capitalised;

    /// <param name="belowHundred">The names of 0 to 99: Indian languages have one for each.</param>
    /// <param name="units">Crore, lakh, thousand, hundred.</param>
    private AmountInWords(string[] belowHundred, string[] units, string whole, string withPaise, string negative, bool capitalised)
    {
        (_belowHundred, _units, _capitalised) = (belowHundred, units, capitalised);
        (_whole, _withPaise, _negative) = (CompositeFormat.Parse(whole), CompositeFormat.Parse(withPaise), CompositeFormat.Parse(negative));
    }

    /// <summary>Rupees and paise in the language of the culture, English where it has none of its own: <c>Rupees one thousand thirty-two and fifty
    /// paise only</c>. Null for another currency, which has other words.</summary>
    public static string? Of(long minorUnits, string currency, CultureInfo culture)
    {
        if (currency != "INR") return null;
        AmountInWords words = culture.TwoLetterISOLanguageName switch { "hi" => Hindi, "gu" => Gujarati, _ => English };
        return words.Write(minorUnits);
    }

    private string Write(long minorUnits)
    {
        ulong absolute = minorUnits < 0 ? (ulong)-(minorUnits + 1) + 1 : (ulong)minorUnits, paise = absolute % PaiseOfRupee;
        string rupees = Number(absolute / PaiseOfRupee);
        string amount = paise == 0 ? string.Format(CultureInfo.InvariantCulture, _whole, rupees) : string.Format(CultureInfo.InvariantCulture, _withPaise, rupees, Number(paise));
        if (minorUnits >= 0) return amount;
        if (_capitalised) amount = char.ToLowerInvariant(amount[0]) + amount[1..];
        return string.Format(CultureInfo.InvariantCulture, _negative, amount);
    }

    private string Number(ulong number)
    {
        var words = new List<string>();
        if (number >= Crore)
        {
            words.Add(Number(number / Crore));
            words.Add(_units[0]);
            number %= Crore;
            if (number == 0) return string.Join(' ', words);
        }
        foreach ((ulong unit, int name) in Units)
        {
            if (number < unit) continue;
            words.Add(_belowHundred[number / unit]);
            words.Add(_units[name]);
            number %= unit;
            if (number == 0) return string.Join(' ', words);
        }
        words.Add(_belowHundred[number]);
        return string.Join(' ', words);
    }

    private static string[] EnglishBelowHundred()
    {
        string[] small = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".Split(' ');
        string[] tens = "twenty thirty forty fifty sixty seventy eighty ninety".Split(' ');
        return [.. small, .. tens.SelectMany(ten => Enumerable.Range(0, 10).Select(one => one == 0 ? ten : $"{ten}-{small[one]}"))];
    }
}
