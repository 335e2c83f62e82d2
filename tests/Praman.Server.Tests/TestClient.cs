using System.Net;
using System.Text.RegularExpressions;

namespace Praman.Server.Testing;

/// <summary>A browser without script: cookies, forms with their tokens, no redirects followed unless asked.</summary>
internal sealed partial class TestClient : IDisposable
{
    private readonly HttpClientHandler _handler = new() { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.All };
    private readonly HttpClient _http;

    public TestClient(SampleServer server)
        : this(server.Address)
    {
    }

    public TestClient(Uri address) => _http = new HttpClient(_handler, disposeHandler: true) { BaseAddress = address };

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(path, UriKind.Relative));

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request);

    /// <summary>The text of a page that must be there.</summary>
    public async Task<string> PageAsync(string path)
    {
        using HttpResponseMessage response = await GetAsync(path);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {(int)response.StatusCode}");
        return await response.Content.ReadAsStringAsync();
    }

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using HttpResponseMessage response = await GetAsync(path);
        return response.StatusCode;
    }

    /// <summary>Sends a form with the token that stands on a page.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, string pageWithToken, params (string Name, string Value)[] fields)
    {
        using HttpResponseMessage page = await GetAsync(pageWithToken);
        string token = TokenField().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value;
        using var form = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)).Append(KeyValuePair.Create("form-token", token)));
        return await _http.PostAsync(new Uri(path, UriKind.Relative), form);
    }

    public async Task<TestClient> SignInAsync(string name)
    {
        using HttpResponseMessage response = await PostAsync("/sign-in", "/sign-in", ("name", name), ("password", SampleServer.Password));
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        return this;
    }

    /// <summary>Puts a cookie, <c>name=value</c>, beside those of this browser.</summary>
    public void Keep(Uri address, string cookie) => _handler.CookieContainer.SetCookies(address, cookie);

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
