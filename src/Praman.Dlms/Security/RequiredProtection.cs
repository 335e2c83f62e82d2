namespace Praman.Dlms.Security;

/// <summary>
/// What a security policy asks for, request and response each (IEC 62056-6-2, class 64, security_policy): version 0 asks the same of both; version 1
/// has a bit for each kind and direction, digital signature among them.
/// </summary>
public readonly record struct RequiredProtection(SecurityControl Request, SecurityControl Response, bool SignedRequest, bool SignedResponse)
{
    private const int AuthenticatedRequest = 1 << 2, EncryptedRequest = 1 << 3, SignedRequestBit = 1 << 4;
    private const int AuthenticatedResponse = 1 << 5, EncryptedResponse = 1 << 6, SignedResponseBit = 1 << 7;
    private const int Reserved = 0x03, AuthenticatedV0 = 1, EncryptedV0 = 2, MaxV0 = 3;

    /// <summary>True where a request must be protected in some way.</summary>
    public bool AsksRequest => Request.IsAuthenticated || Request.IsEncrypted || SignedRequest;

    /// <summary>True where anything, either way, must be protected: an association without ciphering cannot serve it.</summary>
    public bool Asks => AsksRequest || Response.IsAuthenticated || Response.IsEncrypted || SignedResponse;

    /// <summary>Reads a policy of version 0 or 1 for a suite.</summary>
    public static RequiredProtection Of(int version, byte policy, int suite)
    {
        bool Has(int bit) => (policy & bit) != 0;
        if (version == 0)
        {
            var both = new SecurityControl(suite, Has(AuthenticatedV0), Has(EncryptedV0));
            return new(both, both, false, false);
        }
        return new(new(suite, Has(AuthenticatedRequest), Has(EncryptedRequest)), new(suite, Has(AuthenticatedResponse), Has(EncryptedResponse)),
            Has(SignedRequestBit), Has(SignedResponseBit));
    }

    /// <summary>True where a policy is one of its version and can be met with the suite: suite 0 has no signature.</summary>
    public static bool IsValid(int version, byte policy, int suite) =>
        version == 0 ? policy <= MaxV0 : (policy & Reserved) == 0 && (SecuritySuite.HasCurve(suite) || (policy & (SignedRequestBit | SignedResponseBit)) == 0);

    /// <summary>True where a policy asks for all that another does: a policy is only ever raised.</summary>
    public static bool IsAtLeast(byte policy, byte present) => (policy & present) == present;
}
