using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Praman.Billing.SignedValues;

/// <summary>What a signature of a value amounts to.</summary>
public enum OcmfSignature
{
    /// <summary>It is this key's over the exact text.</summary>
    Valid,
    /// <summary>It is not, or is not written as a signature.</summary>
    Invalid,
    /// <summary>No key came with the value, and none was given.</summary>
    NoKey,
    /// <summary>The key is not the one that was given.</summary>
    OtherKey,
    /// <summary>An algorithm or a curve that is not known here.</summary>
    NotKnown,
}

/// <summary>The energy of one register of one meter over the transactions of a file.</summary>
/// <param name="Meter">Serial of the meter.</param>
/// <param name="Register">As the readings write it.</param>
/// <param name="EnergyWh">Ends minus beginnings where the signature is valid and both readings are good.</param>
/// <param name="UnassignedWh">The same where a reading is not good: it is energy, but whose and of when nobody vouches for.</param>
/// <param name="Open">Transactions that begin and do not end here, or end and do not begin.</param>
public sealed record OcmfRegister(string Meter, string Register, decimal EnergyWh, decimal UnassignedWh, int Open);

/// <summary>Checks OCMF: signatures over the exact text, and what the signed readings amount to.</summary>
public static class OcmfCheck
{
    private const string PublicKeyOid = "1.2.840.10045.2.1";

    /// <summary>Curves by the name that SA gives them. SHA-256 is the digest of all.</summary>
    private static readonly Dictionary<string, string> Curves = new(StringComparer.Ordinal)
    {
        ["ECDSA-secp192r1-SHA256"] = "1.2.840.10045.3.1.1", ["ECDSA-secp256r1-SHA256"] = "1.2.840.10045.3.1.7", ["ECDSA-secp384r1-SHA256"] = "1.3.132.0.34",
        ["ECDSA-secp192k1-SHA256"] = "1.3.132.0.31", ["ECDSA-secp256k1-SHA256"] = "1.3.132.0.10",
        ["ECDSA-brainpool256r1-SHA256"] = "1.3.36.3.3.2.8.1.1.7", ["ECDSA-brainpool384r1-SHA256"] = "1.3.36.3.3.2.8.1.1.11",
    };

    /// <summary>Checks the signature of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="meterKey">The meter's key, got from the meter and not from the file; null to take the one that came with the value, which then
    /// proves only that the value was not changed since somebody signed it.</param>
    public static OcmfSignature Signature(OcmfValue value, ReadOnlyMemory<byte>? meterKey)
    {
        ArgumentNullException.ThrowIfNull(value);
        if ((meterKey ?? value.PublicKey) is not { } key) return OcmfSignature.NoKey;
        if (meterKey is { } given && value.PublicKey is { } came && !given.Span.SequenceEqual(came.Span)) return OcmfSignature.OtherKey;
        if (!Curves.TryGetValue(value.Algorithm, out string? curve)) return OcmfSignature.NotKnown;
        if (value.Signature is not { } signature || CurveOf(key) != curve) return OcmfSignature.Invalid;
        try
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(key.Span, out int read);
            return read == key.Length && ecdsa.VerifyData(value.Payload.Span, signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)
                ? OcmfSignature.Valid
                : OcmfSignature.Invalid;
        }
        catch (PlatformNotSupportedException)
        {
            return OcmfSignature.NotKnown; // the system's library may lack a curve
        }
        catch (CryptographicException)
        {
            return OcmfSignature.Invalid; // a point that is not on the curve, a sequence that is none
        }
    }

    /// <summary>What the values with a valid signature amount to, a register a row, in the order of the file.</summary>
    public static IReadOnlyList<OcmfRegister> Registers(OcmfFile file, ReadOnlyMemory<byte>? meterKey)
    {
        ArgumentNullException.ThrowIfNull(file);
        var registers = new Dictionary<(string Meter, string Register), Tally>();
        foreach (OcmfValue value in file.Values)
        {
            if (Signature(value, meterKey) != OcmfSignature.Valid) continue;
            string? transaction = null, register = null, unit = null, status = null;
            foreach (OcmfReading reading in value.Readings)
            {
                // A reading without a transaction of its own stands with the one before it, also when it is of another register.
                transaction = reading.Transaction ?? transaction;
                register = reading.Register ?? register;
                unit = reading.Unit ?? unit;
                status = reading.Status ?? status;
                if (register is null || (reading with { Unit = unit }).EnergyWh is not { } energy) continue;
                var key = (value.Meter, register);
                if (!registers.TryGetValue(key, out Tally? tally)) registers[key] = tally = new();
                tally.Add(transaction, energy, status == "G");
            }
        }
        return [.. registers.Select(one => new OcmfRegister(one.Key.Meter, one.Key.Register, one.Value.Energy, one.Value.Unassigned, one.Value.Open + (one.Value.Begin is null ? 0 : 1)))];
    }

    private static string? CurveOf(ReadOnlyMemory<byte> key)
    {
        try
        {
            AsnReader info = new AsnReader(key, AsnEncodingRules.DER).ReadSequence(), algorithm = info.ReadSequence();
            return algorithm.ReadObjectIdentifier() == PublicKeyOid ? algorithm.ReadObjectIdentifier() : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private sealed class Tally
    {
        public decimal Energy { get; private set; }

        public decimal Unassigned { get; private set; }

        public int Open { get; private set; }

        public (decimal Wh, bool IsGood)? Begin { get; private set; }

        public void Add(string? transaction, decimal energyWh, bool isGood)
        {
            if (transaction == "B")
            {
                if (Begin is not null) Open++;
                Begin = (energyWh, isGood);
                return;
            }
            if (transaction is not ("E" or "L" or "R" or "A" or "P")) return;
            if (Begin is not { } begin)
            {
                Open++;
                return;
            }
            // A register that went back tells no energy that anybody could own.
            decimal used = energyWh - begin.Wh;
            if (begin.IsGood && isGood && used >= 0) Energy += used;
            else Unassigned += used;
            Begin = null;
        }
    }
}
