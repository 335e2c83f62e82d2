using System.Diagnostics.CodeAnalysis;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Notes;

namespace Praman.Server.Operations;

/// <summary>A witness that is reached by HTTP (C2SP tlog-witness).</summary>
/// <param name="client">Its <see cref="HttpClient.Timeout"/> bounds each request.</param>
/// <param name="prefix">The witness's submission prefix.</param>
/// <param name="key">The key that its cosignatures are checked with; it comes from the witness's owner by another way.</param>
public sealed class HttpWitness(HttpClient client, Uri prefix, NoteVerifierKey key) : IWitnessLink
{
    private readonly Uri _target = new(prefix.AbsoluteUri.TrimEnd('/') + "/" + WitnessProtocol.Path);

    /// <inheritdoc/>
    public NoteVerifierKey Key => key;

    /// <summary>Reads <c>URL#KEY</c>: the submission prefix and, after the number sign, the witness's key.</summary>
    public static bool TryParse(string text, HttpClient client, [NotNullWhen(true)] out HttpWitness? witness, out string? reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        witness = null;
        int at = text.IndexOf('#', StringComparison.Ordinal);
        if (at < 0 || !Uri.TryCreate(text[..at], UriKind.Absolute, out Uri? prefix) || prefix.Scheme is not ("http" or "https"))
        {
            reason = "expected http(s)://HOST/PREFIX#KEY, the witness's address and its key name+id+base64";
            return false;
        }
        if (!NoteVerifierKey.TryParse(text[(at + 1)..], out NoteVerifierKey? key, out DecodeError error))
        {
            reason = error.ToString();
            return false;
        }
        reason = key.Type == NoteKeyType.CosignatureV1 ? null : "it is no key of a witness (type 0x04)";
        witness = reason is null ? new(client, prefix, key) : null;
        return witness is not null;
    }

    /// <inheritdoc/>
    public async Task<(int Status, byte[] Body)?> AddCheckpointAsync(byte[] request, CancellationToken cancellationToken)
    {
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, _target) { Content = new ByteArrayContent(request) };
            using HttpResponseMessage response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(WitnessProtocol.AnswerLengthMax, cancellationToken).ConfigureAwait(false);
            return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
