using NodaTime;
using Praman.Billing.Stores;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Proof.Notes;

namespace Praman.Cli.Commands;

/// <summary>Files of bills that lie in a data folder beside the database, such as the sample of <c>praman demo</c>.</summary>
/// <param name="numbers">The bills of a home.</param>
/// <param name="salts">Salts of their proofs, in hex: a proof names no bill.</param>
internal sealed class BillCopies(HashSet<string> numbers, HashSet<string> salts)
{
    private const int PageLength = 200;

    /// <summary>What tells copies of a home's bills.</summary>
    public static async ValueTask<BillCopies> OfAsync(IBillStore bills, UsagePointId usagePoint, CancellationToken cancellationToken)
    {
        var numbers = new HashSet<string>(StringComparer.Ordinal);
        var salts = new HashSet<string>(StringComparer.Ordinal);
        for (int skip = 0; ; skip += PageLength)
        {
            IReadOnlyList<BillFacts> page = await bills.ReadAsync(usagePoint, skip, PageLength, cancellationToken).ConfigureAwait(false);
            foreach (BillFacts facts in page)
            {
                numbers.Add(facts.BillNo);
                IssuedBill? bill = await bills.FindAsync(facts.BillNo, cancellationToken).ConfigureAwait(false);
                if (bill is not null && SaltOf(bill.Proof.Span) is { } salt) salts.Add(salt);
            }
            if (page.Count < PageLength) return new BillCopies(numbers, salts);
        }
    }

    /// <summary>Empties the copies below a folder of their salts, each in its place.</summary>
    /// <returns>How many files were emptied.</returns>
    public int Empty(string folder, LocalDate on)
    {
        int emptied = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToList())
        {
            if (Emptied(path, on) is not { } octets) continue;
            Overwrite(path, octets);
            emptied++;
        }
        return emptied;
    }

    /// <summary>The file without salts; null where it is no copy, or has none.</summary>
    private byte[]? Emptied(string path, LocalDate on)
    {
        if (path.EndsWith(".json", StringComparison.Ordinal) && new FileInfo(path).Length <= BillFiles.LengthMax)
        {
            byte[] evidence = File.ReadAllBytes(path);
            return ErasedFiles.BillNoOf(evidence) is { } billNo && numbers.Contains(billNo) && ErasedFiles.ErasedOn(evidence) is null ? ErasedFiles.Evidence(evidence, on) : null;
        }
        if (!path.EndsWith(".tlog-proof", StringComparison.Ordinal) || new FileInfo(path).Length > TlogProof.LengthMax) return null;
        byte[] proof = File.ReadAllBytes(path);
        return SaltOf(proof) is { } salt && salts.Contains(salt) ? ErasedFiles.Proof(proof) : null;
    }

    private static string? SaltOf(ReadOnlySpan<byte> proof) =>
        TlogProof.TryParse(proof, out TlogProof? read, out _) && read.Extra is { } salt ? Convert.ToHexString(salt.Span) : null;

    /// <summary>In its place, and with zeros first: a new file beside it would leave the old octets on the disk.</summary>
    private static void Overwrite(string path, byte[] octets)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None);
        file.Write(new byte[file.Length]);
        file.Flush(flushToDisk: true);
        file.Position = 0;
        file.Write(octets);
        file.SetLength(octets.Length);
        file.Flush(flushToDisk: true);
    }
}
