using System.Buffers;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Acse;

/// <summary>AARE: a server's answer to an AARQ (IEC 62056-5-3, A-ASSOCIATE.response; ITU-T X.227).</summary>
public sealed record Aare : Apdu
{
    public const byte Tag = 0x61;

    public ApplicationContext Context { get; init; } = ApplicationContext.LogicalName;

    public AssociationResult Result { get; init; }

    /// <summary>True where the diagnostic is of the service provider, false where of the service user.</summary>
    public bool IsProviderDiagnostic { get; init; }

    public AcseDiagnostic Diagnostic { get; init; }

    /// <summary>The meter's system title.</summary>
    public ReadOnlyMemory<byte>? RespondingApTitle { get; init; }

    /// <summary>The meter's certificate or qualifier.</summary>
    public ReadOnlyMemory<byte>? RespondingAeQualifier { get; init; }

    /// <summary>As sent; <c>07 80</c> says authentication.</summary>
    public ReadOnlyMemory<byte>? AcseRequirements { get; init; }

    public AuthenticationMechanism? Mechanism { get; init; }

    /// <summary>The server's challenge (HLS).</summary>
    public ReadOnlyMemory<byte>? AuthenticationValue { get; init; }

    /// <summary>The InitiateResponse or ConfirmedServiceError, plain or ciphered.</summary>
    public ReadOnlyMemory<byte> UserInformation { get; init; }

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var body = new AxdrWriter(buffer);
        Ber.WriteNested(ref body, 0xA1, 0x06, AcseNames.ContextOid(Context));
        Ber.WriteNested(ref body, 0xA2, 0x02, [(byte)Result]);
        Ber.WriteNested(ref body, 0xA3, IsProviderDiagnostic ? (byte)0xA2 : (byte)0xA1, [0x02, 0x01, (byte)Diagnostic]);
        if (RespondingApTitle is { } title) Ber.WriteNested(ref body, 0xA4, 0x04, title.Span);
        if (RespondingAeQualifier is { } qualifier) Ber.WriteNested(ref body, 0xA5, 0x04, qualifier.Span);
        if (AcseRequirements is { } requirements) Ber.Write(ref body, 0x88, requirements.Span);
        if (Mechanism is { } mechanism) Ber.Write(ref body, 0x89, AcseNames.MechanismOid(mechanism));
        if (AuthenticationValue is { } value) Ber.WriteNested(ref body, 0xAA, 0x80, value.Span);
        if (!UserInformation.IsEmpty) Ber.WriteNested(ref body, 0xBE, 0x04, UserInformation.Span);
        body.Flush();
        Ber.Write(ref writer, Tag, buffer.WrittenSpan);
    }

    internal static Aare? Read(ref AxdrReader reader)
    {
        var fields = new AcseFields();
        if (!fields.TryRead(ref reader, request: false)) return null;
        return new()
        {
            Context = fields.Context,
            Result = (AssociationResult)fields.Result,
            IsProviderDiagnostic = fields.IsProviderDiagnostic,
            Diagnostic = (AcseDiagnostic)fields.Diagnostic,
            RespondingApTitle = fields.ApTitle,
            RespondingAeQualifier = fields.AeQualifier,
            AcseRequirements = fields.Requirements,
            Mechanism = fields.Mechanism,
            AuthenticationValue = fields.AuthenticationValue,
            UserInformation = fields.UserInformation,
        };
    }
}
