using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;

namespace Praman.Billing.Verification;

/// <summary>One bill under check: steps in order, each telling what differs and what is missing.</summary>
internal sealed partial class VerificationRun(
    BillDocument bill, TlogProof? proof, EvidenceDocument? evidence, CheckpointPolicy policy, Instant? now, VerifierCache cache)
{
    private readonly List<BillDifference> _differences = [];
    private readonly List<string> _missing = [];
    private readonly List<BillCheck> _checks = [];
    private readonly KnownNodes? _log = proof is null ? null : cache.Tree(proof.Checkpoint.Size, proof.Checkpoint.Root);
    private EvidencedTariff? _tariff;

    /// <summary>The document as it was given: the bill, or the reversal that it follows from.</summary>
    public required BillDocument Given { get; init; }

    /// <summary>A file that turned out unreadable only when its parts were used.</summary>
    public UnreadableFile? Fault { get; private set; }

    private enum Outcome
    {
        Held,
        Differs,
        NotRun,
    }

    public BillVerdict Run()
    {
        if (proof is null) _missing.Add(BillFiles.ProofName);
        else if (proof.Extra is null && evidence?.Erased is null) _missing.Add("salt");
        if (bill.IsShort) _missing.Add("inputs");
        else if (evidence is null) _missing.Add(BillFiles.EvidenceName);

        if (evidence?.Erased is not null && !bill.IsShort) _missing.Add(BillVerdict.ErasedSalts);

        bool isOtherBill = false;
        if (proof is not null)
        {
            (Outcome Outcome, string Detail) inclusion = CheckInclusion();
            Step(3, "inclusion", inclusion);
            Step(4, "signatures", CheckSignatures());
            isOtherBill = inclusion.Outcome == Outcome.Differs;
        }
        // A bill that is not the logged one may have another number for that: its evidence is of another bill only where the commitment does not differ.
        if (evidence is not null && evidence.BillNo != Given.BillNo && !isOtherBill)
        {
            Fault = new(BillFiles.EvidenceName, "bill_no", new DecodeError(0, $"the evidence is of bill \"{evidence.BillNo}\", not of \"{Given.BillNo}\""));
            return Close();
        }
        if (bill.IsShort)
        {
            Step(7, "amounts", CheckSum());
        }
        else if (evidence is not null)
        {
            Outcome tariff = CheckTariff(out string detail);
            Step(5, "tariff", (tariff, detail));
            (Outcome Outcome, string Detail) readings = CheckReadings();
            Step(6, "readings", readings);
            if (tariff == Outcome.Held) Step(7, "amounts", CheckAmounts(readings.Outcome != Outcome.Differs));
        }
        else
        {
            Step(7, "amounts", CheckSums());
        }
        if (bill.Revises is { } revised) Step(7, "revision", CheckRevision(revised));
        if (Given.Reverses is { } reversed) Step(7, "reversal", CheckReversal(reversed));
        return Close();
    }

    private BillVerdict Close()
    {
        BillDifference? first = null;
        foreach (BillDifference difference in _differences)
        {
            if (first is null || RankOf(difference.Line) < RankOf(first.Line)) first = difference;
        }
        Verdict verdict = first is not null ? Verdict.Different
            : _missing.Count > 0 ? Verdict.Unproven
            : IsMeasured ? Verdict.Valid : Verdict.ValidWithEstimates;
        if (first is not null && first.Line.StartsWith(TextPrefix, StringComparison.Ordinal)) first = first with { Line = first.Line[TextPrefix.Length..] };
        return new(Given.BillNo, verdict, first, _missing, bill.Readings.EstimatedIntervals, bill.Readings.EstimatedWh, _checks, Given.TotalPaise)
        {
            EditedIntervals = bill.Readings.EditedIntervals,
            EditedRegisters = bill.Readings.EditedRegisters,
        };
    }

    /// <summary>Whether all energy is given to an hour by a meter, and a register stands behind it.</summary>
    private bool IsMeasured => bill.Readings is { EstimatedIntervals: 0, EditedIntervals: 0, EditedRegisters: 0, UnassignedWh: 0, Segments.Count: > 0 };

    /// <summary>Marks a line whose amounts hold and whose words do not.</summary>
    private const string TextPrefix = "text:";

    private static int RankOf(string place) => place switch
    {
        "gross" or "net" or "rounding" or "total" => 1,
        "tariff" => 3,
        "commitment" => 4,
        "inclusion" => 5,
        "log-signature" => 6,
        "witness" => 7,
        _ when place.StartsWith("readings/", StringComparison.Ordinal) => 2,
        _ when place.StartsWith("series/", StringComparison.Ordinal) => 3,
        _ when place.StartsWith(TextPrefix, StringComparison.Ordinal) => 8,
        _ => 0,
    };

    private void Step(int number, string name, (Outcome Outcome, string Detail) result) =>
        _checks.Add(new(number, name, result.Outcome switch { Outcome.Held => true, Outcome.Differs => false, _ => null }, result.Detail));

    private (Outcome, string) Differs(string place, string ours, string theirs)
    {
        _differences.Add(new(place, ours, theirs));
        string shown = place.StartsWith(TextPrefix, StringComparison.Ordinal) ? place[TextPrefix.Length..] : place;
        return (Outcome.Differs, $"{shown}: computed {ours}, found {theirs}");
    }

    private (Outcome, string) Lacks(string what)
    {
        _missing.Add(what);
        return (Outcome.NotRun, $"missing: {what}");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Steps 2 and 3: bill and salt give a commitment, that an entry, that a leaf, and the leaf leads to the root. One chain: where it breaks, it does not say which link.</summary>
    private (Outcome, string) CheckInclusion()
    {
        if (proof!.Extra is not { } salt)
        {
            return (Outcome.NotRun, evidence?.Erased is { } day ? $"not checked: {ErasedText(day)}" : "not checked: something is missing");
        }
        Digest leaf = new LogEntry(LogEntryKind.Bill, Commitment.Compute(salt.Span, Given.Bytes.Span)).LeafHash();
        return proof.Includes(leaf)
            ? (Outcome.Held, $"entry {Text(proof.Index)} of {Text(proof.Checkpoint.Size)}")
            : Differs("commitment", "the octets that were logged", "other octets, salt or path");
    }

    private (Outcome, string) CheckSignatures()
    {
        CheckpointTrust trust = cache.Trust(proof!.Checkpoint, head => policy.Check(head, now));
        string origin = proof.Checkpoint.Checkpoint.Origin;
        if (!trust.LogKnown) _missing.Add("log key");
        if (trust.Log == SignatureCheck.Invalid) return Differs("log-signature", "a signature of the log that verifies", "one that does not");
        if (trust.LogKnown && trust.Log == SignatureCheck.Absent) return Differs("log-signature", $"a signature by {origin}", "none");
        if (trust.InvalidWitness is { } witness) return Differs("witness", $"a cosignature of {witness} that verifies", "one that does not");
        int lacking = trust.WitnessesMin - trust.Witnesses.Count;
        if (lacking > 0) _missing.Add(policy.WitnessKeys.Count == 0 ? "witness key" : Counted.Of(lacking, "witness cosignature"));
        if (!trust.LogKnown) return (Outcome.NotRun, $"no key of the log {origin} was given");
        return lacking > 0
            ? (Outcome.NotRun, $"log {origin}, {Text(trust.Witnesses.Count)} of {Counted.Of(trust.WitnessesMin, "witness", "witnesses")}")
            : (Outcome.Held, $"log {origin}, {Counted.Of(trust.Witnesses.Count, "witness", "witnesses")}");
    }

    /// <summary>Whether a leaf stands in the log before the bill; where not, the difference. Without a proof there is no log to ask.</summary>
    private (Outcome, string)? CheckLogged(string place, in Digest leaf, EvidenceEntry entry)
    {
        if (IsLogged(leaf, entry)) return null;
        long size = proof!.Checkpoint.Size;
        if (evidence!.TreeSize != size) return Differs("inclusion", $"tree size {Text(size)}", Text(evidence.TreeSize));
        return entry.Index >= proof.Index
            ? Differs(place, $"an entry before the bill's {Text(proof.Index)}", Text(entry.Index))
            : Differs(place, "an entry in the log", "none");
    }

    private bool IsLogged(in Digest leaf, EvidenceEntry entry)
    {
        if (proof is null) return true;
        if (evidence!.TreeSize != proof.Checkpoint.Size || entry.Index >= proof.Index) return false;
        if (ReferenceEquals(entry.ProvenIn, _log)) return true;
        bool isLogged = _log!.Includes(leaf, entry.Index, entry.Path);
        if (isLogged) entry.ProvenIn = _log;
        return isLogged;
    }

    private static string ErasedText(LocalDate day) => $"the salts were erased on {LocalDatePattern.Iso.Format(day)}";

    /// <summary>Step 5.</summary>
    private Outcome CheckTariff(out string detail)
    {
        (Outcome outcome, detail) = CheckTariff();
        return outcome;
    }

    private (Outcome, string) CheckTariff()
    {
        Digest hash = evidence!.Tariff.Hash;
        if (hash != bill.TariffHash) return Differs("tariff", hash.ToString(), bill.TariffHash.ToString());
        if (CheckLogged("tariff", new LogEntry(LogEntryKind.Tariff, hash).LeafHash(), evidence.Tariff.Entry) is { } tariffDiffers) return tariffDiffers;
        Span<byte> key = stackalloc byte[2 * Digest.Length];
        hash.CopyTo(key);
        var open = new List<HashedId>(bill.Series);
        foreach (EvidenceSeries series in evidence.Series)
        {
            Digest seriesHash = series.Part.Hash;
            int cited = open.FindIndex(one => one.Id == series.Id);
            if (cited < 0 || open[cited].Hash != seriesHash)
                return Differs($"series/{series.Id}", seriesHash.ToString(), cited < 0 ? "no such series on the bill" : open[cited].Hash.ToString());
            if (CheckLogged($"series/{series.Id}", new LogEntry(LogEntryKind.TariffSeries, seriesHash).LeafHash(), series.Part.Entry) is { } seriesDiffers) return seriesDiffers;
            open.RemoveAt(cited);
            seriesHash.CopyTo(key[Digest.Length..]);
            Digest.Sha256(key).CopyTo(key);
        }
        if (open.Count > 0) return Lacks($"series {open[0].Id}");
        _tariff = cache.Tariff(evidence, new Digest(key[..Digest.Length]));
        if (_tariff.Fault is { } fault && _tariff.UsedSeries.SequenceEqual(bill.Series.Select(one => one.Id)))
            Fault = new(BillFiles.EvidenceName, "tariff", new DecodeError(evidence.TariffStart, fault));
        else if (_tariff.Compiled is { } compiled && compiled.Tariff.Id != bill.TariffId) return Differs("tariff", compiled.Tariff.Id, bill.TariffId);
        string with = bill.Series.Count > 0 ? $" with {string.Join(", ", bill.Series.Select(one => one.Id))}" : "";
        return (Outcome.Held, $"{bill.TariffId}{with}");
    }
}
