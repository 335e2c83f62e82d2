using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Apdus;

/// <summary>One application PDU: the xDLMS services (A-XDR) and the ACSE PDUs that open and close an association (BER) (IEC 62056-5-3).</summary>
public abstract record Apdu
{
    /// <summary>The first octet, which names the kind.</summary>
    public abstract byte TagOctet { get; }

    /// <summary>Writes the whole APDU, tag first.</summary>
    public abstract void Write(ref AxdrWriter writer);

    /// <summary>The whole APDU as octets.</summary>
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(buffer);
        Write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads exactly one APDU; octets left over are an error. What is allocated is bounded by sixteen times the input and a constant; nesting
    /// by <see cref="AxdrReader.DepthMax"/>. Ciphered APDUs are taken apart, not deciphered (see Security).
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, [NotNullWhen(true)] out Apdu? apdu, out DecodeError error)
    {
        var reader = new AxdrReader(source);
        bool read = TryRead(ref reader, out apdu) && (reader.IsAtEnd || reader.Fail($"{reader.Remaining} octets after the APDU", "IEC 62056-5-3"));
        error = read ? default : reader.Error;
        if (!read) apdu = null;
        return read;
    }

    /// <summary>Reads one APDU at the reader's position; octets after it are left.</summary>
    public static bool TryRead(ref AxdrReader reader, [NotNullWhen(true)] out Apdu? apdu)
    {
        apdu = null;
        int start = reader.Position;
        if (!reader.TryReadByte(out byte tag)) return false;
        apdu = tag switch
        {
            InitiateRequest.Tag => InitiateRequest.Read(ref reader),
            InitiateResponse.Tag => InitiateResponse.Read(ref reader),
            ReadRequest.Tag => ReadRequest.Read(ref reader),
            WriteRequest.Tag => WriteRequest.Read(ref reader),
            ReadResponse.Tag => ReadResponse.Read(ref reader),
            WriteResponse.Tag => WriteResponse.Read(ref reader),
            UnconfirmedWriteRequest.Tag => UnconfirmedWriteRequest.Read(ref reader),
            InformationReport.Tag => InformationReport.Read(ref reader),
            ConfirmedServiceError.Tag => ConfirmedServiceError.Read(ref reader),
            DataNotification.Tag => DataNotification.Read(ref reader),
            DataNotificationConfirm.Tag => DataNotificationConfirm.Read(ref reader),
            Aarq.Tag => Aarq.Read(ref reader),
            Aare.Tag => Aare.Read(ref reader),
            Rlrq.Tag => Rlrq.Read(ref reader),
            Rlre.Tag => Rlre.Read(ref reader),
            GetRequest.Tag => GetRequest.Read(ref reader),
            SetRequest.Tag => SetRequest.Read(ref reader),
            EventNotification.Tag => EventNotification.Read(ref reader),
            ActionRequest.Tag => ActionRequest.Read(ref reader),
            GetResponse.Tag => GetResponse.Read(ref reader),
            SetResponse.Tag => SetResponse.Read(ref reader),
            ActionResponse.Tag => ActionResponse.Read(ref reader),
            ExceptionResponse.Tag => ExceptionResponse.Read(ref reader),
            AccessRequest.Tag => AccessRequest.Read(ref reader),
            AccessResponse.Tag => AccessResponse.Read(ref reader),
            GeneralGloCiphering.Tag => GeneralGloCiphering.Read(ref reader),
            GeneralDedCiphering.Tag => GeneralDedCiphering.Read(ref reader),
            GeneralCiphering.Tag => GeneralCiphering.Read(ref reader),
            GeneralSigning.Tag => GeneralSigning.Read(ref reader),
            GeneralBlockTransfer.Tag => GeneralBlockTransfer.Read(ref reader),
            _ when ServiceCiphering.IsGlobal(tag) || ServiceCiphering.IsDedicated(tag) => ServiceCiphered.Read(tag, ref reader),
            _ => null,
        };
        if (apdu is not null) return true;
        return reader.FailAt(start, $"unknown APDU tag 0x{tag:X2}", "IEC 62056-5-3");
    }
}
