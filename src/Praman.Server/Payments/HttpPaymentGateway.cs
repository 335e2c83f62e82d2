using System.Net;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Payments;

namespace Praman.Server.Payments;

/// <summary>
/// A gateway over HTTP, of the shape that UPI and bill-payment providers have: <c>POST orders</c>, <c>GET orders/ID</c>, <c>GET settlements/DAY</c>. Both sides sign with the
/// secret of the channel (<see cref="CallbackSignature"/>): a request its body, or its method and path where it has none; an answer its body. An answer without a fresh
/// signature is not believed.
/// </summary>
/// <param name="http">Its base address ends with '/'; the caller disposes it.</param>
public sealed class HttpPaymentGateway(HttpClient http, string channel, string currency, byte[] secret, TimeProvider time) : IPaymentGateway
{
    /// <summary>Octets of the largest answer about an order.</summary>
    private const int AnswerMax = 4 * 1024;

    /// <inheritdoc/>
    public string Channel => channel;

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The gateway is not reached or refuses.</exception>
    /// <exception cref="InvalidDataException">Its answer is not signed, or has another form.</exception>
    public async ValueTask<string> StartAsync(PaymentOrder order, CancellationToken cancellationToken)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new SortedDictionary<string, object>(StringComparer.Ordinal) { ["amount"] = order.Amount, ["currency"] = currency, ["order_id"] = order.Id });
        byte[] answer = await SendAsync(HttpMethod.Post, "orders", body, AnswerMax, cancellationToken).ConfigureAwait(false) ?? throw Unexpected("orders", "the gateway has no orders");
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer, new JsonDocumentOptions { MaxDepth = 2 });
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("link", out JsonElement link) && link.ValueKind == JsonValueKind.String) return link.GetString()!;
        }
        catch (JsonException)
        {
            // said below, with what was expected
        }
        throw Unexpected("orders", "an object with a link was expected");
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The gateway is not reached or refuses.</exception>
    /// <exception cref="InvalidDataException">Its answer is not signed, has another form, or is about another order.</exception>
    public async ValueTask<PaymentNotice?> QueryAsync(string orderId, CancellationToken cancellationToken)
    {
        string path = $"orders/{Uri.EscapeDataString(orderId)}";
        if (await SendAsync(HttpMethod.Get, path, null, AnswerMax, cancellationToken).ConfigureAwait(false) is not { } answer) return null;
        if (!PaymentNoticeJson.TryRead(answer, out PaymentNotice? notice, out string problem)) throw Unexpected(path, problem);
        return notice.OrderId == orderId ? notice : throw Unexpected(path, $"it is about order {notice.OrderId}");
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The gateway is not reached or refuses.</exception>
    /// <exception cref="InvalidDataException">Its answer is not signed, has another form, or is of another channel or day.</exception>
    public async ValueTask<SettlementFile?> SettlementAsync(LocalDate day, CancellationToken cancellationToken)
    {
        string path = $"settlements/{LocalDatePattern.Iso.Format(day)}";
        if (await SendAsync(HttpMethod.Get, path, null, SettlementFileJson.LengthMax, cancellationToken).ConfigureAwait(false) is not { } answer) return null;
        if (!SettlementFileJson.TryRead(answer, out SettlementFile? file, out string problem)) throw Unexpected(path, problem);
        return file.Channel == channel && file.Day == day ? file : throw Unexpected(path, $"it is of channel {file.Channel}, {LocalDatePattern.Iso.Format(file.Day)}");
    }

    /// <summary>What a request without a body signs.</summary>
    public static byte[] SignedText(HttpMethod method, string path) => Encoding.ASCII.GetBytes($"{method} {path}");

    /// <returns>The answer's body; null where there is nothing of that name.</returns>
    private async ValueTask<byte[]?> SendAsync(HttpMethod method, string path, byte[]? body, int lengthMax, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new("application/json");
        }
        request.Headers.TryAddWithoutValidation(CallbackSignature.Header, CallbackSignature.Sign(secret, body ?? SignedText(method, path), Now()));
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        response.EnsureSuccessStatusCode();
        byte[] answer = await ReadAsync(response, path, lengthMax, cancellationToken).ConfigureAwait(false);
        string? signature = response.Headers.TryGetValues(CallbackSignature.Header, out IEnumerable<string>? values) ? values.First() : null;
        return CallbackSignature.Verify(secret, answer, signature, Now()) ? answer : throw Unexpected(path, $"a fresh signature in {CallbackSignature.Header} was expected");
    }

    private async ValueTask<byte[]> ReadAsync(HttpResponseMessage response, string path, int lengthMax, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        byte[] part = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            if (buffer.Length + read > lengthMax) throw Unexpected(path, $"at most {lengthMax} octets were expected");
            buffer.Write(part, 0, read);
        }
        return buffer.ToArray();
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());

    private InvalidDataException Unexpected(string path, string problem) => new($"gateway {channel}, {path}: {problem}");
}
