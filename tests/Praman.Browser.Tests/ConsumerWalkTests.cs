using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Praman.Server.Testing;
using static Microsoft.Playwright.Assertions;

namespace Praman.Server.Browser.Tests;

/// <summary>What a consumer does, as a person does it: by names of things on the screen.</summary>
[Collection(OneBrowser.Name)]
public sealed class ConsumerWalkTests(BrowserFixture browser)
{
    [Fact]
    public Task SignInHomeDayMonthBillLineCheckIsGreen() => browser.WalkAsync(nameof(SignInHomeDayMonthBillLineCheckIsGreen), 390, dark: false, async page =>
    {
        await BrowserFixture.SignInAsync(page, "asha");
        await Expect(page.GetByRole(AriaRole.Heading, new() { NameRegex = new Regex("Yesterday, Tuesday 14 April 2026") })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "See the half-hours" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Tuesday 14 April 2026" })).ToBeVisibleAsync();
        await Expect(page.GetByText("13:00 to 14:30: estimated on a straight line between its neighbours.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Days" }).GetByRole(AriaRole.Link, new() { Name = "13 Apr" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Monday 13 April 2026" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "April 2026" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "March 2026" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { NameRegex = new Regex("31 Mar") })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = "Bills" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("March 2026") }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Bill for March 2026" })).ToBeVisibleAsync();
        await page.GetByText("Energy charge").First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "How it was computed" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Tariff order for FY 2025-26, schedule of domestic rates" }).First).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Check this bill" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("This bill is right");
        foreach (string step in (string[])["stands in the public log", "a witness signed", "tariff is the one", "readings are the meter’s", "computes to the paisa"])
        {
            await Expect(page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = step })).ToContainTextAsync("Right");
        }
    });

    [Fact]
    public Task ABillWithEstimatesIsAmberWithTheirNumber() => browser.WalkAsync(nameof(ABillWithEstimatesIsAmberWithTheirNumber), 390, dark: true, async page =>
    {
        await BrowserFixture.SignInAsync(page, "asha");
        await page.GotoAsync("/bill/SVN-42-202602");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check this bill" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Computed right, with estimates");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("estimated intervals: 4 (");
        await Expect(page.Locator(".result")).ToHaveClassAsync("result amber");
        await Pictures.TakeAsync(page, "bill-checked-390-dark", whole: false);
    });

    [Fact]
    public Task ACopyChangedByOnePaisaIsRedAndTheLineIsNamed() => browser.WalkAsync(nameof(ACopyChangedByOnePaisaIsRedAndTheLineIsNamed), 1280, dark: false, async page =>
    {
        await BrowserFixture.SignInAsync(page, "asha");
        await page.GotoAsync("/bill/SVN-42-202603");
        string bill = await (await page.APIRequest.GetAsync("/bill/SVN-42-202603/bill.json")).TextAsync();
        string changed = Regex.Replace(bill, "(\"id\":\"fuel\",.*?\"paise\":[0-9]*?)([0-9])(,\"parts\")", m => m.Groups[1].Value + (char)('0' + ((m.Groups[2].Value[0] - '0' + 1) % 10)) + m.Groups[3].Value);
        Assert.NotEqual(bill, changed);
        await page.GetByLabel("Or check a file of your own").SetInputFilesAsync(new FilePayload { Name = "copy.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(changed) });
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("This bill is not right");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Fuel surcharge");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Checked: copy.json");
        await Expect(page.Locator("details.line.is-different")).ToHaveAttributeAsync("open", "");
        await Expect(page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "computes to the paisa" })).ToContainTextAsync(new Regex("fuel: computed ₹[0-9.]+, found ₹"));
        await Pictures.TakeAsync(page, "bill-check-red-1280", whole: false);
    });

    [Fact]
    public Task ABillWithAnUnknownFieldIsNotCheckedWhichIsNoAmber() => browser.WalkAsync(nameof(ABillWithAnUnknownFieldIsNotCheckedWhichIsNoAmber), 390, dark: false, async page =>
    {
        await BrowserFixture.SignInAsync(page, "asha");
        await page.GotoAsync("/bill/SVN-42-202603");
        string bill = await (await page.APIRequest.GetAsync("/bill/SVN-42-202603/bill.json")).TextAsync();
        string changed = bill.Replace("\"period\":", "\"note\":\"\",\"period\":", StringComparison.Ordinal);
        Assert.NotEqual(bill, changed);
        await page.GetByLabel("Or check a file of your own").SetInputFilesAsync(new FilePayload { Name = "copy.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(changed) });
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("This file cannot be checked");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("copy.json: note: expected no such member");
        await Expect(page.Locator(".result")).ToHaveClassAsync("result unchecked");
        await Expect(page.GetByRole(AriaRole.Status).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(0);
        foreach (ColorScheme scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            AxeResult result = await page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast"] } });
            Assert.Empty(result.Violations.SelectMany(violation => violation.Nodes.Select(node => node.Html)));
            Assert.NotEmpty(result.Passes);
        }
        await Pictures.TakeAsync(page, "bill-unchecked-390", whole: false);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check this bill" }).ClickAsync();
        await Expect(page.Locator(".result")).ToHaveClassAsync("result green");
    });

    [Fact]
    public Task AReadingChangedByOneWattHourIsRedAndTheDayIsNamed() => browser.WalkAsync(nameof(AReadingChangedByOneWattHourIsRedAndTheDayIsNamed), 390, dark: false, async page =>
    {
        await BrowserFixture.SignInAsync(page, "asha");
        await page.GotoAsync("/bill/SVN-42-202603");
        string evidence = await (await page.APIRequest.GetAsync("/bill/SVN-42-202603/bill.evidence.json")).TextAsync();
        Metering.IntervalBlock true12 = new SampleTown().Block(SampleTown.Asha, new(2026, 3, 12))!;
        (long[] values, Metering.IntervalQuality[] qualities) = true12.Decode();
        values[30]++;
        string changed = evidence.Replace(
            Convert.ToBase64String(true12.Bytes.Span), Convert.ToBase64String(Metering.IntervalBlock.Create(true12.Header, values, qualities).Bytes.Span), StringComparison.Ordinal);
        Assert.NotEqual(evidence, changed);
        await page.GetByLabel("Or check a file of your own").SetInputFilesAsync(new FilePayload { Name = "evidence.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(changed) });
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The readings of 12 March 2026");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("not what was logged");
        await Pictures.TakeAsync(page, "bill-reading-red-390", whole: false);
    });

    [Fact]
    public Task AStrangerChecksThreeFilesWithoutSigningIn() => browser.WalkAsync(nameof(AStrangerChecksThreeFilesWithoutSigningIn), 390, dark: false, async page =>
    {
        Queries.BillFiles files = new SampleLog(new SampleTown()).Bills["SVN-43-202603"];
        await page.GotoAsync("/check");
        ILocator input = page.GetByLabel("Choose bill.json");
        await input.SetInputFilesAsync(new FilePayload { Name = "bill.json", MimeType = "application/json", Buffer = files.Bill.ToArray() });
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Not proven");
        await input.SetInputFilesAsync(
        [
            new FilePayload { Name = "bill.tlog-proof", MimeType = "text/plain", Buffer = files.Proof.ToArray() },
            new FilePayload { Name = "bill.evidence.json", MimeType = "application/json", Buffer = files.Evidence.ToArray() },
        ]);
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("This bill is right");
        await page.GetByText("Keys that the check trusts").ClickAsync();
        await page.GetByLabel("Keys of witnesses").FillAsync("");
        await input.SetInputFilesAsync(new FilePayload { Name = "bill.json", MimeType = "application/json", Buffer = files.Bill.ToArray() });
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Not proven");
        ILocator signed = page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "a witness signed" });
        await Expect(signed).ToContainTextAsync("Open");
        await Expect(signed).ToContainTextAsync("0 of 1 witness");
        await input.SetInputFilesAsync(new FilePayload { Name = "letter.txt", MimeType = "text/plain", Buffer = "Dear utility"u8.ToArray() });
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("This file cannot be checked");
        await page.GetByLabel("Keys of witnesses").FillAsync("witness.example/w");
        await input.SetInputFilesAsync(new FilePayload { Name = "bill.json", MimeType = "application/json", Buffer = files.Bill.ToArray() });
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("A key cannot be read");
        await Expect(page.Locator(".result")).ToHaveClassAsync("result unchecked");
    });

    [Fact]
    public Task EverythingButTheCheckWorksWithoutScript() => browser.WalkAsync(nameof(EverythingButTheCheckWorksWithoutScript), 320, dark: false, async page =>
    {
        await BrowserFixture.SignInAsync(page, "asha");
        await page.GotoAsync("/bill/SVN-42-202603");
        await Expect(page.Locator("pre.command")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Check this bill" })).ToBeHiddenAsync();
        await page.GetByText("Electricity duty").First.ClickAsync();
        await Expect(page.GetByText("Energy charge: ₹", new() { Exact = false }).First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Dark" }).ClickAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Bill for March 2026" })).ToBeVisibleAsync();
    }, script: false);

    [Fact]
    public Task AKeyboardIsEnough() => browser.WalkAsync(nameof(AKeyboardIsEnough), 1280, dark: false, async page =>
    {
        await page.GotoAsync("/");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" })).ToBeFocusedAsync();
        await TabToAsync(page, page.GetByLabel("Name"));
        await page.Keyboard.TypeAsync("asha");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(SampleServer.Password);
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Open and check it" }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Bill for March 2026" })).ToBeVisibleAsync();
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Check this bill" }));
        await page.Keyboard.PressAsync("Space");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("This bill is right");
        await TabToAsync(page, page.Locator("details.line summary").First);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "How it was computed" })).ToBeVisibleAsync();
    });

    private static async Task TabToAsync(IPage page, ILocator target)
    {
        for (int i = 0; i < 60; i++)
        {
            if (await target.EvaluateAsync<bool>("e => e === document.activeElement")) return;
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"60 presses of Tab did not reach {target}");
    }
}
