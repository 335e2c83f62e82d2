namespace Praman.Dlms.Acse;

/// <summary>How objects are referenced and whether APDUs are ciphered (IEC 62056-5-3, application context names).</summary>
public enum ApplicationContext : byte
{
    Unknown = 0,
    LogicalName = 1,
    ShortName = 2,
    LogicalNameCiphered = 3,
    ShortNameCiphered = 4,
}

/// <summary>How the peers prove who they are (IEC 62056-5-3, authentication mechanism names).</summary>
public enum AuthenticationMechanism : byte
{
    None = 0,
    /// <summary>LLS: a password.</summary>
    Lls = 1,
    /// <summary>HLS of the manufacturer or, in India, AES-128 of the challenge.</summary>
    Hls = 2,
    HlsMd5 = 3,
    HlsSha1 = 4,
    HlsGmac = 5,
    HlsSha256 = 6,
    HlsEcdsa = 7,
}

/// <summary>What became of the association (IEC 62056-5-3, Association-result).</summary>
public enum AssociationResult : byte
{
    Accepted = 0,
    RejectedPermanent = 1,
    RejectedTransient = 2,
}

/// <summary>Why, in the words of the ACSE service user (IEC 62056-5-3, Associate-source-diagnostic).</summary>
public enum AcseDiagnostic : byte
{
    Null = 0,
    NoReasonGiven = 1,
    ApplicationContextNameNotSupported = 2,
    CallingApTitleNotRecognized = 3,
    CallingApInvocationIdentifierNotRecognized = 4,
    CallingAeQualifierNotRecognized = 5,
    CallingAeInvocationIdentifierNotRecognized = 6,
    CalledApTitleNotRecognized = 7,
    CalledApInvocationIdentifierNotRecognized = 8,
    CalledAeQualifierNotRecognized = 9,
    CalledAeInvocationIdentifierNotRecognized = 10,
    AuthenticationMechanismNameNotRecognized = 11,
    AuthenticationMechanismNameRequired = 12,
    AuthenticationFailure = 13,
    AuthenticationRequired = 14,
}

/// <summary>Object identifiers 2.16.756.5.8.k.n and their names (IEC 62056-5-3).</summary>
public static class AcseNames
{
    internal const string Clause = "IEC 62056-5-3 (ACSE)";

    // 2.16.756.5.8: the DLMS UA's arc; then 1 for contexts, 2 for mechanisms.
    private static ReadOnlySpan<byte> Arc => [0x60, 0x85, 0x74, 0x05, 0x08];

    internal static byte[] ContextOid(ApplicationContext context) => [.. Arc, 1, (byte)context];

    internal static byte[] MechanismOid(AuthenticationMechanism mechanism) => [.. Arc, 2, (byte)mechanism];

    internal static bool TryReadOid(ReadOnlySpan<byte> oid, byte kind, out byte number)
    {
        bool known = oid.Length == 7 && oid[..5].SequenceEqual(Arc) && oid[5] == kind;
        number = known ? oid[6] : (byte)0;
        return known;
    }

    /// <summary>LN, LN-ciphered, SN, SN-ciphered.</summary>
    public static string Name(this ApplicationContext context) => context switch
    {
        ApplicationContext.LogicalName => "LN",
        ApplicationContext.ShortName => "SN",
        ApplicationContext.LogicalNameCiphered => "LN-ciphered",
        ApplicationContext.ShortNameCiphered => "SN-ciphered",
        _ => "unknown",
    };
}
