using System.Runtime.InteropServices;
using NodaTime;
using Praman.MeterData.Rules;

namespace Praman.MeterData.Validation;

/// <summary>A rule that could not run, and the reason as a stable word.</summary>
public readonly record struct SkippedRule(RuleId Rule, string Reason);

/// <summary>Collects findings of one day. It is used again for the next; nothing is allocated while nothing is wrong.</summary>
public sealed class Findings
{
    private readonly List<Finding> _found = new(16);
    private readonly List<SkippedRule> _skipped = new(16);

    /// <summary>What was found, in the order of the run.</summary>
    public ReadOnlySpan<Finding> Found => CollectionsMarshal.AsSpan(_found);

    /// <summary>Rules that could not run. Not a pass.</summary>
    public ReadOnlySpan<SkippedRule> Skipped => CollectionsMarshal.AsSpan(_skipped);

    public void Add(in Finding finding) => _found.Add(finding);

    public void Add(RuleId rule, Severity severity, Instant at, decimal? measured = null, decimal? limit = null, string note = "") =>
        _found.Add(new Finding(rule, severity, at, measured, limit, note));

    public void Skip(RuleId rule, string reason) => _skipped.Add(new SkippedRule(rule, reason));

    public void Clear()
    {
        _found.Clear();
        _skipped.Clear();
    }

    /// <summary>Whether a rule found something.</summary>
    public bool Has(RuleId rule)
    {
        foreach (Finding finding in Found) if (finding.Rule == rule) return true;
        return false;
    }

    /// <summary>Why a rule was skipped; null where it ran.</summary>
    public string? SkipReason(RuleId rule)
    {
        foreach (SkippedRule skipped in Skipped) if (skipped.Rule == rule) return skipped.Reason;
        return null;
    }
}
