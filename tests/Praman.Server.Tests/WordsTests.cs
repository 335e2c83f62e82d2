using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CsCheck;
using NodaTime;
using Praman.Server.Plots;
using Praman.Server.Usage;
using Praman.Server.Words;
using Praman.Testing;

namespace Praman.Server.Tests;

public sealed partial class WordsTests
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-IN");

    public WordsTests() => CultureInfo.CurrentUICulture = Language.Supported[0];

    [Theory]
    [InlineData(12345678, "₹1,23,456.78")]
    [InlineData(1234567890123, "₹12,34,56,78,901.23")]
    [InlineData(-2000, "−₹20.00")]
    [InlineData(5, "₹0.05")]
    public void MoneyIsGroupedInLakhAndCrore(long paise, string text) => Assert.Equal(text, Format.Current.Money(paise));

    [Theory]
    [InlineData(103250, "Rupees one thousand thirty-two and fifty paise only")]
    [InlineData(0, "Rupees zero only")]
    [InlineData(1, "Rupees zero and one paise only")]
    [InlineData(1234567800, "Rupees one crore twenty-three lakh forty-five thousand six hundred seventy-eight only")]
    [InlineData(-10000, "Minus rupees one hundred only")]
    [InlineData(1_00_00_000_00, "Rupees one crore only")]
    public void AmountsAreWrittenOutAsOnACheque(long paise, string words) => Assert.Equal(words, AmountInWords.Of(paise, "INR", English));

    [Fact]
    public void OtherCurrenciesHaveNoRupees() => Assert.Null(AmountInWords.Of(100, "EUR", English));

    [Theory]
    [InlineData(103250, "एक हज़ार बत्तीस रुपये पचास पैसे मात्र", "એક હજાર બત્રીસ રૂપિયા અને પચાસ પૈસા પૂરા")]
    [InlineData(0, "शून्य रुपये मात्र", "શૂન્ય રૂપિયા પૂરા")]
    [InlineData(1, "शून्य रुपये एक पैसे मात्र", "શૂન્ય રૂપિયા અને એક પૈસા પૂરા")]
    [InlineData(1234567800, "एक करोड़ तेईस लाख पैंतालीस हज़ार छह सौ अठहत्तर रुपये मात्र", "એક કરોડ ત્રેવીસ લાખ પિસ્તાળીસ હજાર છ સો ઇઠ્યોતેર રૂપિયા પૂરા")]
    [InlineData(-10000, "ऋण एक सौ रुपये मात्र", "ઓછા એક સો રૂપિયા પૂરા")]
    [InlineData(4_99_99_99_999_99, "चार सौ निन्यानवे करोड़ निन्यानवे लाख निन्यानवे हज़ार नौ सौ निन्यानवे रुपये निन्यानवे पैसे मात्र", null)]
    public void AmountsAreWrittenOutInHindiAndGujarati(long paise, string hindi, string? gujarati)
    {
        Assert.Equal(hindi, AmountInWords.Of(paise, "INR", CultureInfo.GetCultureInfo("hi-IN")));
        if (gujarati is not null) Assert.Equal(gujarati, AmountInWords.Of(paise, "INR", CultureInfo.GetCultureInfo("gu-IN")));
    }

    [Theory]
    [InlineData("en-IN", "crore", "lakh", "thousand", "hundred")]
    [InlineData("hi-IN", "करोड़", "लाख", "हज़ार", "सौ")]
    [InlineData("gu-IN", "કરોડ", "લાખ", "હજાર", "સો")]
    public void WordsReadBackAreTheAmount(string language, string crore, string lakh, string thousand, string hundred)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        var units = new Dictionary<string, ulong> { [crore] = 10_000_000, [lakh] = 100_000, [thousand] = 1_000, [hundred] = 100 };
        // Every number below a hundred has a name of its own; the names are read from amounts of whole rupees.
        int before = language == "en-IN" ? 1 : 0;
        Dictionary<string, ulong> names = Enumerable.Range(0, 100).ToDictionary(n => AmountInWords.Of(n * 100L, "INR", culture)!.Split(' ')[before], n => (ulong)n);
        Assert.Equal(100, names.Count);
        Gen.Long[long.MinValue, long.MaxValue].Sample(paise =>
        {
            string[] words = AmountInWords.Of(paise, "INR", culture)!.Split(' ');
            (ulong done, ulong group, ulong rupees, bool isRupees) = (0, 0, 0, true);
            ulong absolute = paise < 0 ? (ulong)-(paise + 1) + 1 : (ulong)paise;
            bool stopped = false;
            foreach (string word in words)
            {
                if (names.TryGetValue(word, out ulong number)) group += number;
                else if (units.TryGetValue(word, out ulong unit))
                {
                    if (unit == 10_000_000) (done, group) = ((done + group) * unit, 0);
                    else (done, group) = (done + (group * unit), 0);
                }
                else if (word is "and" or "रुपये" or "રૂપિયા")
                {
                    if (!isRupees) continue;
                    (rupees, done, group, isRupees) = (done + group, 0, 0, false);
                    stopped = true;
                }
            }
            if (!stopped) (rupees, group) = (done + group, 0);
            Assert.Equal(absolute, (rupees * 100) + group);
            Assert.Equal(paise < 0, words[0] is "Minus" or "ऋण" or "ઓછા");
        });
    }

    [Theory]
    [InlineData(98_765, "98.77 kWh")]
    [InlineData(1_234_567, "1,234.6 kWh")]
    [InlineData(123_456_789, "1,23,456.8 kWh")]
    public void EnergyIsRoundedForAGlance(long wh, string text) => Assert.Equal(text, Format.Current.Kwh(wh));

    [Theory]
    [InlineData(5_234, 4_229, "5.23 kWh", "4.23 kWh", "1.00 kWh")] // 1.005 by itself, which is shown as 1.01
    [InlineData(99_996, 90_004, "100.00 kWh", "90.00 kWh", "10.00 kWh")]
    [InlineData(249_960, 99_874, "250.0 kWh", "99.87 kWh", "150.13 kWh")]
    [InlineData(300_049, 150_050, "300.0 kWh", "150.1 kWh", "149.9 kWh")]
    public void WhatLiesBetweenTwoEnergiesAddsUpAsTheyAreShown(long one, long other, string use, string usual, string between)
    {
        Assert.Equal((use, usual), (Format.Current.Kwh(one), Format.Current.Kwh(other)));
        Assert.Equal((between, between), (Format.Current.KwhBetween(one, other), Format.Current.KwhBetween(other, one)));
        static decimal Number(string text) => decimal.Parse(text[..^4], CultureInfo.InvariantCulture);
        Assert.Equal(Number(use), Number(usual) + Number(between));
    }

    [Fact]
    public void NoTextOfThePagesCountsOneAsMany()
    {
        Assert.Equal("1 interval of this day is not known yet.", Format.Current.Text(Format.Of(1, W.DayNotWholeOne, W.DayNotWhole), 1));
        Assert.Equal("2 intervals of this day are not known yet.", Format.Current.Text(Format.Of(2, W.DayNotWholeOne, W.DayNotWhole), 2));
        XDocument resources = XDocument.Load(TestFiles.InRepository("src", "Praman.Server", "Words", "Words.resx"));
        var texts = resources.Root!.Elements("data").ToDictionary(d => (string)d.Attribute("name")!, d => (string)d.Element("value")!);
        // Such a text has another beside it, for one. The others never come to one; in EditedLine it is a name that enters readings.
        string[] neverOne = ["BillAllMeasured", "BillEdited", "DayHasHours", "EditedLine", "RolledOver", .. texts.Keys.Where(key => key.EndsWith("One", StringComparison.Ordinal))];
        Assert.All(texts.Where(text => CountsMany().IsMatch(text.Value) && !neverOne.Contains(text.Key)),
            text => Assert.True(texts.ContainsKey(text.Key + "One"), $"{text.Key}: {text.Value}"));
    }

    [GeneratedRegex(@"\{\d\} (\p{L}+ )?(intervals|times|days|bars|day blocks|hours|digits|entries|readings|meters|bills)\b")]
    private static partial Regex CountsMany();

    [Fact]
    public void APeriodIsItsMonthWhereItIsOne()
    {
        Assert.Equal("February 2028", Format.Current.Period(new DateInterval(new(2028, 2, 1), new(2028, 2, 29))));
        Assert.Equal("1 February 2028 – 28 February 2028", Format.Current.Period(new DateInterval(new(2028, 2, 1), new(2028, 2, 28))));
    }

    [Theory]
    [InlineData("155/3", "155/3")]
    [InlineData("1234567.50", "12,34,567.50")]
    [InlineData("3.05", "3.05")]
    public void ADecimalOfABillKeepsItsDigits(string text, string shown) => Assert.Equal(shown, Format.Current.Decimal(text));

    [Theory]
    [InlineData(0.83, 1.0, 0.25)]
    [InlineData(4, 4, 1)]
    [InlineData(4.1, 6, 2)]
    [InlineData(7.9, 8, 2)]
    [InlineData(99, 100, 25)]
    [InlineData(100, 100, 25)]
    [InlineData(0.0004, 0.0004, 0.0001)]
    public void TheAxisOfAPlotEndsOnARoundNumber(double highest, double top, double step)
    {
        var plot = new BarPlot("p", "", "", "kWh", [new Bar((decimal)highest, Sureness.Measured, "")]);
        decimal[] marks = [.. plot.Marks];
        Assert.Equal(0m, marks[0]);
        Assert.Equal((decimal)step, marks[1]);
        Assert.Equal((decimal)top, marks[^1]);
        Assert.True(plot.YOf((decimal)highest) >= BarPlot.Top);
    }

    [Theory]
    [InlineData("V13", "A spike: one interval far above the rest of the day")]
    [InlineData("VAL-SPIKE (V13)", "A spike: one interval far above the rest of the day")]
    [InlineData("EST-NONE (section 5)", "No estimate could be made")]
    [InlineData("MY-RULE", "A rule of the configuration")]
    public void ARuleIsSaidInWords(string rule, string words) => Assert.Equal(words, RuleWords.Of(rule));

    [Fact]
    public void APlotOfNothingStillHasAnAxis()
    {
        var plot = new BarPlot("p", "", "", "kWh", []);
        Assert.Equal([0m, 1m], plot.Marks);
    }
}
