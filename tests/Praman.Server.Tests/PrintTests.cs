using System.Diagnostics;
using System.Net;
using Praman.Server.Testing;

namespace Praman.Server.Tests;

/// <summary>A bill as PDF, and what is said where none can be made.</summary>
public sealed class PrintTests
{
    private static bool HasChromium => new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.Any(File.Exists);

    [Fact]
    public async Task ABillIsPrintedAndItsTextCanBeSearched()
    {
        Assert.SkipWhen(!HasChromium, "no Chromium here: install the package chromium, or name one in CHROMIUM");
        Assert.SkipUnless(File.Exists("/usr/bin/pdftotext"), "no pdftotext here: install the package poppler-utils");
        await using SampleServer server = await SampleServer.StartAsync();
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        using HttpResponseMessage response = await asha.GetAsync("/bill/SVN-42-202603/bill.pdf");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/pdf", response.Content.Headers.ContentType!.MediaType);
        string text = await TextOfAsync(await response.Content.ReadAsByteArrayAsync());
        long total = new SampleLog(new SampleTown()).Summaries.Single(bill => bill.BillNo == "SVN-42-202603").Total.ToMinorUnits();
        Assert.Contains((total / 100m).ToString("N2", System.Globalization.CultureInfo.InvariantCulture), text, StringComparison.Ordinal);
        foreach (string word in (string[])["Bill for March 2026", "SVN-42-202603", "10 0042 7781", "How it was computed", "What changed since the bill before", "Reading at the end", "18 April 2026", "5 May 2026", "UPI from any application",
            "Court Road 9", "The last six months", "Place in the public log"])
            Assert.Contains(word, text, StringComparison.Ordinal);
        foreach (string onScreen in (string[])["Check this bill", "Open a line", "See the readings", "Three files"])
            Assert.DoesNotContain(onScreen, text, StringComparison.Ordinal);
    }

    /// <summary>In the language that its address names, or that was chosen before; its letters can be searched.</summary>
    [Theory]
    [InlineData("hi", true, "मार्च 2026 का बिल", "मीटर")]
    [InlineData("gu", false, "મીટર", "રકમ")]
    public async Task ABillIsPrintedInTheChosenLanguage(string language, bool isAddressed, params string[] words)
    {
        Assert.SkipWhen(!HasChromium, "no Chromium here: install the package chromium, or name one in CHROMIUM");
        Assert.SkipUnless(File.Exists("/usr/bin/pdftotext"), "no pdftotext here: install the package poppler-utils");
        await using SampleServer server = await SampleServer.StartAsync();
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        if (!isAddressed) (await asha.PostAsync("/language", "/home", ("language", language), ("back", "/"))).Dispose();
        using HttpResponseMessage response = await asha.GetAsync("/bill/SVN-42-202603/bill.pdf" + (isAddressed ? $"?lang={language}" : ""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        string text = await TextOfAsync(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        long total = new SampleLog(new SampleTown()).Summaries.Single(bill => bill.BillNo == "SVN-42-202603").Total.ToMinorUnits();
        Assert.Contains((total / 100m).ToString("N2", System.Globalization.CultureInfo.InvariantCulture), text, StringComparison.Ordinal);
        foreach (string word in words) Assert.Contains(word, text, StringComparison.Ordinal);
        foreach (string word in (string[])["Bill for", "How it was computed", "Reading at the end"]) Assert.DoesNotContain(word, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutChromiumThePageSaysWhatToDo()
    {
        await using SampleServer server = await SampleServer.StartAsync(chromium: "/nothing/chromium");
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        using HttpResponseMessage response = await asha.GetAsync("/bill/SVN-42-202603/bill.pdf");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("Print the page of the bill from your browser", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABillOfSomebodyElseIsNotPrinted()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        using TestClient bina = await new TestClient(server).SignInAsync("bina");
        using HttpResponseMessage response = await bina.GetAsync("/bill/SVN-42-202603/bill.pdf");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static async Task<string> TextOfAsync(byte[] pdf)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, pdf);
            using Process process = Process.Start(new ProcessStartInfo("/usr/bin/pdftotext", ["-layout", file, "-"]) { RedirectStandardOutput = true })!;
            string text = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return text;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
