using Microsoft.Playwright;
using Praman.Testing;

namespace Praman.Server.Testing;

/// <summary>The tests that share one browser, one after another: two at once are no faster on a small machine.</summary>
[CollectionDefinition(Name)]
public sealed class OneBrowser : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser";
}

/// <summary>The server on the sample town and one Chromium for all tests. Without a Chromium the tests are skipped, saying so.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    /// <summary>A limit against hanging, not a measure of speed: machines that test are busy.</summary>
    private const int TimeoutMs = 90_000;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, Cookie[]> _sessions = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal SampleServer Server { get; private set; } = null!;

    /// <summary>The system's Chromium, or the one that CHROMIUM names; null where there is none.</summary>
    internal static string? Chromium { get; } =
        new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Chromium is null) return;
        Server = await SampleServer.StartAsync();
        Assertions.SetDefaultExpectTimeout(TimeoutMs);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Arguments, Headless = true });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync();
        _playwright?.Dispose();
        if (Server is not null) await Server.DisposeAsync();
    }

    /// <summary>Runs a walk in a fresh window; a failure leaves its picture in the artifacts.</summary>
    internal async Task WalkAsync(string name, int width, bool dark, Func<IPage, Task> walk, bool script = true)
    {
        Assert.SkipWhen(Chromium is null, "no Chromium here: install the package chromium, or name one in CHROMIUM");
        await using IBrowserContext context = await _browser!.NewContextAsync(new()
        {
            BaseURL = Server.Address.ToString(), Locale = "en-IN", ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light, JavaScriptEnabled = script,
            ViewportSize = new() { Width = width, Height = width < 800 ? 844 : 900 }, DeviceScaleFactor = 1, ReducedMotion = ReducedMotion.Reduce,
        });
        IPage page = await context.NewPageAsync();
        page.SetDefaultTimeout(TimeoutMs);
        var complaints = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)) complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        try
        {
            await walk(page);
            Assert.Empty(complaints);
        }
        catch
        {
            await page.ScreenshotAsync(new() { Path = Pictures.Failure(name), FullPage = true });
            throw;
        }
    }

    /// <summary>Enters with a session of that person, made once; as a stranger where the name is empty. A language is one that was chosen before.</summary>
    internal async Task EnterAsync(IPage page, string person, string language = "")
    {
        await page.Context.ClearCookiesAsync();
        if (language.Length > 0) await page.Context.AddCookiesAsync([new Cookie { Name = "praman-language", Value = language, Url = Server.Address.ToString() }]);
        if (person.Length == 0) return;
        if (!_sessions.TryGetValue(person, out Cookie[]? cookies))
        {
            await using IAPIRequestContext request = await _playwright!.APIRequest.NewContextAsync(new() { BaseURL = Server.Address.ToString() });
            IAPIResponse answer = await request.PostAsync("/api/v1/session", new() { DataObject = new { name = person, password = SampleServer.Password } });
            Assert.Equal(204, answer.Status);
            string[] pair = answer.Headers["set-cookie"].Split(';')[0].Split('=', 2);
            _sessions[person] = cookies = [new Cookie { Name = pair[0], Value = pair[1], Url = Server.Address.ToString() }];
        }
        await page.Context.AddCookiesAsync(cookies);
    }

    /// <summary>Signs in as a person does.</summary>
    internal static async Task SignInAsync(IPage page, string name)
    {
        await page.GotoAsync("/");
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("Password").FillAsync(SampleServer.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }
}

/// <summary>Where pictures go: failures into the artifacts, pictures for the documents where PRAMAN_PICTURES names a folder.</summary>
internal static class Pictures
{
    public static string Failure(string name)
    {
        string root = Environment.GetEnvironmentVariable("PRAMAN_ARTIFACTS") ?? TestFiles.InRepository("artifacts");
        return Path.Combine(Directory.CreateDirectory(Path.Combine(root, "browser-failures")).FullName, name + ".png");
    }

    public static async Task TakeAsync(IPage page, string name, bool whole = true)
    {
        if (Environment.GetEnvironmentVariable("PRAMAN_PICTURES") is not { Length: > 0 } folder) return;
        // What is fixed to the window's foot stands at the foot of the picture: the window is made as tall as the page.
        if (whole) await page.SetViewportSizeAsync(page.ViewportSize!.Width, await page.EvaluateAsync<int>("() => document.documentElement.scrollHeight"));
        await page.ScreenshotAsync(new() { Path = Path.Combine(Directory.CreateDirectory(folder).FullName, name + ".png") });
    }
}
