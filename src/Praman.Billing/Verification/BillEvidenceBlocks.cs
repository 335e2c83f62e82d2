using Praman.Metering;

namespace Praman.Billing.Verification;

/// <summary>The blocks that a bill was made of, from its evidence file.</summary>
public static class BillEvidenceBlocks
{
    /// <summary>Its interval blocks.</summary>
    /// <exception cref="InvalidDataException">The file is not evidence of a bill, or that of another bill or usage point.</exception>
    public static IReadOnlyList<IntervalBlock> Read(ReadOnlyMemory<byte> file, string billNo, UsagePointId usagePoint) =>
        [.. ReadAll(file, billNo, usagePoint).Where(block => !block.Type.IsRegister())];

    /// <summary>All of them, registers too, in the order of the file.</summary>
    /// <exception cref="InvalidDataException">As <see cref="Read"/>.</exception>
    public static IReadOnlyList<IntervalBlock> ReadAll(ReadOnlyMemory<byte> file, string billNo, UsagePointId usagePoint)
    {
        if (!new EvidenceReader().TryRead(file, out EvidenceDocument? evidence, out UnreadableFile? fault)) throw new InvalidDataException(fault.ToString());
        if (evidence.BillNo != billNo) throw new InvalidDataException($"{BillFiles.EvidenceName} is that of bill {evidence.BillNo}");
        var blocks = new List<IntervalBlock>();
        foreach (EvidenceBlock one in evidence.Blocks)
        {
            if (!IntervalBlock.TryParse(evidence.Octets(one).ToArray(), out IntervalBlock? block, out DecodeError error)) throw new InvalidDataException(error.ToString());
            if (block.UsagePoint != usagePoint) throw new InvalidDataException($"{BillFiles.EvidenceName} holds a block of {block.UsagePoint}");
            blocks.Add(block);
        }
        return blocks;
    }
}
