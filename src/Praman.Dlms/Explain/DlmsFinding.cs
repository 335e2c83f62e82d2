using System.Text.Json.Nodes;

namespace Praman.Dlms.Explain;

/// <summary>What is wrong with the protection of a message, each its own kind.</summary>
public enum DlmsFindingKind
{
    /// <summary>Neither content nor tag fit the encryption key.</summary>
    WrongKey,

    /// <summary>The content fits the encryption key, the tag does not fit the authentication key; or the sender did not prove itself.</summary>
    WrongAuthenticationKey,

    /// <summary>Protected under another system title than its sender's.</summary>
    WrongTitle,

    /// <summary>An invocation counter that was used before, or that another was protected with.</summary>
    WrongCounter,

    /// <summary>An application context that is not offered, or that does not fit the protection.</summary>
    WrongContext,

    /// <summary>Less protection than the association asks for.</summary>
    WrongPolicy,
}

/// <summary>A finding and what it rests on.</summary>
public sealed record DlmsFinding(DlmsFindingKind Kind, string Text)
{
    /// <summary>The kind as programs read it.</summary>
    public string Name => Kind switch
    {
        DlmsFindingKind.WrongKey => "wrong-key",
        DlmsFindingKind.WrongAuthenticationKey => "wrong-authentication-key",
        DlmsFindingKind.WrongTitle => "wrong-title",
        DlmsFindingKind.WrongCounter => "wrong-counter",
        DlmsFindingKind.WrongContext => "wrong-context",
        _ => "wrong-policy",
    };

    internal JsonObject ToJson() => new() { ["kind"] = Name, ["text"] = Text };
}
