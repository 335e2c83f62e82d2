using System.Buffers;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Acse;

/// <summary>RLRQ: a client ends the association (IEC 62056-5-3, A-RELEASE.request).</summary>
/// <param name="Reason">0 normal, 1 urgent, 30 user defined; null where it is left out.</param>
public sealed record Rlrq(byte? Reason = 0) : Apdu
{
    public const byte Tag = 0x62;

    /// <summary>The InitiateRequest again, ciphered, where the association is.</summary>
    public ReadOnlyMemory<byte> UserInformation { get; init; }

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer) => ReleaseFields.Write(ref writer, Tag, Reason, UserInformation);

    internal static Rlrq? Read(ref AxdrReader reader) =>
        ReleaseFields.TryRead(ref reader, out byte? reason, out ReadOnlyMemory<byte> user) ? new(reason) { UserInformation = user } : null;
}

/// <summary>RLRE: a server's answer to an RLRQ (IEC 62056-5-3, A-RELEASE.response).</summary>
/// <param name="Reason">0 normal, 1 not finished, 30 user defined; null where it is left out.</param>
public sealed record Rlre(byte? Reason = 0) : Apdu
{
    public const byte Tag = 0x63;

    /// <summary>The InitiateResponse again, ciphered, where the association is.</summary>
    public ReadOnlyMemory<byte> UserInformation { get; init; }

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer) => ReleaseFields.Write(ref writer, Tag, Reason, UserInformation);

    internal static Rlre? Read(ref AxdrReader reader) =>
        ReleaseFields.TryRead(ref reader, out byte? reason, out ReadOnlyMemory<byte> user) ? new(reason) { UserInformation = user } : null;
}

internal static class ReleaseFields
{
    public static bool TryRead(ref AxdrReader reader, out byte? reason, out ReadOnlyMemory<byte> userInformation)
    {
        reason = null;
        userInformation = default;
        int start = reader.Position;
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> body)) return false;
        var fields = new AxdrReader(body);
        bool hasReason = false, hasUser = false;
        while (!fields.IsAtEnd)
        {
            if (!Ber.TryRead(ref fields, out byte tag, out ReadOnlySpan<byte> content, out _))
                return reader.FailAt(reader.Position - body.Length + fields.Error.Offset, fields.Error.Reason, Ber.Clause);
            if ((tag == 0x80 && hasReason) || (tag == 0xBE && hasUser)) return reader.FailAt(start, $"field 0x{tag:X2} stands twice", AcseNames.Clause);
            (hasReason, hasUser) = (hasReason || tag == 0x80, hasUser || tag == 0xBE);
            if (tag == 0x80 && content.Length == 1) reason = content[0];
            else if (tag == 0xBE && Ber.TryUnwrap(content, 0x04, out ReadOnlySpan<byte> user)) userInformation = user.ToArray();
            else return reader.FailAt(start, $"field 0x{tag:X2} is not of a release", AcseNames.Clause);
        }
        return true;
    }

    public static void Write(ref AxdrWriter writer, byte tag, byte? reason, ReadOnlyMemory<byte> userInformation)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var body = new AxdrWriter(buffer);
        if (reason is { } given) Ber.Write(ref body, 0x80, [given]);
        if (!userInformation.IsEmpty) Ber.WriteNested(ref body, 0xBE, 0x04, userInformation.Span);
        body.Flush();
        Ber.Write(ref writer, tag, buffer.WrittenSpan);
    }
}
