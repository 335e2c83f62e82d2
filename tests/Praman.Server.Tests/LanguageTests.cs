using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NodaTime;
using Praman.Server.Endpoints;
using Praman.Server.Testing;
using Praman.Server.Words;
using Praman.Testing;

namespace Praman.Server.Tests;

/// <summary>English, Hindi and Gujarati: the texts agree, the choice works without script and is remembered, and no page falls back.</summary>
public sealed partial class LanguageTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    /// <summary>Texts that are places and marks alone, the same in every language.</summary>
    private static readonly string[] Same = ["BillBar", "BillForEnergy", "FromLine", "PlaceOther"];

    [Theory]
    [InlineData("hi", @"\p{IsDevanagari}", @"\p{IsGujarati}")]
    [InlineData("gu", @"\p{IsGujarati}", @"\p{IsDevanagari}")]
    public void TextsOfALanguageAreThoseOfEnglishWithTheSamePlaces(string language, string letter, string foreign)
    {
        Dictionary<string, string> english = Texts("Words.resx"), other = Texts($"Words.{language}.resx");
        Assert.Empty(english.Keys.Except(other.Keys));
        Assert.Empty(other.Keys.Except(english.Keys));
        foreach ((string key, string text) in english)
        {
            string said = other[key];
            Assert.Equal((key, Places(text)), (key, Places(said)));
            Assert.True(said.Trim().Length > 0 && string.Format(CultureInfo.InvariantCulture, said, [.. Enumerable.Range(0, 10).Cast<object>()]).Length > 0, key);
            if (Same.Contains(key)) Assert.Equal(text, said);
            else Assert.True(Regex.IsMatch(said, letter), $"{key} is not in {language}: {said}");
            Assert.False(Regex.IsMatch(said, foreign), $"{key} is in two scripts: {said}");
        }
    }

    [Theory]
    [InlineData("en-IN", "12,34,567.89", "Tuesday 14 April 2026", "98.77 kWh")]
    [InlineData("hi-IN", "12,34,567.89", "मंगलवार 14 अप्रैल 2026", "98.77 यूनिट")]
    [InlineData("gu-IN", "12,34,567.89", "મંગળવાર 14 એપ્રિલ 2026", "98.77 યુનિટ")]
    public void NumbersAreGroupedInLakhWithLatinDigitsAndDatesAreInTheLanguage(string culture, string number, string day, string energy)
    {
        CultureInfo.CurrentUICulture = Language.Supported.Single(one => one.Name == culture);
        Assert.Equal("₹" + number, Format.Current.Money(123456789));
        Assert.Equal("−₹" + number, Format.Current.Money(-123456789));
        Assert.Equal(day, Format.Current.DayLong(new LocalDate(2026, 4, 14)));
        Assert.Equal(energy, Format.Current.Kwh(98_765));
        for (int month = 1; month <= 12; month++)
        {
            var date = new LocalDate(2026, month, 28);
            string all = string.Join(' ', Format.Current.DayLong(date), Format.Current.DayShort(date), Format.Current.Month(date), Format.Current.Weekday(date), Format.Current.Percent(0.123m));
            if (culture != "en-IN") Assert.DoesNotMatch("[A-Za-z]", all);
            Assert.DoesNotMatch(@"[\p{Nd}-[0-9]]", all);
        }
    }

    [Theory]
    [InlineData(null, "en-IN")]
    [InlineData("fr, hi;q=0.5", "hi-IN")]
    [InlineData("hi;q=0.8, gu", "gu-IN")]
    [InlineData("hi;q=0, fr", "en-IN")]
    [InlineData("hil, gub", "en-IN")] // Hiligaynon and Guajajára, which only begin alike
    [InlineData("hi-Latn-IN", "hi-IN")]
    [InlineData("*", "en-IN")]
    public async Task ABrowserIsAnsweredInTheLanguageThatItAsksFor(string? accepted, string culture)
    {
        using TestClient client = fixture.Stranger();
        Assert.Equal(culture, LanguageOf(await PageAsync(client, "/sign-in", accepted)));
    }

    [Theory]
    [InlineData("hi", "अपना मीटर जानिए।")]
    [InlineData("gu", "તમારું મીટર જાણો.")]
    public async Task ALanguageIsChosenWithoutScriptAndRemembered(string language, string words)
    {
        using TestClient client = fixture.Stranger();
        string before = await client.PageAsync("/sign-in");
        foreach (string one in (string[])["en", "hi", "gu"]) Assert.Matches($"<button type=\"submit\" name=\"language\" value=\"{one}\" lang=\"{one}\" aria-pressed=\"{(one == "en" ? "true" : "false")}\">", before);
        using HttpResponseMessage response = await client.PostAsync("/language", "/sign-in", ("language", language), ("back", "/log"));
        Assert.Equal("/log", response.Headers.Location!.ToString());
        string cookie = response.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("praman-language=", StringComparison.Ordinal));
        Assert.Contains("max-age=31536000", cookie, StringComparison.Ordinal);
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        // It is stronger than what the browser asks for, on every page.
        string page = await PageAsync(client, "/sign-in", "en-IN");
        Assert.Equal($"{language}-IN", LanguageOf(page));
        Assert.Contains(words, WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        using HttpResponseMessage back = await client.PostAsync("/language", "/sign-in", ("language", "en"), ("back", "/sign-in"));
        Assert.Equal("en-IN", LanguageOf(await PageAsync(client, "/sign-in", "hi")));
    }

    [Fact]
    public async Task ALanguageThatIsNotThereIsNotRemembered()
    {
        using TestClient client = fixture.Stranger();
        using HttpResponseMessage response = await client.PostAsync("/language", "/sign-in", ("language", "xx"), ("back", "/log"));
        Assert.Equal("/log", response.Headers.Location!.ToString());
        Assert.DoesNotContain(response.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [], one => one.StartsWith("praman-language=", StringComparison.Ordinal));
        Assert.Equal("en-IN", LanguageOf(await client.PageAsync("/sign-in?lang=xx")));
    }

    [Fact]
    public async Task AnAddressMayNameTheLanguageUntilAnotherIsChosen()
    {
        using TestClient client = fixture.Stranger();
        Assert.Equal("gu-IN", LanguageOf(await PageAsync(client, "/check?lang=gu", "hi")));
        Assert.Equal("hi-IN", LanguageOf(await PageAsync(client, "/check", "hi"))); // a link that was followed chooses nothing for good
        using HttpResponseMessage response = await client.PostAsync("/language", "/check?lang=gu", ("language", "hi"), ("back", "/check?lang=gu"));
        Assert.Equal("/check", response.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task TheSwitchLeadsNowhereElse(string back)
    {
        using TestClient client = fixture.Stranger();
        using HttpResponseMessage response = await client.PostAsync("/language", "/sign-in", ("language", "hi"), ("back", back));
        Assert.Equal("/", response.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("/log", "/log")]
    [InlineData("/home?up=42", "/home?up=42")]
    [InlineData("/home?up=42&lang=hi", "/home?up=42")]
    [InlineData("/home?lang=hi&up=42", "/home?up=42")]
    [InlineData("/home?lang", "/home")]
    [InlineData("/home?language=1", "/home?language=1")]
    public void AParameterIsTakenFromAnAddress(string path, string without) => Assert.Equal(without, LocalPath.Without(path, "lang"));

    [Fact]
    public async Task WhatProgramsReadStaysEnglish()
    {
        using TestClient client = await fixture.AsAsync("asha");
        string problem = await PageAsync(client, "/api/v1/bills/NOTHING", "hi", HttpStatusCode.NotFound);
        Assert.Contains("There is nothing here", problem, StringComparison.Ordinal);
        using HttpResponseMessage english = await client.GetAsync("/bill/SVN-42-202603/bill.json"), hindi = await client.GetAsync("/bill/SVN-42-202603/bill.json?lang=hi");
        Assert.Equal(await english.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), await hindi.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    public static TheoryData<string, string, string> Pages
    {
        get
        {
            var pages = new TheoryData<string, string, string>();
            foreach (string language in (string[])["hi", "gu"])
            {
                foreach ((string person, string path) in ((string, string)[])[
                    ("", "/sign-in"), ("", "/check"), ("", "/log"), ("asha", "/nothing/here"), ("asha", "/home"), ("bina", "/home"), ("bina", "/wallet"), ("bina", "/wallet/43/month/2026-03"), ("asha", "/use/42/month/2026-04"), ("asha", "/use/42/month/2026-01"), ("asha", "/use/42/day/2020-01-05"),
                    ("asha", "/use/42/day/2026-04-09"), ("asha", "/use/42/day/2026-04-11"), ("asha", "/use/42/day/2026-02-17"), ("asha", "/use/42/day/2026-04-12"), ("operator", "/operator/rebill"), ("lena", "/use/45/day/2025-10-26"), ("asha", "/bills"),
                    ("asha", "/bill/SVN-42-202602"), ("asha", "/bill/SVN-42-202603"), ("asha", "/who-looked"), ("operator", "/operator"), ("operator", "/operator/usage-points"), ("auditor", "/audit")])
                {
                    pages.Add(language, person, path);
                }
            }
            return pages;
        }
    }

    /// <summary>
    /// No page falls back to English: what is left of Latin letters is marked as English, or is a name, a number of a thing, a file or a unit.
    /// </summary>
    [Theory, MemberData(nameof(Pages))]
    public async Task NoWordOfAPageIsLeftInEnglish(string language, string person, string path)
    {
        using TestClient client = person.Length == 0 ? fixture.Stranger() : await fixture.AsAsync(person);
        string page = await PageAsync(client, path, language, path is "/nothing/here" or "/use/42/day/2020-01-05" ? HttpStatusCode.NotFound : HttpStatusCode.OK);
        Assert.Equal($"{language}-IN", LanguageOf(page));
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(page), 1_000, PageMax);
        string text = WebUtility.HtmlDecode(Tag().Replace(NotWords().Replace(page, " "), " "));
        Assert.Equal("", string.Join(' ', LatinWord().Matches(text).Select(match => match.Value).Distinct().Except(Names)));
        // What is read aloud counts too.
        Assert.Equal("", string.Join(' ', Aloud().Matches(page).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).SelectMany(said => LatinWord().Matches(said).Select(match => match.Value)).Distinct().Except(Names)));
    }

    [Theory]
    [InlineData("hi", "रुपये मात्र", "हिसाब कैसे लगा", "ऊर्जा शुल्क", "पिछले बिल से क्या बदला")]
    [InlineData("gu", "રૂપિયા પૂરા", "હિસાબ કેવી રીતે થયો", "ઊર્જા ચાર્જ", "પાછલા બિલથી શું બદલાયું")]
    public async Task ABillSaysItsAmountAndItsLinesInTheLanguage(string language, params string[] words)
    {
        using TestClient asha = await fixture.AsAsync("asha");
        string page = WebUtility.HtmlDecode(await asha.PageAsync($"/bill/SVN-42-202603?lang={language}"));
        foreach (string word in words) Assert.Contains(word, page, StringComparison.Ordinal);
        // The sums of the lines: the same figures, other words.
        string english = WebUtility.HtmlDecode(await asha.PageAsync("/bill/SVN-42-202603"));
        string[] formulas = [.. Formula().Matches(page).Select(match => match.Groups[1].Value)], inEnglish = [.. Formula().Matches(english).Select(match => match.Groups[1].Value)];
        Assert.Equal(4, formulas.Length);
        for (int i = 0; i < formulas.Length; i++)
        {
            Assert.NotEqual(inEnglish[i], formulas[i]);
            Assert.Equal(Figures(inEnglish[i]).Order(), Figures(formulas[i]).Order());
        }
    }

    [Theory]
    [InlineData("50 kWh × 3.05 = 152.50; 12 kWh × 3.50 = 42.00; sum = 194.50", "50 यूनिट × 3.05 = 152.50; 12 यूनिट × 3.50 = 42.00; जोड़ = 194.50")]
    [InlineData("25 × 1 month = 25.00", "25 × 1 महीना = 25.00")]
    [InlineData("2 kW × 125 × 6/30 months = 50.00", "2 kW × 125 × 6/30 महीने = 50.00")]
    [InlineData("summer: 1.10 × 12 days = 13.20", "summer: 1.10 × 12 दिन = 13.20")]
    [InlineData("15 % of 1234.50 INR = 185.18", "₹1234.50 का 15 % = 185.18")]
    [InlineData("5 % of -20.00 INR = -1.00", "-₹20.00 का 5 % = -1.00")]
    [InlineData("5 % of 20.00 EUR = 1.00", "20.00 EUR का 5 % = 1.00")]
    [InlineData("120.5 kWh at the price of each interval = 20.00", "120.5 यूनिट हर अंतराल के भाव पर = 20.00")]
    [InlineData("nothing to charge = 0.00", "कोई शुल्क नहीं = 0.00")]
    [InlineData("not computed: an input is not known", "हिसाब नहीं लगा: एक आँकड़ा पता नहीं है")]
    [InlineData("1 bill = -100.00", "1 बिल = -100.00")]
    public void TheSumsOfALineKeepTheirFiguresAndSayTheirWords(string formula, string words)
    {
        CultureInfo.CurrentUICulture = Language.Find("hi")!;
        Assert.Equal(words, FormulaWords.Of(formula));
        CultureInfo.CurrentUICulture = Language.Find("en")!;
        Assert.Equal(formula, FormulaWords.Of(formula));
    }

    [Theory]
    [InlineData("Energy charge", "ઊર્જા ચાર્જ")]
    [InlineData("Electricity duty", "વીજ શુલ્ક")]
    [InlineData("Electricity duty 10%", "વીજ શુલ્ક 10%")]
    [InlineData("Electricity duty 7.5%", "વીજ શુલ્ક 7.5%")]
    [InlineData("GST 18% on meter rent", "મીટર ભાડા પર GST 18%")]
    [InlineData("Charge of a tariff that nobody has seen", null)]
    public void AChargeIsNamedInTheLanguageWhereItHasWords(string label, string? words)
    {
        CultureInfo.CurrentUICulture = Language.Find("gu")!;
        Assert.Equal(words, ChargeWords.Of(label));
        CultureInfo.CurrentUICulture = Language.Find("en")!;
        Assert.Equal(words is null ? null : label, ChargeWords.Of(label));
    }

    /// <summary>Octets of a page without its style; letters of these scripts take more of them.</summary>
    private const int PageMax = 100_000;

    private static readonly string[] Names =
    [
        "Praman", "kWh", .. "Asha Patel Bina Shah Lena Clarke Rao Anu Iyer Sample Vidyut Nigam LDN".Split(' '),
    ];

    private static Dictionary<string, string> Texts(string file) =>
        XDocument.Load(TestFiles.InRepository("src", "Praman.Server", "Words", file)).Root!.Elements("data").ToDictionary(d => (string)d.Attribute("name")!, d => (string)d.Element("value")!);

    private static string Places(string text) => string.Join(' ', Place().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));

    private static string LanguageOf(string page) => Regex.Match(page, "<html lang=\"([^\"]+)\"").Groups[1].Value;

    private static IEnumerable<string> Figures(string formula) => Regex.Matches(formula, @"-?\d+(\.\d+)?").Select(match => match.Value);

    private static async Task<string> PageAsync(TestClient client, string path, string? accepted, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (accepted is not null) Assert.True(request.Headers.TryAddWithoutValidation("Accept-Language", accepted));
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();

    [GeneratedRegex("<p class=\"formula\">([^<]*)</p>")]
    private static partial Regex Formula();

    /// <summary>What is not the page's own text: scripts, keys, hashes, commands, and what is marked as English.</summary>
    [GeneratedRegex("<(script|style|pre|textarea)\\b.*?</\\1>|<(\\w+)[^>]*\\b(?:lang=\"en\"|class=\"hash\")[^>]*>.*?</\\2>", RegexOptions.Singleline)]
    private static partial Regex NotWords();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex("\\b(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"")]
    private static partial Regex Aloud();

    [GeneratedRegex(@"(?<![\w./-])[A-Za-z]{3,}(?![\w/-]|\.\w)")]
    private static partial Regex LatinWord();
}
