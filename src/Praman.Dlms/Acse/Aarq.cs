using System.Buffers;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Acse;

/// <summary>AARQ: a client asks for an association (IEC 62056-5-3, A-ASSOCIATE.request; ITU-T X.227).</summary>
public sealed record Aarq : Apdu
{
    public const byte Tag = 0x60;

    /// <summary>ACSE requirements that say "authentication": one bit of two.</summary>
    internal static ReadOnlySpan<byte> Authentication => [0x07, 0x80];

    /// <summary>Versions of ACSE that the client speaks, as a bit-string; null where it is left out: version 1.</summary>
    public ReadOnlyMemory<byte>? ProtocolVersion { get; init; }

    /// <summary>True where version 1 is among them, the only one there is.</summary>
    public bool SpeaksVersion1 => ProtocolVersion is not { } bits || (bits.Length > 1 && (bits.Span[1] & 0x80) != 0);

    public ApplicationContext Context { get; init; } = ApplicationContext.LogicalName;

    /// <summary>The client's system title.</summary>
    public ReadOnlyMemory<byte>? CallingApTitle { get; init; }

    /// <summary>The client's certificate or qualifier.</summary>
    public ReadOnlyMemory<byte>? CallingAeQualifier { get; init; }

    /// <summary>The client's user id.</summary>
    public byte? CallingAeInvocationId { get; init; }

    /// <summary>The meter's system title, where the client says which it wants.</summary>
    public ReadOnlyMemory<byte>? CalledApTitle { get; init; }

    /// <summary>As sent; <c>07 80</c> asks for authentication.</summary>
    public ReadOnlyMemory<byte>? AcseRequirements { get; init; }

    public AuthenticationMechanism? Mechanism { get; init; }

    /// <summary>The password (LLS) or the client's challenge (HLS).</summary>
    public ReadOnlyMemory<byte>? AuthenticationValue { get; init; }

    /// <summary>The InitiateRequest, plain or ciphered.</summary>
    public ReadOnlyMemory<byte> UserInformation { get; init; }

    public override byte TagOctet => Tag;

    /// <summary>An AARQ that authenticates: requirements, mechanism and value together.</summary>
    public static Aarq Create(ApplicationContext context, ReadOnlyMemory<byte>? callingApTitle, AuthenticationMechanism mechanism,
        ReadOnlyMemory<byte> authenticationValue, ReadOnlyMemory<byte> userInformation) => new()
        {
            Context = context,
            CallingApTitle = callingApTitle,
            AcseRequirements = mechanism == AuthenticationMechanism.None ? default(ReadOnlyMemory<byte>?) : Authentication.ToArray(),
            Mechanism = mechanism == AuthenticationMechanism.None ? null : mechanism,
            AuthenticationValue = mechanism == AuthenticationMechanism.None ? default(ReadOnlyMemory<byte>?) : authenticationValue,
            UserInformation = userInformation,
        };

    public override void Write(ref AxdrWriter writer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var body = new AxdrWriter(buffer);
        if (ProtocolVersion is { } version) Ber.Write(ref body, 0x80, version.Span);
        Ber.WriteNested(ref body, 0xA1, 0x06, AcseNames.ContextOid(Context));
        if (CalledApTitle is { } called) Ber.WriteNested(ref body, 0xA2, 0x04, called.Span);
        if (CallingApTitle is { } calling) Ber.WriteNested(ref body, 0xA6, 0x04, calling.Span);
        if (CallingAeQualifier is { } qualifier) Ber.WriteNested(ref body, 0xA7, 0x04, qualifier.Span);
        if (CallingAeInvocationId is { } user) Ber.WriteNested(ref body, 0xA9, 0x02, [user]);
        if (AcseRequirements is { } requirements) Ber.Write(ref body, 0x8A, requirements.Span);
        if (Mechanism is { } mechanism) Ber.Write(ref body, 0x8B, AcseNames.MechanismOid(mechanism));
        if (AuthenticationValue is { } value) Ber.WriteNested(ref body, 0xAC, 0x80, value.Span);
        if (!UserInformation.IsEmpty) Ber.WriteNested(ref body, 0xBE, 0x04, UserInformation.Span);
        body.Flush();
        Ber.Write(ref writer, Tag, buffer.WrittenSpan);
    }

    internal static Aarq? Read(ref AxdrReader reader)
    {
        var fields = new AcseFields();
        if (!fields.TryRead(ref reader, request: true)) return null;
        return new()
        {
            ProtocolVersion = fields.ProtocolVersion,
            Context = fields.Context,
            CallingApTitle = fields.ApTitle,
            CallingAeQualifier = fields.AeQualifier,
            CallingAeInvocationId = fields.AeInvocationId,
            CalledApTitle = fields.CalledApTitle,
            AcseRequirements = fields.Requirements,
            Mechanism = fields.Mechanism,
            AuthenticationValue = fields.AuthenticationValue,
            UserInformation = fields.UserInformation,
        };
    }
}
