namespace Praman.Dlms.Security;

/// <summary>What became of protecting or opening an APDU; each fault its own word.</summary>
public enum SecurityOutcome
{
    Success = 0,

    /// <summary>The APDU is not a ciphered one.</summary>
    NotCiphered,

    /// <summary>Octets are missing or left over, or the destination is too short.</summary>
    Malformed,

    /// <summary>The key that the APDU asks for (global, broadcast or dedicated) is not here.</summary>
    MissingKey,

    /// <summary>The APDU is authenticated and the authentication key is not here.</summary>
    MissingAuthenticationKey,

    /// <summary>The sender's system title is not known.</summary>
    MissingSystemTitle,

    /// <summary>The APDU names another sender than this association's.</summary>
    UnexpectedSystemTitle,

    /// <summary>The security control protects less than the association asks for.</summary>
    PolicyNotMet,

    /// <summary>The security suite is not the association's.</summary>
    SuiteNotSupported,

    /// <summary>The invocation counter was used before.</summary>
    CounterReplayed,

    /// <summary>The tag does not verify: wrong key, wrong title, or altered octets.</summary>
    TagMismatch,

    /// <summary>Without a tag to check: what came out is not the APDU that the service tag announces (most likely a wrong key).</summary>
    ContentMismatch,

    /// <summary>The invocation counter stands at its end: the key has to be changed.</summary>
    CounterExhausted,

    /// <summary>Without a tag to check: the invocation counter is further ahead than such an APDU is believed.</summary>
    CounterTooFar,

    /// <summary>The content is compressed (ITU-T V.44), which is not built here.</summary>
    CompressionNotSupported,

    /// <summary>A wrapped key does not unwrap under the key-encrypting key: another key, or altered octets.</summary>
    KeyNotUnwrapped,

    /// <summary>A digital signature does not verify: of an APDU, or of an ephemeral key.</summary>
    SignatureMismatch,
}

/// <summary>In what envelope an APDU is protected.</summary>
public enum Protection
{
    /// <summary>glo-… service ciphering, global key.</summary>
    ServiceGlobal,

    /// <summary>ded-… service ciphering, dedicated key.</summary>
    ServiceDedicated,

    /// <summary>general-glo-ciphering, with the sender's system title.</summary>
    GeneralGlobal,

    /// <summary>general-ded-ciphering, with the sender's system title.</summary>
    GeneralDedicated,

    /// <summary>general-ciphering that names the global unicast or, by the control's key set, the broadcast key.</summary>
    GeneralIdentified,

    /// <summary>general-ciphering with a key made for this APDU, wrapped under the key-encrypting key.</summary>
    GeneralWrapped,

    /// <summary>general-ciphering with a key agreed for this APDU: one-pass Diffie-Hellman, C(1e, 1s).</summary>
    GeneralOnePass,

    /// <summary>general-ciphering with a key agreed from static keys: static unified model, C(0e, 2s).</summary>
    GeneralStatic,

    /// <summary>general-signing without ciphering.</summary>
    SignatureOnly,
}
