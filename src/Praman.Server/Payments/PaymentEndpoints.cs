using System.Buffers;
using NodaTime;
using Praman.Billing.Payments;
using Praman.Server.Hosting;

namespace Praman.Server.Payments;

/// <summary>Where gateways say what became of an order. The answer is given when the posting is on the disk: a gateway that hears nothing asks again.</summary>
internal static class PaymentEndpoints
{
    /// <summary>Octets of the largest notice.</summary>
    private const int BodyMax = 4 * 1024;

    public static void MapPayments(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/v1/payments/{channel}/callback", CallbackAsync).WithTags("Payments").WithSummary("A gateway's signed notice about an order").AllowAnonymous().DisableAntiforgery()
            .Produces<PaymentAnswer>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status500InternalServerError);

    private static async Task<IResult> CallbackAsync(string channel, HttpContext http, PramanServerOptions options, TimeProvider time)
    {
        if (options.Payments is not { } channels || channels.SecretOf(channel) is not { } secret) return TypedResults.NotFound();
        byte[]? body = await ReadAsync(http.Request, http.RequestAborted);
        if (body is null) return TypedResults.Problem($"a body of at most {BodyMax} octets was expected", statusCode: StatusCodes.Status400BadRequest);
        Instant now = Instant.FromDateTimeOffset(time.GetUtcNow());
        // Who sent it is asked before what it says.
        if (!CallbackSignature.Verify(secret, body, http.Request.Headers[CallbackSignature.Header], now))
            return TypedResults.Problem($"a fresh signature of the channel in {CallbackSignature.Header} was expected", statusCode: StatusCodes.Status401Unauthorized);
        if (!PaymentNoticeJson.TryRead(body, out PaymentNotice? notice, out string problem)) return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        // Written whatever becomes of the connection: money that was paid must not wait for a reader.
        PaymentResult result = await channels.Desk.AcceptAsync(channel, notice, now, CancellationToken.None);
        return result.Outcome == PaymentOutcome.Refused
            ? TypedResults.Problem(result.Reason, statusCode: StatusCodes.Status400BadRequest)
            : TypedResults.Ok(new PaymentAnswer(System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(result.Outcome.ToString()), result.Record?.Sequence));
    }

    private static async ValueTask<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BodyMax + 1);
        try
        {
            int length = await request.Body.ReadAtLeastAsync(buffer.AsMemory(0, BodyMax + 1), BodyMax + 1, throwOnEndOfStream: false, cancellationToken);
            return length > BodyMax ? null : buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <param name="Outcome">credited, credited-late, given-up, taken-back, unmatched, no-change.</param>
    /// <param name="Record">Sequence of the journal's record that stands for it.</param>
    internal sealed record PaymentAnswer(string Outcome, long? Record);
}
