using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Security;

// General-signing: the signature covers all fields before it, lengths among them. It is applied before ciphering, so that it speaks of the APDU
// itself; around a ciphered APDU it is taken too.
public sealed partial class SecurityContext
{
    /// <summary>True where every APDU that comes in must be signed by the peer.</summary>
    public bool RequiresSignature { get; set; }

    /// <summary>Signs an APDU and writes a general-signing APDU around it.</summary>
    public SecurityOutcome Sign(ReadOnlySpan<byte> apdu, ref AxdrWriter writer)
    {
        if (apdu.IsEmpty) return SecurityOutcome.Malformed;
        if (OwnKeys?.Signature is null || OwnKeys.Suite != Policy.Suite) return SecurityOutcome.MissingKey;
        if (!TryTakeCounter(out uint counter)) return SecurityOutcome.CounterExhausted;
        byte[] signed = new byte[HeadLengthMax + AxdrWriter.LengthOctets(apdu.Length) + apdu.Length];
        var fields = new AxdrWriter(signed.AsSpan());
        WriteHead(counter, _peerTitle, ref fields);
        fields.WriteOctets(apdu);
        writer.WriteByte(GeneralSigning.Tag);
        writer.WriteBytes(fields.Written);
        writer.WriteOctets(OwnKeys.Sign(fields.Written));
        return SecurityOutcome.Success;
    }

    /// <summary>Signs an APDU where asked, then protects it. A signed APDU has no service tag of its own, so its envelope is a general one.</summary>
    public SecurityOutcome Protect(Protection protection, SecurityControl control, bool sign, ReadOnlySpan<byte> apdu, ref AxdrWriter writer)
    {
        if (!sign) return Protect(protection, control, apdu, ref writer);
        if (protection == Protection.SignatureOnly || (!control.IsAuthenticated && !control.IsEncrypted)) return Sign(apdu, ref writer);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        var inner = new AxdrWriter(buffer);
        SecurityOutcome outcome = Sign(apdu, ref inner);
        inner.Flush();
        if (outcome != SecurityOutcome.Success) return outcome;
        Protection general = protection switch
        {
            Protection.ServiceGlobal => Protection.GeneralGlobal,
            Protection.ServiceDedicated => Protection.GeneralDedicated,
            _ => protection,
        };
        return Protect(general, control, buffer.WrittenSpan, ref writer);
    }

    // The signature outside: of a ciphered APDU, or of one in clear where the policy asks for no more.
    private SecurityOutcome OpenSigned(ReadOnlySpan<byte> apdu, Span<byte> plainText, out int written, out SecurityHeader header)
    {
        written = 0;
        header = default;
        SecurityOutcome outcome = Verify(apdu, out GeneralSigning? signing);
        if (outcome != SecurityOutcome.Success) return outcome;
        ReadOnlySpan<byte> content = signing!.Content.Span;
        if (content.IsEmpty || content.Length > plainText.Length) return SecurityOutcome.Malformed;
        if (content[0] == GeneralCiphering.Tag || content[0] is GeneralGloCiphering.Tag or GeneralDedCiphering.Tag || ServiceCiphering.TryGetPlain(content[0], out _, out _))
        {
            outcome = OpenCiphered(content, plainText, out written, out header);
            if (outcome == SecurityOutcome.Success) Opened = Opened with { IsSigned = true };
            return outcome;
        }
        if (Policy.IsAuthenticated || Policy.IsEncrypted) return SecurityOutcome.PolicyNotMet;
        outcome = JudgeTransaction(signing.Head.TransactionId.Span, out ulong transaction);
        if (outcome != SecurityOutcome.Success) return outcome;
        Conclude(transaction);
        content.CopyTo(plainText);
        written = content.Length;
        header = new(new(Policy.Suite, false, false), 0);
        Opened = new(Protection.SignatureOnly, header.Control, true, false);
        _transaction = signing.Head.TransactionId.ToArray();
        return SecurityOutcome.Success;
    }

    // The signature inside, after deciphering.
    private SecurityOutcome StripSignature(Span<byte> plainText, ref int written)
    {
        SecurityOutcome outcome = Verify(plainText[..written], out GeneralSigning? signing);
        if (outcome != SecurityOutcome.Success) return outcome;
        if (signing!.Content.IsEmpty) return SecurityOutcome.Malformed;
        plainText[..written].Clear();
        signing.Content.Span.CopyTo(plainText);
        written = signing.Content.Length;
        Opened = Opened with { IsSigned = true };
        _transaction ??= signing.Head.TransactionId.ToArray();
        return SecurityOutcome.Success;
    }

    private SecurityOutcome Verify(ReadOnlySpan<byte> apdu, [NotNull] out GeneralSigning? signing)
    {
        signing = null!;
        if (!Apdu.TryDecode(apdu, out Apdu? decoded, out _) || decoded is not GeneralSigning given) return SecurityOutcome.Malformed;
        signing = given;
        if (PeerKeys?.Signature is null || PeerKeys.Suite != Policy.Suite) return SecurityOutcome.MissingKey;
        ReadOnlySpan<byte> originator = given.Head.OriginatorSystemTitle.Span, recipient = given.Head.RecipientSystemTitle.Span;
        if (_peerTitle is null) return SecurityOutcome.MissingSystemTitle;
        if (!originator.SequenceEqual(_peerTitle) || (!recipient.IsEmpty && !recipient.SequenceEqual(_ownTitle))) return SecurityOutcome.UnexpectedSystemTitle;
        int signatureField = AxdrWriter.LengthOctets(given.Signature.Length) + given.Signature.Length;
        return PeerKeys.Verify(apdu[1..^signatureField], given.Signature.Span) ? SecurityOutcome.Success : SecurityOutcome.SignatureMismatch;
    }
}
