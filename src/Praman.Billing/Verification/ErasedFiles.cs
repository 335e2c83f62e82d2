using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;
using Praman.Metering;
using Praman.Proof.Canonical;
using Praman.Proof.Notes;

namespace Praman.Billing.Verification;

/// <summary>
/// The files of a bill whose salts were erased (docs/reference/proof-format.md): the proof without its salt, the evidence with the day of the erasure and
/// with empty salts. Bill and readings stay as they were; what the log holds of them can be linked to them by nobody who kept no copy.
/// </summary>
public static class ErasedFiles
{
    // In canonical form the member stands between blocks and series; within a string its quotes would be escaped.
    private static ReadOnlySpan<byte> Mark => "],\"erased\":\""u8;
    private static ReadOnlySpan<byte> AfterMark => "\",\"series\":["u8;
    private const int DateLength = 10;

    /// <summary>The proof file without its salt.</summary>
    /// <exception cref="InvalidDataException">The file is no proof.</exception>
    public static byte[] Proof(ReadOnlySpan<byte> proof) => TlogProof.TryParse(proof, out TlogProof? read, out DecodeError error)
        ? (read with { Extra = null }).ToBytes()
        : throw new InvalidDataException($"{BillFiles.ProofName}: {error}");

    /// <summary>The evidence file without its salts. One that was emptied before stays as it is.</summary>
    /// <param name="on">The day of the erasure.</param>
    /// <exception cref="InvalidDataException">The file is not evidence of a bill.</exception>
    public static byte[] Evidence(ReadOnlyMemory<byte> evidence, LocalDate on)
    {
        if (!new EvidenceReader().TryRead(evidence, out EvidenceDocument? read, out UnreadableFile? fault)) throw new InvalidDataException(fault.ToString());
        if (read.Erased is not null) return evidence.ToArray();
        var file = (JsonObject)JsonNode.Parse(evidence.Span)!;
        foreach (JsonNode? block in (JsonArray)file["blocks"]!) block!["salt"] = "";
        file["erased"] = LocalDatePattern.Iso.Format(on);
        return CanonicalJson.Canonicalize(JsonSerializer.SerializeToUtf8Bytes(file));
    }

    /// <summary>The number of the bill that an evidence file is of; null where it is no evidence.</summary>
    public static string? BillNoOf(ReadOnlyMemory<byte> evidence) =>
        new EvidenceReader().TryRead(evidence, out EvidenceDocument? read, out _) ? read.BillNo : null;

    /// <summary>The day on which the salts of an evidence file were erased; null where they are there.</summary>
    public static LocalDate? ErasedOn(ReadOnlySpan<byte> evidence)
    {
        int at = evidence.IndexOf(Mark);
        if (at < 0 || evidence.Length < at + Mark.Length + DateLength || !evidence[(at + Mark.Length + DateLength)..].StartsWith(AfterMark)) return null;
        return TextForms.TryDate(evidence.Slice(at + Mark.Length, DateLength), out LocalDate date) ? date : null;
    }
}
