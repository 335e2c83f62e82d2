namespace Praman.Dlms.Client;

public enum ClientStatus
{
    /// <summary>Send what there is to send, then hand in what is received.</summary>
    Pending,

    /// <summary>The request is answered.</summary>
    Done,

    /// <summary>The request failed; see <see cref="ClientStep.Error"/>.</summary>
    Failed,
}

/// <summary>What to do next.</summary>
/// <param name="Status">Whether the request is done.</param>
/// <param name="Send">Octets to send now; empty where only more is to be received. Valid until the next call of the client.</param>
/// <param name="Error">Why it failed.</param>
public readonly record struct ClientStep(ClientStatus Status, ReadOnlyMemory<byte> Send, ClientError? Error)
{
    public bool IsDone => Status == ClientStatus.Done;

    public bool IsFailed => Status == ClientStatus.Failed;

    internal static ClientStep Wait { get; } = new(ClientStatus.Pending, default, null);

    internal static ClientStep Complete { get; } = new(ClientStatus.Done, default, null);

    internal static ClientStep Fail(ClientError error) => new(ClientStatus.Failed, default, error);

    internal static ClientStep Fail(ClientErrorKind kind, string text) => Fail(new ClientError(kind, text));
}
