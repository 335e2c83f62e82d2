using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Praman.Metering;

namespace Praman.Billing.Ledger;

/// <summary>
/// One account of the ledger. People and records write it <c>INR/wallet/UP-000000042</c>, <c>INR/suspense.gateway/upi</c>, <c>INR/bank</c>:
/// currency, kind, then the usage point where the kind is kept per usage point, then the detail where there is one.
/// </summary>
/// <param name="Currency">ISO 4217. Amounts are whole minor units of it.</param>
/// <param name="UsagePoint">Whose account it is; null where the kind is the utility's own.</param>
/// <param name="Detail">What the kind is divided by: a channel, a scheme, a component, a month of arrears; null where it is not.</param>
public readonly record struct LedgerAccount(string Currency, AccountKind Kind, UsagePointId? UsagePoint, string? Detail)
{
    private const int DetailLengthMax = 48;
    private static readonly SearchValues<char> DetailCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");

    /// <summary>Whether the parts fit together: currency of three letters, an owner exactly where the kind has one, a detail of a-z, 0-9, '.' and '-'.</summary>
    public bool IsValid =>
        Currency is { Length: 3 } && !Currency.AsSpan().ContainsAnyExceptInRange('A', 'Z') && AccountKinds.TryFind(Kind, out AccountKindFacts facts)
        && facts.IsPerUsagePoint == UsagePoint.HasValue && IsDetail(Detail, facts.Detail);

    /// <summary>Reads the text of an account; one text stands for one account.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out LedgerAccount account)
    {
        account = default;
        string[] parts = text?.Split('/') ?? [];
        if (parts.Length < 2 || !AccountKinds.TryFind(parts[1], out AccountKindFacts facts)) return false;
        int next = 2;
        UsagePointId? owner = null;
        if (facts.IsPerUsagePoint)
        {
            if (parts.Length < 3 || !UsagePointId.TryParse(parts[2], CultureInfo.InvariantCulture, out UsagePointId id)) return false;
            (owner, next) = (id, 3);
        }
        if (parts.Length > next + 1) return false;
        account = new LedgerAccount(parts[0], facts.Kind, owner, parts.Length > next ? parts[next] : null);
        return account.IsValid && account.ToString() == text;
    }

    /// <summary>By what tells accounts apart: the owner, or the detail; all of a store are in a currency or two.</summary>
    public override int GetHashCode() => HashCode.Combine(Kind, UsagePoint.GetValueOrDefault().Number, Detail);

    public override string ToString()
    {
        string text = $"{Currency}/{AccountKinds.Of(Kind).Word}";
        if (UsagePoint is { } owner) text += $"/{owner}";
        return Detail is null ? text : $"{text}/{Detail}";
    }

    /// <summary>Octets of the longest text of an account.</summary>
    internal const int TextLengthMax = 3 + 1 + 24 + 1 + 24 + 1 + DetailLengthMax;

    /// <summary>The text in ASCII; the account must be valid.</summary>
    /// <returns>Octets written.</returns>
    internal int Format(Span<byte> target)
    {
        int at = Put(target, 0, Currency);
        target[at++] = (byte)'/';
        at = Put(target, at, AccountKinds.Of(Kind).Word);
        if (UsagePoint is { } owner)
        {
            target[at++] = (byte)'/';
            owner.TryFormat(target[at..], out int written);
            at += written;
        }
        if (Detail is null) return at;
        target[at++] = (byte)'/';
        return Put(target, at, Detail);
    }

    private static int Put(Span<byte> target, int at, string text) => at + System.Text.Encoding.ASCII.GetBytes(text, target[at..]);

    private static bool IsDetail(string? detail, AccountDetail rule) => rule switch
    {
        AccountDetail.None => detail is null,
        AccountDetail.Required when detail is null => false,
        _ => detail is null || (detail.Length is > 0 and <= DetailLengthMax && !detail.AsSpan().ContainsAnyExcept(DetailCharacters)),
    };
}
