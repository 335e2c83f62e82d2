using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Axdr;
using Praman.Dlms.Security;

namespace Praman.Dlms.Cosem;

/// <summary>Where the signature of a push stands.</summary>
public enum PushSignature
{
    None,

    /// <summary>The signed notification is ciphered.</summary>
    Inside,

    /// <summary>What was ciphered is signed, or nothing is ciphered.</summary>
    Outside,
}

/// <summary>How the pushes of a setup are protected (IEC 62056-6-2, class 40, attribute 10): its layers in the order in which they are put on.</summary>
/// <param name="Envelope">The ciphered envelope; <see cref="Protection.SignatureOnly"/> where nothing is ciphered.</param>
/// <param name="IsAuthenticated">The envelope authenticates.</param>
/// <param name="IsEncrypted">The envelope encrypts.</param>
/// <param name="Signature">Where the signature stands.</param>
/// <param name="Recipient">For whom it is; empty where it does not say.</param>
public sealed record PushProtection(Protection Envelope, bool IsAuthenticated, bool IsEncrypted, PushSignature Signature, ReadOnlyMemory<byte> Recipient)
{
    private const byte Signed = 3;

    /// <summary>What holds where no layer is named: general-glo-ciphering under the global key, authenticated and encrypted.</summary>
    public static PushProtection Default { get; } = new(Protection.GeneralGlobal, true, true, PushSignature.None, default);

    /// <summary>
    /// Reads the layers: one that ciphers, under the identified unicast key, a wrapped key or an agreed one (one-pass, static unified), one that signs, or
    /// both. False for others: more layers, and keys that the standard leaves to the devices.
    /// </summary>
    public static bool TryRead(in CosemData parameters, [NotNullWhen(true)] out PushProtection? protection)
    {
        protection = Default;
        if (parameters.Count == 0) return true;
        PushProtection read = new(Protection.SignatureOnly, false, false, PushSignature.None, default);
        foreach (CosemData layer in parameters.Items.ToArray())
        {
            protection = null;
            CosemData options = layer[1];
            if (layer[0].ToNumber() == Signed)
            {
                if (read.Signature != PushSignature.None) return false;
                // Outside, unless a layer that ciphers comes after it.
                read = read with { Signature = PushSignature.Outside };
            }
            else
            {
                if (read.Envelope != Protection.SignatureOnly || EnvelopeOf(options[4]) is not { } envelope) return false;
                read = read with
                {
                    Envelope = envelope,
                    IsAuthenticated = layer[0].ToNumber() != 1,
                    IsEncrypted = layer[0].ToNumber() != 0,
                    Signature = read.Signature == PushSignature.None ? PushSignature.None : PushSignature.Inside,
                };
            }
            if (!options[2].OctetSpan.IsEmpty) read = read with { Recipient = options[2].OctetSpan.ToArray() };
        }
        protection = read;
        return true;
    }

    private static Protection? EnvelopeOf(in CosemData key)
    {
        CosemData options = key[1];
        return key[0].ToNumber() switch
        {
            0 when options.TryGetInt64(out long identified) => identified == 0 ? Protection.GeneralIdentified : null,
            1 => Protection.GeneralWrapped,
            2 when options.Type == CosemDataType.Structure && options.Count > 0 && options[0].Type == CosemDataType.OctetString && options[0].OctetSpan.Length == 1 => options[0].OctetSpan[0] switch
            {
                KeyAgreement.OnePass => Protection.GeneralOnePass,
                KeyAgreement.StaticUnified => Protection.GeneralStatic,
                _ => null,
            },
            _ => null,
        };
    }
}
