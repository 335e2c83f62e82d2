using NodaTime;

namespace Praman.Billing.SignedValues;

/// <summary>One reading of an OCMF payload. What a reading leaves out is that of the one before it (OCMF, section Readings).</summary>
/// <param name="Transaction">TX: B begins, E, L, R, A and P end; others stand between; null where the payload has none.</param>
/// <param name="Text">RV as it stands in the payload, without white space around it.</param>
/// <param name="Value">RV as a number; null where it is none.</param>
/// <param name="Unit">RU, such as kWh.</param>
/// <param name="Register">RI, as it stands there.</param>
/// <param name="Time">TM, as it stands there, with the mark of the clock's state.</param>
/// <param name="Status">ST: G is good, all others are not.</param>
public sealed record OcmfReading(string? Transaction, string Text, decimal? Value, string? Unit, string? Register, string? Time, string? Status)
{
    /// <summary>The time without the clock's state; null where it is none. That it is right is the clock's word, which may be that it knows no time.</summary>
    public Instant? At { get; init; }

    /// <summary>The value in Wh; null for a unit that is no energy.</summary>
    public decimal? EnergyWh => Unit switch { "kWh" => Value * 1000, "Wh" => Value, "MWh" => Value * 1_000_000, _ => null };
}

/// <summary>One signed value: the text that was signed, and what it says.</summary>
/// <param name="TransactionId">Of the container; null where it has none.</param>
/// <param name="Context">Of the container: Transaction.Begin, Transaction.End.</param>
/// <param name="Payload">The octets that were signed, exactly as they stood in the file.</param>
/// <param name="FormatVersion">FV.</param>
/// <param name="Pagination">PG: T and a number that goes up with each value.</param>
/// <param name="Meter">MS, the meter's serial; without it GS, the gateway's.</param>
/// <param name="Algorithm">SA; ECDSA-secp256r1-SHA256 where it is left out.</param>
/// <param name="Signature">The octets of SD; null where they are not written as SE says.</param>
/// <param name="PublicKey">The key that came with the value, a SubjectPublicKeyInfo in DER; null where there is none that can be read.</param>
/// <param name="Readings">RD.</param>
public sealed record OcmfValue(
    string? TransactionId, string? Context, ReadOnlyMemory<byte> Payload, string? FormatVersion, string? Pagination, string Meter, string Algorithm,
    ReadOnlyMemory<byte>? Signature, ReadOnlyMemory<byte>? PublicKey, IReadOnlyList<OcmfReading> Readings);

/// <summary>Signed meter values of a charge point (OCMF, Open Charge Metering Format), alone or in the container of the S.A.F.E. software.</summary>
public sealed record OcmfFile(IReadOnlyList<OcmfValue> Values);
