using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Praman.Server.Bills;
using Praman.Server.Testing;

namespace Praman.Server.Browser.Tests;

/// <summary>Each page at two widths and in both themes: no violation of WCAG 2.2 AA that axe knows, nothing wider than its window, every target large enough.</summary>
[Collection(OneBrowser.Name)]
public sealed class EveryPageTests(BrowserFixture browser)
{
    /// <summary>Where the code of a bill on paper leads.</summary>
    private static readonly string CodePath = ProofCode.Of("/", new SampleLog(new SampleTown()).Bills["SVN-42-202603"])!.Address;

    private static readonly (string Name, string Person, string Path)[] All =
    [
        ("sign-in", "", "/sign-in"), ("check", "", "/check"), ("check-code", "", CodePath), ("log", "", "/log"), ("not-found", "asha", "/nothing/here"), ("home", "asha", "/home"),
        ("month", "asha", "/use/42/month/2026-04"), ("day", "asha", "/use/42/day/2026-04-09"), ("day-with-hole", "asha", "/use/42/day/2026-04-11"),
        ("day-without-supply", "asha", "/use/42/day/2026-02-17"), ("day-edited", "asha", "/use/42/day/2026-04-12"),
        ("day-of-25-hours", "lena", "/use/45/day/2025-10-26"), ("bills", "asha", "/bills"), ("bill", "asha", "/bill/SVN-42-202603"), ("two-connections", "bina", "/home"), ("wallet", "bina", "/wallet?up=43"), ("wallet-month", "bina", "/wallet/43/month/2026-03"),
        ("who-looked", "asha", "/who-looked"), ("operator", "operator", "/operator"), ("usage-points", "operator", "/operator/usage-points"),
        ("operator-bills", "operator", "/operator/bills"), ("releases", "supervisor", "/operator/releases"), ("rebill", "operator", "/operator/rebill"), ("edit", "supervisor", "/operator/edit/42/2026-04-12"), ("purpose", "operator", "/use/42/day/2026-04-09"), ("audit", "auditor", "/audit"),
    ];

    public static TheoryData<string> Names => [.. All.Select(p => p.Name)];

    [Theory, MemberData(nameof(Names))]
    public Task AxeFindsNothingAtTwoWidthsAndInBothThemes(string name) => browser.WalkAsync($"axe-{name}", 390, dark: false, async page =>
    {
        await OpenAsync(page, name);
        await Pictures.TakeAsync(page, $"{name}-390-folded");
        if (name == "bill")
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Check this bill" }).ClickAsync();
            await page.GetByText("This bill is right").WaitForAsync();
            await OpenAllAsync(page);
        }
        if (name.StartsWith("wallet", StringComparison.Ordinal)) await OpenAllAsync(page);
        foreach (int width in (int[])[390, 1280])
        {
            await page.SetViewportSizeAsync(width, 900);
            foreach (ColorScheme scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                AxeResult result = await page.RunAxe(new AxeRunOptions
                {
                    RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
                });
                Assert.Empty(result.Violations.SelectMany(v => v.Nodes.Select(n => $"{width} {scheme} {v.Id}: {n.Html} ({n.Any.Concat(n.All).FirstOrDefault()?.Message})")));
                Assert.NotEmpty(result.Passes);
                await Pictures.TakeAsync(page, $"{name}-{width}-{(scheme == ColorScheme.Dark ? "dark" : "light")}");
            }
        }
    });

    [Theory]
    [InlineData(320)]
    [InlineData(390)]
    [InlineData(1280)]
    public Task NothingIsWiderThanItsWindow(int width) => browser.WalkAsync($"width-{width}", width, false, async page =>
    {
        foreach (string name in All.Select(p => p.Name))
        {
            await OpenAsync(page, name);
            await OpenAllAsync(page);
            int wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
            Assert.True(wide <= width, $"{name} is {wide} wide in a window of {width}");
        }
    });

    [Theory]
    [InlineData("hi", 320)]
    [InlineData("hi", 390)]
    [InlineData("gu", 320)]
    [InlineData("gu", 390)]
    public Task NothingIsWiderThanItsWindowInAnotherLanguage(string language, int width) => browser.WalkAsync($"width-{language}-{width}", width, false, async page =>
    {
        foreach (string name in All.Select(p => p.Name))
        {
            await OpenAsync(page, name, language);
            await OpenAllAsync(page);
            int wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
            Assert.True(wide <= width, $"{name} in {language} is {wide} wide in a window of {width}");
            if (width == 390) await Pictures.TakeAsync(page, $"{name}-{language}-390");
        }
    });

    [Theory]
    [InlineData("hi", "यह बिल जाँचें", "यह बिल सही है")]
    [InlineData("gu", "આ બિલ ચકાસો", "આ બિલ સાચું છે")]
    public Task AxeFindsNothingInAnotherLanguage(string language, string button, string verdict) => browser.WalkAsync($"axe-{language}", 390, dark: false, async page =>
    {
        foreach (string name in (string[])["home", "bill", "sign-in"])
        {
            await OpenAsync(page, name, language);
            if (name == "bill")
            {
                await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
                await page.GetByText(verdict, new() { Exact = true }).WaitForAsync();
                await OpenAllAsync(page);
                await Pictures.TakeAsync(page, $"bill-checked-{language}-390");
            }
            AxeResult result = await page.RunAxe(new AxeRunOptions
            {
                RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
            });
            Assert.Empty(result.Violations.SelectMany(v => v.Nodes.Select(n => $"{name} {language} {v.Id}: {n.Html} ({n.Any.Concat(n.All).FirstOrDefault()?.Message})")));
            Assert.NotEmpty(result.Passes);
        }
    });

    [Fact]
    public Task ABillPrintsWithEveryLineOpen() => browser.WalkAsync(nameof(ABillPrintsWithEveryLineOpen), 1280, false, async page =>
    {
        await OpenAsync(page, "bill");
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.True(await page.GetByText("How it was computed").First.IsVisibleAsync());
        Assert.False(await page.GetByRole(AriaRole.Button, new() { Name = "Check this bill" }).IsVisibleAsync());
        await Pictures.TakeAsync(page, "bill-print");
    });

    /// <summary>Opens whatever is folded, so that it is looked at too.</summary>
    private static Task OpenAllAsync(IPage page) => page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = true)");

    private async Task OpenAsync(IPage page, string name, string language = "")
    {
        (string _, string person, string path) = All.Single(p => p.Name == name);
        await browser.EnterAsync(page, person, language);
        await page.GotoAsync(path);
        if (name != "edit" || await page.Locator("#purpose").CountAsync() == 0) return;
        // The form shows a person's half-hours: a purpose opens it, once for this session.
        await page.Locator("#purpose").FillAsync("the display was read at a visit");
        await page.Locator("form.stack button").ClickAsync();
        await page.Locator("#reason").WaitForAsync();
    }
}
