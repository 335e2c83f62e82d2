using Praman.Metering;

namespace Praman.Billing.Verification;

/// <summary>The interval blocks that a bill was made of, from its evidence file.</summary>
public static class BillEvidenceBlocks
{
    /// <exception cref="InvalidDataException">The file is not evidence of a bill.</exception>
    public static IReadOnlyList<IntervalBlock> Read(ReadOnlyMemory<byte> file)
    {
        if (!new EvidenceReader().TryRead(file, out EvidenceDocument? evidence, out UnreadableFile? fault)) throw new InvalidDataException(fault.ToString());
        var blocks = new List<IntervalBlock>();
        foreach (EvidenceBlock one in evidence.Blocks)
        {
            if (one.IsRegister) continue;
            if (!IntervalBlock.TryParse(evidence.Octets(one).ToArray(), out IntervalBlock? block, out DecodeError error)) throw new InvalidDataException(error.ToString());
            blocks.Add(block);
        }
        return blocks;
    }
}
