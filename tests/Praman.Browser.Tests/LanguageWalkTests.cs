using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Praman.Server.Testing;
using static Microsoft.Playwright.Assertions;

namespace Praman.Server.Browser.Tests;

/// <summary>The pages in Hindi and Gujarati, as a person chooses and reads them.</summary>
[Collection(OneBrowser.Name)]
public sealed class LanguageWalkTests(BrowserFixture browser)
{
    [Theory]
    [InlineData("हिन्दी", "hi-IN", "होम", "बिल", "मार्च 2026 का बिल", "English", "Bill for March 2026")]
    [InlineData("ગુજરાતી", "gu-IN", "હોમ", "બિલ", "માર્ચ 2026નું બિલ", "English", "Bill for March 2026")]
    public Task ALanguageIsChosenInTheHeaderWithoutScriptAndStays(string name, string language, string home, string bills, string bill, string english, string billInEnglish) =>
        browser.WalkAsync($"{nameof(ALanguageIsChosenInTheHeaderWithoutScriptAndStays)}-{language}", 390, dark: false, async page =>
        {
            await BrowserFixture.SignInAsync(page, "asha");
            await page.GetByRole(AriaRole.Button, new() { Name = name }).ClickAsync();
            await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", language);
            await Expect(page).ToHaveURLAsync(new Regex("/home$"));
            await Expect(page.GetByRole(AriaRole.Button, new() { Name = name })).ToHaveAttributeAsync("aria-pressed", "true");
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = home, Exact = true })).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Link, new() { Name = bills, Exact = true }).ClickAsync();
            await page.Locator("a[href='/bill/SVN-42-202603']").ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = bill })).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = english }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = billInEnglish })).ToBeVisibleAsync();
        }, script: false);

    /// <summary>Each state of the check in the words of the page: nothing of the verifier's own English shows where it has words.</summary>
    [Theory]
    [InlineData("hi", "यह बिल जाँचें", "या अपनी कोई फ़ाइल जाँचें", "यह बिल सही है", "हिसाब सही है, पर कुछ अनुमान हैं", "यह बिल सही नहीं है", "साबित नहीं हुआ", "साक्षी", "ईंधन अधिभार")]
    [InlineData("gu", "આ બિલ ચકાસો", "અથવા તમારી પોતાની ફાઇલ", "આ બિલ સાચું છે", "હિસાબ સાચો છે, પણ કેટલાક અંદાજ છે", "આ બિલ સાચું નથી", "સાબિત થયું નથી", "સાક્ષી", "ઈંધણ સરચાર્જ")]
    public Task TheCheckSpeaksTheLanguageOfThePage(
        string language, string button, string own, string valid, string estimates, string different, string unproven, string witness, string fuel) =>
        browser.WalkAsync($"{nameof(TheCheckSpeaksTheLanguageOfThePage)}-{language}", 390, dark: false, async page =>
        {
            ILocator status = page.GetByRole(AriaRole.Status);
            await browser.EnterAsync(page, "asha", language);
            await page.GotoAsync("/bill/SVN-42-202602");
            await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
            await Expect(status).ToContainTextAsync(estimates);
            await NoEnglishAsync(status);
            await page.GotoAsync("/bill/SVN-42-202603");
            await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
            await Expect(status).ToContainTextAsync(valid);
            await Expect(status.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(5);
            await NoEnglishAsync(status);

            string bill = await (await page.APIRequest.GetAsync("/bill/SVN-42-202603/bill.json")).TextAsync();
            string changed = Regex.Replace(bill, "(\"id\":\"fuel\",.*?\"paise\":[0-9]*?)([0-9])(,\"parts\")", m => m.Groups[1].Value + (char)('0' + ((m.Groups[2].Value[0] - '0' + 1) % 10)) + m.Groups[3].Value);
            Assert.NotEqual(bill, changed);
            await page.GetByLabel(own).SetInputFilesAsync(new FilePayload { Name = "copy.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(changed) });
            await Expect(status).ToContainTextAsync(different);
            await Expect(status).ToContainTextAsync(fuel);
            await NoEnglishAsync(status);

            // Without the proof, and without keys: what is missing is named in words too.
            await page.GotoAsync("/check");
            await page.Locator("details.keys summary").ClickAsync();
            await page.Locator("[data-witness-keys]").FillAsync("");
            Queries.BillFiles files = new SampleLog(new SampleTown()).Bills["SVN-43-202603"];
            await page.Locator("[data-own-file]").SetInputFilesAsync(
            [
                new FilePayload { Name = "bill.json", MimeType = "application/json", Buffer = files.Bill.ToArray() },
                new FilePayload { Name = "bill.tlog-proof", MimeType = "text/plain", Buffer = files.Proof.ToArray() },
            ]);
            await Expect(status).ToContainTextAsync(unproven);
            await Expect(status.GetByRole(AriaRole.Listitem).Filter(new() { HasText = witness }).First).ToBeVisibleAsync();
            await NoEnglishAsync(status);
        });

    /// <summary>The system has letters for the language, and Chromium draws with them.</summary>
    [Theory]
    [InlineData("hi", "Devanagari")]
    [InlineData("gu", "Gujarati")]
    public Task TheLettersAreDrawnWithAFontThatHasThem(string language, string script) => browser.WalkAsync($"letters-{language}", 390, dark: false, async page =>
    {
        await browser.EnterAsync(page, "asha", language);
        await page.GotoAsync("/home");
        ICDPSession session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("DOM.enable");
        await session.SendAsync("CSS.enable");
        var root = await session.SendAsync("DOM.getDocument");
        var heading = await session.SendAsync("DOM.querySelector", new() { ["nodeId"] = root!.Value.GetProperty("root").GetProperty("nodeId").GetInt32(), ["selector"] = "#sure" });
        var fonts = await session.SendAsync("CSS.getPlatformFontsForNode", new() { ["nodeId"] = heading!.Value.GetProperty("nodeId").GetInt32() });
        string[] drawn = [.. fonts!.Value.GetProperty("fonts").EnumerateArray().Select(font => font.GetProperty("familyName").GetString()!)];
        Assert.Contains(drawn, family => family.Contains(script, StringComparison.Ordinal));
    });

    private static async Task NoEnglishAsync(ILocator status)
    {
        await Expect(status.Locator("[lang=en]")).ToHaveCountAsync(0);
        Assert.DoesNotMatch(@"\b(missing|computed|found|interval|meter|line|total|entry|witness|salt was|checked)\b", await status.InnerTextAsync());
    }
}
