using NodaTime;
using Praman.Server.Queries;

namespace Praman.Server.Pages;

/// <summary>What the operator's first page shows.</summary>
/// <param name="Zone">Zone in which instants are said.</param>
/// <param name="WaitingCount">Bills that wait for a release of edited readings.</param>
/// <param name="RebillCount">Bills whose readings have changed since they were made.</param>
public sealed record OperatorModel(
    IReadOnlyList<CoverageDay> Coverage, IReadOnlyList<FailingMeter> Failing, IReadOnlyList<FindingGroup> Findings, DateTimeZone Zone, int WaitingCount, int RebillCount);
