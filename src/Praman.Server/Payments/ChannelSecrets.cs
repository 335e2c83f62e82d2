using System.Text.Json;
using NodaTime;
using Praman.Billing.Payments;
using Praman.Billing.Stores;

namespace Praman.Server.Payments;

/// <summary>Channels as a place sets them: a file <c>{"currency":"INR","channels":{"upi":"HEX"}}</c> that nobody but the server's own user may read.</summary>
public static class ChannelSecrets
{
    /// <summary>Name of the file in a data folder.</summary>
    public const string FileName = "channels.json";

    private const int LengthMax = 64 * 1024;

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">It has another form, a secret is too short, or others may read it: said by name. No secret is ever in the message.</exception>
    public static PaymentChannels Load(string path, ILedgerStore ledger, DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        if (!File.Exists(path)) throw new InvalidDataException($"{path}: there is no such file; expected the secrets of payment channels");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0)
            throw new InvalidDataException($"{path}: others may read it; expected a file that only its owner reads (chmod 600)");
        if (new FileInfo(path).Length > LengthMax) throw new InvalidDataException($"{path}: expected at most {LengthMax} octets");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 3 });
            return Read(document.RootElement, path, ledger, zone);
        }
        catch (JsonException odd)
        {
            throw new InvalidDataException($"{path}: line {odd.LineNumber + 1}: JSON was expected", odd);
        }
    }

    private static PaymentChannels Read(JsonElement root, string path, ILedgerStore ledger, DateTimeZone zone)
    {
        string? currency = null;
        var secrets = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (root.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"{path}: an object with currency and channels was expected");
        foreach (JsonProperty member in root.EnumerateObject())
        {
            if (member.NameEquals("currency") && member.Value.ValueKind == JsonValueKind.String) currency = member.Value.GetString();
            else if (member.NameEquals("channels") && member.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty channel in member.Value.EnumerateObject()) secrets[channel.Name] = Secret(channel, path);
            }
            else throw new InvalidDataException($"{path}: {member.Name}: expected currency (a text) and channels (an object) alone");
        }
        if (currency is not { Length: 3 } || !currency.All(char.IsAsciiLetterUpper)) throw new InvalidDataException($"{path}: currency: three capital letters were expected, such as INR");
        if (secrets.Count == 0) throw new InvalidDataException($"{path}: channels: at least one channel with its secret was expected");
        return new PaymentChannels(new PaymentDesk(ledger, currency, zone), secrets);
    }

    private static byte[] Secret(JsonProperty channel, string path)
    {
        string expected = $"{path}: channels.{channel.Name}: at least {CallbackSignature.SecretLengthMin} octets in hex were expected";
        if (channel.Value.ValueKind != JsonValueKind.String) throw new InvalidDataException(expected);
        try
        {
            byte[] secret = Convert.FromHexString(channel.Value.GetString()!);
            return secret.Length >= CallbackSignature.SecretLengthMin ? secret : throw new InvalidDataException(expected);
        }
        catch (FormatException)
        {
            throw new InvalidDataException(expected);
        }
    }
}
