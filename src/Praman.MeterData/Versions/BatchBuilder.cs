using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Versions;

/// <summary>Gathers what many usage points append at once.</summary>
internal sealed class BatchBuilder
{
    public List<IntervalBlock> Blocks { get; } = [];

    public List<RegisterBlock> Registers { get; } = [];

    public List<ClockCheck> ClockChecks { get; } = [];

    public List<EndDeviceEvent> Events { get; } = [];

    public List<StoredFinding> Findings { get; } = [];

    public List<QuarantinedBlock> Quarantine { get; } = [];

    public List<RebillProposal> RebillProposals { get; } = [];

    public List<BilledPeriod> Billed { get; } = [];

    public void Clear()
    {
        Blocks.Clear();
        Registers.Clear();
        ClockChecks.Clear();
        Events.Clear();
        Findings.Clear();
        Quarantine.Clear();
        RebillProposals.Clear();
        Billed.Clear();
    }

    public void Add(BatchBuilder other)
    {
        Blocks.AddRange(other.Blocks);
        Registers.AddRange(other.Registers);
        ClockChecks.AddRange(other.ClockChecks);
        Events.AddRange(other.Events);
        Findings.AddRange(other.Findings);
        Quarantine.AddRange(other.Quarantine);
        RebillProposals.AddRange(other.RebillProposals);
        Billed.AddRange(other.Billed);
    }

    public ReadingBatch Build(Instant recordedAt) => new(recordedAt)
    {
        Blocks = Blocks,
        Registers = Registers,
        ClockChecks = ClockChecks,
        Events = Events,
        Findings = Findings,
        Quarantine = Quarantine,
        RebillProposals = RebillProposals,
        Billed = Billed,
    };
}
