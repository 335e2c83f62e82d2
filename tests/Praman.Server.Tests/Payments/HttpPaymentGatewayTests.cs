using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Ledger;
using Praman.Billing.Payments;
using Praman.Metering;
using Praman.Server.Payments;

namespace Praman.Server.Tests.Payments;

/// <summary>The adapter against a gateway behind HTTP on loopback: the simulated one, with signed answers.</summary>
public sealed class HttpPaymentGatewayTests : IAsyncLifetime
{
    private const string Upi = "upi";
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("a secret of the test, 32 octets.");
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly Instant Start = Instant.FromUtc(2026, 4, 1, 6, 0);

    // Every order succeeds and nobody is told.
    private readonly SimulatedGateway _behind = new(
        Upi, "INR", 1, Zone, new GatewayFaults { Failed = 0, LateSuccess = 0, FailedAfterDebit = 0, Reversed = 0, Silent = 1_000, SettlementLine = 0 });

    private WebApplication _app = null!;
    private HttpClient _http = null!;
    private HttpPaymentGateway _gateway = null!;
    private Func<byte[], byte[]> _change = body => body;
    private byte[] _answerSecret = Secret;
    private int _refused;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/orders", (Delegate)OpenAsync);
        _app.MapGet("/orders/{id}", (string id, HttpContext http) => GetAsync(http, $"orders/{id}", async () => await _behind.QueryAsync(id, default) is { } notice ? PaymentNoticeJson.Write(notice) : null));
        _app.MapGet("/settlements/{day}", (string day, HttpContext http) => GetAsync(http, $"settlements/{day}", async () => await _behind.SettlementAsync(LocalDatePattern.Iso.Parse(day).Value, default) is { } file ? Write(file) : null));
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First() + "/") };
        _gateway = new HttpPaymentGateway(_http, Upi, "INR", Secret, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task AnOrderThatNobodySpokeOfIsAskedForCreditedAndSettled()
    {
        var ledger = new MemoryLedger();
        var desk = new PaymentDesk(ledger, "INR", Zone);
        _behind.Advance(Start);
        PaymentOrder order = Order("A1");
        await desk.OpenAsync(Upi, order, Start, default);
        Assert.Equal("upi://pay?tr=A1&am=500.07&cu=INR", await _gateway.StartAsync(order, default));
        Assert.Empty(_behind.Advance(Start + Duration.FromDays(2)));
        var days = new DateInterval(new LocalDate(2026, 4, 1), new LocalDate(2026, 4, 1));
        (string id, PaymentResult result) = Assert.Single(await desk.ChaseAsync(_gateway, days, Start + Duration.FromHours(1), Start + Duration.FromDays(2), default));
        Assert.Equal(("A1", PaymentOutcome.Credited), (id, result.Outcome));
        SettlementFile file = (await _gateway.SettlementAsync(days.Start, default))!;
        Assert.Equal((50_007L, "A1"), (file.Total, Assert.Single(file.Lines).OrderId));
        await desk.SettleAsync(file, Start + Duration.FromDays(2), default);
        Assert.True((await ReconciliationRun.RunAsync(ledger, Upi, "INR", days, [file], default)).IsClean);
        Assert.Equal(0, _refused);
    }

    [Fact]
    public async Task WhatIsNotThereIsNull()
    {
        _behind.Advance(Start);
        Assert.Null(await _gateway.QueryAsync("A9", default));
        Assert.Null(await _gateway.SettlementAsync(new LocalDate(2026, 4, 2), default)); // the day is not over
    }

    [Fact]
    public async Task AnAnswerThatIsNotSignedOrIsAboutSomethingElseIsNotBelieved()
    {
        _behind.Advance(Start);
        await _gateway.StartAsync(Order("A1"), default);
        _answerSecret = Encoding.ASCII.GetBytes("another secret of the test");
        await RefusedAsync("a fresh signature");
        _answerSecret = Secret;
        _change = body => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace("A1", "A2", StringComparison.Ordinal));
        await RefusedAsync("it is about order A2");
        _change = _ => Encoding.UTF8.GetBytes("{}");
        await RefusedAsync("a JSON object with order_id");
        _change = _ => new byte[5_000];
        await RefusedAsync("at most 4096 octets");
    }

    [Fact]
    public async Task ARequestUnderAnotherSecretIsRefusedByTheOtherSide()
    {
        var stranger = new HttpPaymentGateway(_http, Upi, "INR", Encoding.ASCII.GetBytes("another secret of the test"), TimeProvider.System);
        await Assert.ThrowsAsync<HttpRequestException>(async () => await stranger.StartAsync(Order("A1"), default));
        await Assert.ThrowsAsync<HttpRequestException>(async () => await stranger.QueryAsync("A1", default));
        Assert.Equal(2, _refused);
    }

    private static PaymentOrder Order(string id) => new(id, new UsagePointId(42), PaymentPurpose.Recharge, 50_007, []);

    private static byte[] Write(SettlementFile file) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        bank_reference = file.BankReference, channel = file.Channel, currency = file.Currency, day = LocalDatePattern.Iso.Format(file.Day),
        lines = file.Lines.Select(line => new { amount = line.Amount, order_id = line.OrderId, reference = line.Reference }), total = file.Total,
    });

    private static Instant Now => Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());

    private async Task RefusedAsync(string expected) =>
        Assert.Contains(expected, (await Assert.ThrowsAsync<InvalidDataException>(async () => await _gateway.QueryAsync("A1", default))).Message, StringComparison.Ordinal);

    private async Task<IResult> OpenAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        if (!IsSigned(http, body.ToArray())) return Results.Unauthorized();
        using JsonDocument order = JsonDocument.Parse(body.ToArray());
        JsonElement root = order.RootElement;
        string link = await _behind.StartAsync(Order(root.GetProperty("order_id").GetString()!) with { Amount = root.GetProperty("amount").GetInt64() }, default);
        return Answer(http, JsonSerializer.SerializeToUtf8Bytes(new { link }));
    }

    private async Task<IResult> GetAsync(HttpContext http, string path, Func<Task<byte[]?>> find)
    {
        if (!IsSigned(http, HttpPaymentGateway.SignedText(HttpMethod.Get, path))) return Results.Unauthorized();
        return await find() is { } body ? Answer(http, _change(body)) : Results.NotFound();
    }

    private bool IsSigned(HttpContext http, byte[] text)
    {
        bool isSigned = CallbackSignature.Verify(Secret, text, http.Request.Headers[CallbackSignature.Header], Now);
        if (!isSigned) _refused++;
        return isSigned;
    }

    private IResult Answer(HttpContext http, byte[] body)
    {
        http.Response.Headers[CallbackSignature.Header] = CallbackSignature.Sign(_answerSecret, body, Now);
        return Results.Bytes(body, "application/json");
    }
}
