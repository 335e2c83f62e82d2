using System.Net;
using System.Text;
using System.Text.Json;
using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Payments;
using Praman.Metering;
using Praman.Server.Payments;
using Praman.Server.Testing;
using Praman.Storage;

namespace Praman.Server.Tests.Payments;

/// <summary>The callback of a gateway over HTTP, on a real ledger: signed by the channel, fresh, whole, and posted once.</summary>
public sealed class PaymentCallbackTests : IAsyncLifetime
{
    private const string Path = "/api/v1/payments/upi/callback";
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("a secret of the test, 32 octets.");
    private static readonly UsagePointId Home = new(42);
    private static readonly Postings Rupees = new("INR");

    private readonly string _folder = Directory.CreateTempSubdirectory("praman-payments").FullName;
    private PramanStore _store = null!;
    private PaymentDesk _desk = null!;
    private SampleServer _server = null!;
    private TestClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await PramanStore.OpenAsync(_folder);
        _desk = new PaymentDesk(_store.Ledger, "INR", DateTimeZoneProviders.Tzdb["Asia/Kolkata"]);
        _server = await SampleServer.StartAsync(payments: new PaymentChannels(_desk, new Dictionary<string, byte[]> { ["upi"] = Secret, ["bbps"] = Encoding.ASCII.GetBytes("another secret, of bbps") }));
        _client = new TestClient(_server);
        await _desk.OpenAsync("upi", new PaymentOrder("A1", Home, PaymentPurpose.Recharge, 50_000, []), Now, default);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ASignedSuccessIsCreditedOnceHoweverOftenItComes()
    {
        (HttpStatusCode status, JsonElement answer) = await SendAsync(Body());
        Assert.Equal((HttpStatusCode.OK, "credited"), (status, answer.GetProperty("outcome").GetString()));
        Assert.Equal(-50_000, await WalletAsync());
        Task<(HttpStatusCode Status, JsonElement Answer)>[] again = [.. Enumerable.Range(0, 8).Select(_ => SendAsync(Body()))];
        foreach ((HttpStatusCode code, JsonElement same) in await Task.WhenAll(again))
        {
            Assert.Equal((HttpStatusCode.OK, "no-change"), (code, same.GetProperty("outcome").GetString()));
            Assert.Equal(answer.GetProperty("record").GetInt64(), same.GetProperty("record").GetInt64());
        }
        Assert.Equal(-50_000, await WalletAsync());
    }

    [Fact]
    public async Task NothingMovesWithoutAFreshSignatureOfThisChannelOverTheseOctets()
    {
        byte[] body = Body();
        string good = CallbackSignature.Sign(Secret, body, Now);
        string[] wrong =
        [
            "", "t=1", "v1=,t=", good[..^1], good + "0", good.Replace("t=", "t=-", StringComparison.Ordinal), good[..^1] + (good[^1] == '0' ? '1' : '0'), good + "," + good,
            CallbackSignature.Sign(Encoding.ASCII.GetBytes("another secret, of bbps"), body, Now), CallbackSignature.Sign(Secret, [.. body, (byte)' '], Now),
            CallbackSignature.Sign(Secret, body, Now - Duration.FromMinutes(6)), CallbackSignature.Sign(Secret, body, Now + Duration.FromMinutes(6)),
        ];
        foreach (string signature in wrong) Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(body, signature)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync([], good)).Status);
        for (int i = 0; i < body.Length; i += 5)
        {
            byte[] changed = [.. body];
            changed[i] ^= 1;
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(changed, good)).Status);
        }
        Assert.Equal(0, await WalletAsync());
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(body, good)).Status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"order_id\":")]
    [InlineData("""{"amount":50000,"at":"2026-04-01T06:00:00Z","currency":"INR","order_id":"A1","reference":"R1","status":"paid"}""")]
    [InlineData("""{"amount":"50000","at":"2026-04-01T06:00:00Z","currency":"INR","order_id":"A1","reference":"R1","status":"success"}""")]
    [InlineData("""{"amount":500.5,"at":"2026-04-01T06:00:00Z","currency":"INR","order_id":"A1","reference":"R1","status":"success"}""")]
    [InlineData("""{"amount":50000,"amount":1,"at":"2026-04-01T06:00:00Z","currency":"INR","order_id":"A1","reference":"R1","status":"success"}""")]
    [InlineData("""{"amount":50000,"at":"2026-04-01T06:00:00Z","currency":"INR","extra":1,"order_id":"A1","reference":"R1","status":"success"}""")]
    [InlineData("""{"amount":50000,"at":"yesterday","currency":"INR","order_id":"A1","reference":"R1","status":"success"}""")]
    [InlineData("""{"amount":50000,"at":"2026-04-01T06:00:00Z","currency":"INR","order_id":"A/1","reference":"R1","status":"success"}""")]
    [InlineData("""{"amount":50000,"at":"2026-04-01T06:00:00Z","currency":"EUR","order_id":"A1","reference":"R1","status":"success"}""")]
    [InlineData("""{"amount":-50000,"at":"2026-04-01T06:00:00Z","currency":"INR","order_id":"A1","reference":"R1","status":"success"}""")]
    public async Task ASignedNoticeOfNoValidFormIsToldWhatWasExpected(string text)
    {
        (HttpStatusCode status, JsonElement answer) = await SendAsync(Encoding.UTF8.GetBytes(text));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.NotEmpty(answer.GetProperty("detail").GetString()!);
        Assert.Equal(0, await WalletAsync());
    }

    [Fact]
    public async Task AChannelThatIsNotTakenIsNotThereAndABodyTooLongIsRefused()
    {
        byte[] body = Body();
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(body, CallbackSignature.Sign(Secret, body, Now), "/api/v1/payments/card/callback")).Status);
        byte[] long_ = new byte[4_097];
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(long_)).Status);
    }

    [Fact]
    public void ASecretThatIsTooShortStopsTheStart() =>
        Assert.Contains("upi", Assert.Throws<ArgumentException>(() => new PaymentChannels(_desk, new Dictionary<string, byte[]> { ["upi"] = new byte[15] })).Message, StringComparison.Ordinal);

    private static Instant Now => Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());

    private static byte[] Body() => PaymentNoticeJson.Write(new PaymentNotice("A1", "R1", PaymentStatus.Success, "INR", 50_000, Instant.FromUtc(2026, 4, 1, 6, 0)));

    private async Task<long> WalletAsync() => (await _store.Ledger.BalanceAsync(Rupees.Of(AccountKind.Wallet, Home), AsOf.Now, default)).Posted;

    private async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(byte[] body, string? signature = null, string path = Path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation(CallbackSignature.Header, signature ?? CallbackSignature.Sign(Secret, body, Now));
        using HttpResponseMessage response = await _client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType?.Contains("json", StringComparison.Ordinal) == true ? JsonDocument.Parse(text).RootElement : default);
    }
}
