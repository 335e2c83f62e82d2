using Praman.Billing.Payments;

namespace Praman.Server.Payments;

/// <summary>The gateways whose callbacks are taken, with the secret that each signs with. Secrets come from the settings of the place, never from here.</summary>
/// <param name="secrets">Secret by channel, at least 16 octets each.</param>
public sealed class PaymentChannels(PaymentDesk desk, IReadOnlyDictionary<string, byte[]> secrets)
{
    private readonly Dictionary<string, byte[]> _secrets = secrets.ToDictionary(
        pair => pair.Key,
        pair => pair.Value.Length >= CallbackSignature.SecretLengthMin
            ? pair.Value
            : throw new ArgumentException($"the secret of channel '{pair.Key}' has {pair.Value.Length} octets; at least {CallbackSignature.SecretLengthMin} were expected", nameof(secrets)),
        StringComparer.Ordinal);

    public PaymentDesk Desk => desk;

    /// <summary>The secret of a channel; null where no such channel is taken.</summary>
    public byte[]? SecretOf(string channel) => _secrets.GetValueOrDefault(channel);
}
