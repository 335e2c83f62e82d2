using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>Who, to whom and when: the head that General-Ciphering and General-Signing share (IEC 62056-5-3).</summary>
public sealed record GeneralHead(ReadOnlyMemory<byte> TransactionId, ReadOnlyMemory<byte> OriginatorSystemTitle, ReadOnlyMemory<byte> RecipientSystemTitle,
    CosemDateTime? DateTime, ReadOnlyMemory<byte> OtherInformation)
{
    internal static GeneralHead? Read(ref AxdrReader reader) =>
        ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> transaction) && ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> originator)
        && ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> recipient) && DateTimeField.TryRead(ref reader, out CosemDateTime? dateTime)
        && ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> other) ? new(transaction, originator, recipient, dateTime, other) : null;

    internal void Write(ref AxdrWriter writer)
    {
        writer.WriteOctets(TransactionId.Span);
        writer.WriteOctets(OriginatorSystemTitle.Span);
        writer.WriteOctets(RecipientSystemTitle.Span);
        DateTimeField.Write(ref writer, DateTime);
        writer.WriteOctets(OtherInformation.Span);
    }
}

/// <summary>How the key of a General-Ciphering APDU is named (IEC 62056-5-3, Key-Info).</summary>
/// <param name="Choice">0 identified, 1 wrapped, 2 agreed.</param>
/// <param name="KeyId">Of an identified key: 0 global unicast, 1 global broadcast. Of a wrapped key: the kek, 0 master.</param>
/// <param name="Parameters">Of an agreed key: its parameters.</param>
/// <param name="KeyCipheredData">Of a wrapped or an agreed key: the ciphered key material.</param>
public sealed record KeyInfo(byte Choice, byte KeyId, ReadOnlyMemory<byte> Parameters, ReadOnlyMemory<byte> KeyCipheredData)
{
    public const byte Identified = 0, Wrapped = 1, Agreed = 2;

    internal static KeyInfo? Read(ref AxdrReader reader)
    {
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice)) return null;
        byte id = 0;
        ReadOnlyMemory<byte> parameters = default, data = default;
        bool read = choice switch
        {
            Identified => reader.TryReadByte(out id),
            Wrapped => reader.TryReadByte(out id) && ApduLists.TryReadMemory(ref reader, out data),
            Agreed => ApduLists.TryReadMemory(ref reader, out parameters) && ApduLists.TryReadMemory(ref reader, out data),
            _ => reader.FailAt(start, $"choice {choice} of key-info: expected 0 to 2", "IEC 62056-5-3 (Key-Info)"),
        };
        return read ? new(choice, id, parameters, data) : null;
    }

    internal void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Choice);
        if (Choice == Agreed) writer.WriteOctets(Parameters.Span);
        else writer.WriteByte(KeyId);
        if (Choice != Identified) writer.WriteOctets(KeyCipheredData.Span);
    }
}

/// <summary>General-Ciphering: any APDU, with originator, recipient and key information (IEC 62056-5-3).</summary>
public sealed record GeneralCiphering(GeneralHead Head, KeyInfo? Key, ReadOnlyMemory<byte> Content) : CipheredApdu(Content)
{
    public const byte Tag = 0xDD;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        Head.Write(ref writer);
        writer.WriteBoolean(Key is not null);
        Key?.Write(ref writer);
        writer.WriteOctets(Content.Span);
    }

    internal static GeneralCiphering? Read(ref AxdrReader reader)
    {
        if (GeneralHead.Read(ref reader) is not { } head || !reader.TryReadBoolean(out bool hasKey)) return null;
        KeyInfo? key = null;
        if (hasKey && (key = KeyInfo.Read(ref reader)) is null) return null;
        return TryReadContent(ref reader, out ReadOnlyMemory<byte> content) ? new(head, key, content) : null;
    }
}

/// <summary>General-Signing: any APDU with a digital signature (IEC 62056-5-3).</summary>
public sealed record GeneralSigning(GeneralHead Head, ReadOnlyMemory<byte> Content, ReadOnlyMemory<byte> Signature) : Apdu
{
    public const byte Tag = 0xDF;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        Head.Write(ref writer);
        writer.WriteOctets(Content.Span);
        writer.WriteOctets(Signature.Span);
    }

    internal static GeneralSigning? Read(ref AxdrReader reader) =>
        GeneralHead.Read(ref reader) is { } head && ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> content)
        && ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> signature) ? new(head, content, signature) : null;
}

/// <summary>General-Block-Transfer: one block of any APDU (IEC 62056-5-3, general block transfer).</summary>
/// <param name="BlockControl">Last block in bit 7, streaming in bit 6, window in bits 0 to 5.</param>
/// <param name="BlockNumber">From 1.</param>
/// <param name="BlockNumberAcknowledged">The last block received in order.</param>
/// <param name="BlockData">The piece.</param>
public sealed record GeneralBlockTransfer(byte BlockControl, ushort BlockNumber, ushort BlockNumberAcknowledged, ReadOnlyMemory<byte> BlockData) : Apdu
{
    public const byte Tag = 0xE0;

    public override byte TagOctet => Tag;

    public bool IsLastBlock => (BlockControl & 0x80) != 0;

    public bool IsStreaming => (BlockControl & 0x40) != 0;

    public int Window => BlockControl & 0x3F;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteByte(BlockControl);
        writer.WriteUInt16(BlockNumber);
        writer.WriteUInt16(BlockNumberAcknowledged);
        writer.WriteOctets(BlockData.Span);
    }

    internal static GeneralBlockTransfer? Read(ref AxdrReader reader) =>
        reader.TryReadByte(out byte control) && reader.TryReadUInt16(out ushort number) && reader.TryReadUInt16(out ushort acknowledged)
        && ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> data) ? new(control, number, acknowledged, data) : null;
}
