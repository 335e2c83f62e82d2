using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Framing;
using Praman.Metering;

namespace Praman.Dlms.Client;

/// <summary>What went wrong, as what is to be done about it differs.</summary>
public enum ClientErrorKind
{
    /// <summary>Keys differ: what one side ciphered the other cannot verify.</summary>
    WrongKey,

    /// <summary>The server has seen a higher invocation counter; <see cref="ClientError.CounterExpected"/> where it says which.</summary>
    WrongCounter,

    /// <summary>The server does not offer this application context to this client.</summary>
    WrongContext,

    /// <summary>A system title is not the expected one.</summary>
    WrongTitle,

    /// <summary>The server wants another authentication mechanism.</summary>
    WrongMechanism,

    /// <summary>Password or secret are wrong.</summary>
    AuthenticationFailed,

    /// <summary>The server could not prove itself, or sent what anybody could have sent.</summary>
    ServerNotAuthentic,

    /// <summary>The server asks for more protection, or refuses what was proposed.</summary>
    PolicyRefused,

    /// <summary>The server's answer carries an invocation counter that was used before: a recorded session is played back.</summary>
    Replayed,

    /// <summary>The association was rejected for another reason; see the diagnostic.</summary>
    Refused,

    /// <summary>The request was not served; see state and service error.</summary>
    ServiceRefused,

    /// <summary>The attribute or method is refused; see the result. The association stands.</summary>
    AccessDenied,

    /// <summary>What came cannot be read.</summary>
    Malformed,

    /// <summary>What came is no answer to what was asked.</summary>
    Unexpected,

    /// <summary>No invocation counter is left in the lease.</summary>
    CounterExhausted,

    /// <summary>The answer is longer than allowed.</summary>
    TooLong,

    /// <summary>There is no association to ask on.</summary>
    NotAssociated,

    /// <summary>The HDLC link below was refused or given up; see <see cref="ClientError.Link"/>.</summary>
    LinkLost,

    /// <summary>The service is not of this association: the server did not grant it; see <see cref="ClientError.NotGranted"/>.</summary>
    NotGranted,
}

/// <summary>Why a request failed, with what the server said.</summary>
public sealed record ClientError(ClientErrorKind Kind, string Text)
{
    public AssociationResult? Association { get; init; }

    public AcseDiagnostic? Diagnostic { get; init; }

    public DataAccessResult? Access { get; init; }

    public ActionResult? Action { get; init; }

    public ExceptionResponse? Exception { get; init; }

    /// <summary>The lowest counter that the server takes, where it says.</summary>
    public uint? CounterExpected { get; init; }

    /// <summary>Why the HDLC link failed.</summary>
    public HdlcFault? Link { get; init; }

    /// <summary>The services that would have been needed.</summary>
    public Conformance NotGranted { get; init; }

    /// <summary>Where the octets are wrong.</summary>
    public DecodeError? Decode { get; init; }

    public override string ToString() => $"{Kind}: {Text}";
}
