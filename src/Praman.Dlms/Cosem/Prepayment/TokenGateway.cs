using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>What came of a token (IEC 62056-6-2, class 115, token_status).</summary>
public enum TokenStatusCode : byte
{
    FormatSuccess = 0,
    AuthenticationSuccess = 1,
    ValidationSuccess = 2,
    ExecutionSuccess = 3,
    FormatFailure = 4,
    AuthenticationFailure = 5,
    ValidationFailure = 6,
    ExecutionFailure = 7,
    ReceivedUnprocessed = 8,
}

/// <summary>How a token came (IEC 62056-6-2, class 115, attribute 5).</summary>
public enum TokenDelivery : byte
{
    Remote = 0,
    Local = 1,
    Manual = 2,
}

/// <summary>What a token says once it is opened: its status, and the credit that it brings.</summary>
public readonly record struct TokenVerdict(TokenStatusCode Status, int Amount = 0);

/// <summary>
/// TokenGateway, class_id 115, version 0 (IEC 62056-6-2): takes tokens in. What is in a token is told by <paramref name="open"/> (STS or another
/// system, with its keys); a token that was taken once is refused, as are all where nobody opens them. Its credit goes to the account.
/// </summary>
public sealed class TokenGateway(Account account, Func<ReadOnlyMemory<byte>, TokenVerdict>? open)
{
    private const int TokenLengthMax = 64, RememberedMax = 64;

    private readonly Queue<byte[]> _taken = [];
    private byte[] _token = [];
    private Instant? _at;
    private TokenDelivery _delivery;
    private TokenStatusCode _status = TokenStatusCode.ReceivedUnprocessed;

    public static CosemClass<TokenGateway> Table { get; } = new(115, 0, "TokenGateway",
        [
            new(2, "token", "octet-string[0..64]", (g, _) => CosemData.OctetString(g._token)),
            new(3, "token_time", "date-time-octets", (g, c) => CheckedData.Stamp(c, g._at)),
            new(4, "token_description", "array[8] of octet-string[0..64]", (_, _) => CosemData.Array()),
            new(5, "token_delivery_method", "enum[0..2]", (g, _) => CosemData.Enumeration((byte)g._delivery)),
            new(6, "token_status", "{ status_code: enum[0..8], data_value: bit-string[0..32] }",
                (g, _) => CosemData.Structure(CosemData.Enumeration((byte)g._status), CosemData.BitString([], 0))),
        ],
        [new(1, "enter", (TokenGateway g, CosemContext c, CosemData p, out CosemData r) => g.Enter(c, p, out r), "octet-string[1..64]")]);

    /// <summary>What came of the last token.</summary>
    public TokenStatusCode Status => _status;

    /// <summary>Takes a token in.</summary>
    public TokenStatusCode Enter(ReadOnlySpan<byte> token, TokenDelivery delivery, Instant now, Offset offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(token.Length, TokenLengthMax, nameof(token));
        (_token, _delivery, _at) = (token.ToArray(), delivery, now);
        if (open is null) return _status = TokenStatusCode.ReceivedUnprocessed;
        foreach (byte[] before in _taken)
        {
            if (token.SequenceEqual(before)) return _status = TokenStatusCode.ValidationFailure;
        }
        TokenVerdict verdict = open(_token);
        _status = verdict.Status;
        if (verdict.Status != TokenStatusCode.ExecutionSuccess) return _status;
        if (_taken.Count == RememberedMax) _taken.Dequeue();
        _taken.Enqueue(_token);
        account.Pay(verdict.Amount, now, offset);
        return _status;
    }

    private ActionResult Enter(CosemContext context, in CosemData token, out CosemData returned)
    {
        Enter(token.OctetSpan, TokenDelivery.Remote, context.Now, context.Device.OffsetAt(context.Now));
        returned = CosemData.Structure(CosemData.Enumeration((byte)_status), CosemData.BitString([], 0));
        return _status == TokenStatusCode.ExecutionSuccess ? ActionResult.Success : ActionResult.OtherReason;
    }
}
