using System.Globalization;
using System.Text;
using Praman.Proof;
using Praman.Proof.Notes;
using Praman.Server.Queries;
using QRCoder;

namespace Praman.Server.Bills;

/// <summary>
/// What leads from a bill on paper to its proof, as a square code (QR): the address of the check with the number of the bill, its place in the public
/// log and the commitment that stands there. It holds no reading, amount or salt.
/// </summary>
/// <param name="Address">What the code says.</param>
/// <param name="Entry">The bill's place in the public log, from 0.</param>
/// <param name="Size">Modules of a side, with the empty margin that readers need.</param>
/// <param name="Path">The dark modules as an SVG path, a module being one unit.</param>
public sealed record ProofCode(string Address, long Entry, Digest Commitment, int Size, string Path)
{
    /// <summary>The code of a bill; null where its proof has no salt any more, or cannot be read: then nothing leads from the paper to the log.</summary>
    /// <param name="server">Address of the pages, with a slash at its end.</param>
    public static ProofCode? Of(string server, BillFiles files)
    {
        if (!TlogProof.TryParse(files.Proof.Span, out TlogProof? proof, out _) || proof.Extra is not { Length: Proof.Commitment.SaltLength } salt) return null;
        Digest commitment = Proof.Commitment.Compute(salt.Span, files.Bill.Span);
        string address = string.Create(CultureInfo.InvariantCulture, $"{server}check?bill={Uri.EscapeDataString(files.BillNo)}&entry={proof.Index}&commitment={commitment}");
        // Level M: a seventh of the code may be smudged.
        using QRCodeData code = QRCodeGenerator.GenerateQrCode(address, QRCodeGenerator.ECCLevel.M);
        return new(address, proof.Index, commitment, code.ModuleMatrix.Count, PathOf(code));
    }

    /// <summary>A rectangle a run of dark modules.</summary>
    private static string PathOf(QRCodeData code)
    {
        var path = new StringBuilder();
        for (int y = 0; y < code.ModuleMatrix.Count; y++)
        {
            System.Collections.BitArray row = code.ModuleMatrix[y];
            for (int x = 0; x < row.Length; x++)
            {
                if (!row[x]) continue;
                int first = x;
                while (x + 1 < row.Length && row[x + 1]) x++;
                int run = x - first + 1;
                path.Append(CultureInfo.InvariantCulture, $"M{first} {y}h{run}v1h-{run}z");
            }
        }
        return path.ToString();
    }
}
