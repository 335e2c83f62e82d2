using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>Why a server did not serve (IEC 62056-5-3, Exception-Response, service-error).</summary>
public enum ServiceError : byte
{
    OperationNotPossible = 1,
    ServiceNotSupported = 2,
    OtherReason = 3,
    PduTooLong = 4,
    DecipheringError = 5,
    InvocationCounterError = 6,
}

/// <summary>What the server was not ready for (IEC 62056-5-3, Exception-Response, state-error).</summary>
public enum StateError : byte
{
    ServiceNotAllowed = 1,
    ServiceUnknown = 2,
}

/// <summary>Exception-Response: the request was not served at all.</summary>
/// <param name="StateError">State error.</param>
/// <param name="ServiceError">Service error.</param>
/// <param name="InvocationCounter">The counter that the server expects at least; only with an invocation-counter error.</param>
public sealed record ExceptionResponse(StateError StateError, ServiceError ServiceError, uint? InvocationCounter = null) : Apdu
{
    public const byte Tag = 0xD8;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteByte((byte)StateError);
        writer.WriteByte((byte)ServiceError);
        if (InvocationCounter is { } counter) writer.WriteUInt32(counter);
    }

    internal static ExceptionResponse? Read(ref AxdrReader reader)
    {
        if (!reader.TryReadByte(out byte state) || !reader.TryReadByte(out byte service)) return null;
        if ((ServiceError)service != ServiceError.InvocationCounterError) return new((StateError)state, (ServiceError)service);
        return reader.TryReadUInt32(out uint counter) ? new((StateError)state, (ServiceError)service, counter) : null;
    }
}

/// <summary>ConfirmedServiceError: service, error class and error as they stand (IEC 62056-5-3, ConfirmedServiceError, ServiceError).</summary>
/// <param name="Service">1 initiate, 5 read, 6 write.</param>
/// <param name="ErrorClass">0 application-reference … 6 initiate.</param>
/// <param name="Error">The error within its class.</param>
public sealed record ConfirmedServiceError(byte Service, byte ErrorClass, byte Error) : Apdu
{
    public const byte Tag = 0x0E;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteByte(Service);
        writer.WriteByte(ErrorClass);
        writer.WriteByte(Error);
    }

    internal static ConfirmedServiceError? Read(ref AxdrReader reader) =>
        reader.TryReadByte(out byte service) && reader.TryReadByte(out byte errorClass) && reader.TryReadByte(out byte error) ? new(service, errorClass, error) : null;
}
