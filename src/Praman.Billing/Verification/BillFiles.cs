using Praman.Metering;

namespace Praman.Billing.Verification;

/// <summary>The files of one bill, as octets (docs/reference/proof-format.md).</summary>
/// <param name="Bill">bill.json.</param>
/// <param name="Proof">bill.tlog-proof; null where it was not given.</param>
/// <param name="Evidence">bill.evidence.json; null where it was not given.</param>
public sealed record BillFiles(ReadOnlyMemory<byte> Bill, ReadOnlyMemory<byte>? Proof = null, ReadOnlyMemory<byte>? Evidence = null)
{
    public const string BillName = "bill.json", ProofName = "bill.tlog-proof", EvidenceName = "bill.evidence.json";

    /// <summary>Octets of one file, at most.</summary>
    public const int LengthMax = 32 << 20;
}

/// <summary>A file that is not what it should be: nothing was checked.</summary>
/// <param name="File">Its usual name.</param>
/// <param name="Field">The path of the member at fault, such as <c>lines[0].label</c>; empty where it is the file as a whole.</param>
/// <param name="Error">The offset and what was expected there.</param>
public sealed record UnreadableFile(string File, string Field, DecodeError Error)
{
    public override string ToString() => Field.Length == 0 ? $"{File}: {Error}" : $"{File}: {Field}: {Error}";
}
