using Praman.MeterData.Rules;

namespace Praman.MeterData.Validation;

/// <summary>V15: a closing register below the opening one is a rollover where the energy is physically possible, else it is refused.</summary>
public sealed class RegisterOrderCheck : IValidationRule
{
    public RuleId Id => RuleId.RegisterOrder;

    public void Check(ref ValidationDay day, Findings findings)
    {
        day.UsageWh = null;
        if (day.Registers.IsEmpty) { findings.Skip(Id, "no-register"); return; }
        long usage = 0;
        foreach (RegisterPart part in day.Registers)
        {
            bool ordered = RegisterUsage.TryCompute(part, out long partWh, out bool rolledOver);
            if (rolledOver)
            {
                findings.Add(
                    Id, ordered ? Severity.Information : Severity.Fail, day.DayStart, part.Closing, part.Opening, ordered ? "rollover" : "goes-back");
            }
            if (!ordered) return;
            usage += partWh;
        }
        day.UsageWh = usage;
    }
}
