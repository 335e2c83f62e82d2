using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>What the State pays: lines of their own beside the gross ones.</summary>
internal sealed partial class RatingRun
{
    /// <summary>What is left of each charge line after the subsidies so far.</summary>
    private decimal[] _left = new decimal[8];

    /// <summary>Subsidies that belong to no single line.</summary>
    private decimal _leftOfBill;
    private bool _openIsWaived;
    private static readonly string[] FromGross = ["gross"];

    private bool TrySubsidies()
    {
        if (_tariff.Subsidies.Count == 0) return true;
        if (_left.Length < _chargeCount) _left = new decimal[_lines.Length];
        for (int i = 0; i < _chargeCount; i++) _left[i] = _lines[i].Amount;
        for (int n = 0; n < _tariff.Subsidies.Count; n++)
        {
            Subsidy subsidy = _tariff.Subsidies[n];
            if (!TryApplies(subsidy.When, subsidy.Id, out bool applies)) return false;
            if (!applies || !HasStarted(subsidy)) continue;
            bool done = subsidy switch
            {
                WaiveAll => TryWaiveAll(subsidy),
                PercentCapped percent => TryPercentCapped(percent),
                PerUnitBlocks blocks => TryPerUnit(blocks),
                FreeUnits free => TryFreeUnits(free),
                ConsumerPaysTable table => TryConsumerPays(table),
                Entitlement entitlement => TryEntitlement(entitlement),
                _ => throw new InvalidOperationException($"No rule applies a {subsidy.GetType().Name}."),
            };
            if (!done) return false;
        }
        return true;
    }

    private bool HasStarted(Subsidy subsidy)
    {
        if (subsidy.ValidFrom is not { } start || _inputs.Period is not { } period || period.From >= start) return true;
        if (period.To >= start && !IsForAmounts) Warn("SUBSIDY-STARTS-INSIDE", $"Subsidy '{subsidy.Id}' starts on {Iso(start)}, inside the period: it is not applied.");
        return false;
    }

    private void AddSubsidy(Subsidy subsidy, ExactFraction quantity, string unit, string[] from, string rule)
    {
        int line = MakeLine(subsidy.Id, "Subsidy", ChargeGroup.Subsidy, LineKind.Subsidy, quantity, unit, subsidy.Sources);
        if (_trace is not null) Note(subsidy.Id, _lines[line].Amount, from, rule);
    }

    private bool TryWaiveAll(Subsidy subsidy)
    {
        decimal rest = _leftOfBill;
        foreach (decimal left in _left.AsSpan(0, _chargeCount)) rest += left;
        Array.Clear(_left);
        _leftOfBill = 0;
        _openIsWaived = true;
        _parts.Add(new(rest, null, -rest));
        AddSubsidy(subsidy, rest, _tariff.Currency, FromGross, "the whole bill is paid by the State");
        return true;
    }

    private bool TryPercentCapped(PercentCapped subsidy)
    {
        decimal gross = _leftOfBill;
        foreach (decimal left in _left.AsSpan(0, _chargeCount)) gross += left;
        decimal amount = _rules.LineRounding.Apply(ExactFraction.FromDecimal(gross) * subsidy.Percent * 0.01m);
        string rule = _trace is null ? "" : $"{DecimalText.AsGiven(subsidy.Percent)} % of the bill";
        if (subsidy.CapPerMonth is { } cap)
        {
            decimal limit = _rules.LineRounding.Apply(cap * _months);
            if (_trace is not null) Note($"{subsidy.Id}.cap", limit, FromMonths, $"{DecimalText.AsGiven(cap)} a month × months");
            if (_trace is not null) rule += $", at most {DecimalText.Money(limit)}";
            if (amount > limit) amount = limit;
        }
        _leftOfBill -= amount;
        _parts.Add(new(gross, null, -amount));
        AddSubsidy(subsidy, gross, _tariff.Currency, FromGross, rule);
        return true;
    }

    private bool TryPerUnit(PerUnitBlocks subsidy)
    {
        if (!TryKwh(subsidy.Id, out ExactFraction kwh) || !TryFactor(ChargePer.Month, subsidy.Id, out ExactFraction factor)) return false;
        if (!TryBands(subsidy.Blocks, isWhole: false, new(subsidy.Id, None, IsBlocks: true), kwh, factor, default, sign: -1)) return false;
        TakeFromEnergy(SumOfParts());
        AddSubsidy(subsidy, kwh, "kWh", _trace is null ? [] : ["kwh", .. TakeLimits()], "units of each band × the sum per unit, rounded, added");
        return true;
    }

    private void TakeFromEnergy(decimal amount)
    {
        for (int i = 0; i < _chargeCount; i++)
        {
            if (_lines[i].Group != ChargeGroup.Energy) continue;
            _left[i] += amount;
            return;
        }
        _leftOfBill += amount;
    }

    private bool TryFreeUnits(FreeUnits subsidy)
    {
        if (!TryKwh(subsidy.Id, out ExactFraction kwh)) return false;
        ExactFraction free = subsidy.UnitsPerMonth * (_rules.ProratesFreeUnits ? _months : _rules.CycleMonths);
        if (_trace is not null) Note($"{subsidy.Id}.limit", free, FromMonths, $"{DecimalText.AsGiven(subsidy.UnitsPerMonth)} units a month × months");
        decimal waived = 0;
        if (!TryJudgedKwh(subsidy.Id, out ExactFraction judged)) return false;
        if (judged <= free)
        {
            if (_isToDate) Until(free, ExactFraction.One);
            bool allOpen = true;
            for (int i = 0; i < _chargeCount; i++)
            {
                bool listed = subsidy.WaivesWhenWithin is null || subsidy.WaivesWhenWithin.Contains(_lines[i].Id);
                if (_lines[i].IsOpen && !listed) allOpen = false;
                if (!listed) continue;
                waived += _left[i];
                _left[i] = 0;
            }
            _openIsWaived |= allOpen;
            _parts.Add(new(kwh, null, -waived));
            AddSubsidy(subsidy, kwh, "kWh", _trace is null ? [] : ["kwh", $"{subsidy.Id}.limit"], "the units are within the free limit: the listed lines are waived");
            return true;
        }
        if (subsidy.Exceeded is not { } rules)
        {
            return Refuse(RefusalCodes.RateMissing, $"{subsidy.Id}.when_exceeded", $"What '{subsidy.Id}' charges above {free.ToText(4)} units is not published in the tariff.");
        }
        if (!TryExcess(rules, kwh, ExactFraction.Min(kwh, free), out waived)) return false;
        _parts.Add(new(ExactFraction.Min(kwh, free), null, -waived));
        AddSubsidy(subsidy, free, "kWh", _trace is null ? [] : ["kwh", $"{subsidy.Id}.limit"], "the free units at the rates of the bands they fall in, less earlier subsidies on them");
        return true;
    }

    /// <summary>Whether a fixed charge of a bill to date is due for the whole period: free units waive it up to their limit, and once they are
    /// exceeded it is owed for every day of the period.</summary>
    private bool TryWholePeriod(FixedCharge charge, out bool whole)
    {
        whole = false;
        for (int i = 0; i < _tariff.Subsidies.Count; i++)
        {
            Subsidy subsidy = _tariff.Subsidies[i];
            if (subsidy is not FreeUnits { Exceeded: { } rules } || !rules.TryGetValue(charge.Id, out WhenExceeded rule) || rule != WhenExceeded.WholePeriod) continue;
            if (!TryApplies(subsidy.When, subsidy.Id, out bool applies)) return false;
            whole |= applies && (subsidy.ValidFrom is not { } start || _inputs.Period is not { } period || period.From >= start);
        }
        return true;
    }

    /// <summary>What the free units would have cost, over the lines of which only the excess is charged.</summary>
    private bool TryExcess(IReadOnlyDictionary<string, WhenExceeded> rules, ExactFraction kwh, ExactFraction free, out decimal waived)
    {
        waived = 0;
        for (int i = 0; i < _chargeCount; i++)
        {
            if (!rules.TryGetValue(_lines[i].Id, out WhenExceeded rule) || rule != WhenExceeded.ExcessOnly) continue;
            decimal amount;
            if (_lines[i].Kind == LineKind.Blocks)
            {
                if (!TryBlocksOfFree(_lines[i].Id, free, out amount)) return false;
            }
            else if (kwh.IsZero) amount = _left[i];
            else amount = _rules.LineRounding.Apply(_left[i] * free / kwh); // a tax or rate per unit: the share of the free units
            _left[i] -= amount;
            waived += amount;
        }
        return true;
    }

    private bool TryBlocksOfFree(string id, ExactFraction free, out decimal amount)
    {
        amount = 0;
        BlockCharge charge = BlocksOf(id);
        if (!TryTable(charge.Tables, id, out BlockTable table, out BandsPath path) || !TryFactor(charge.Per, id, out ExactFraction factor)) return false;
        if (!TryBands(table.Bands, table.IsWhole, path, free, factor, default)) return false;
        for (int i = 0; i < _tariff.Subsidies.Count; i++)
        {
            if (_tariff.Subsidies[i] is not PerUnitBlocks earlier || !HasLine(earlier.Id)) continue;
            if (!TryFactor(ChargePer.Month, earlier.Id, out factor)) return false;
            if (!TryBands(earlier.Blocks, isWhole: false, new(earlier.Id, None, IsBlocks: true), free, factor, default, sign: -1)) return false;
        }
        amount = TakeSum();
        _ = TakeLimits(); // of a table that was traced before
        return true;
    }

    private BlockCharge BlocksOf(string id)
    {
        foreach (CompiledComponent component in _compiled.Components)
        {
            if (component.Source.Id == id) return (BlockCharge)component.Source;
        }
        throw new InvalidOperationException($"The tariff has no component '{id}'.");
    }

    private bool HasLine(string id)
    {
        for (int i = 0; i < _lineCount; i++)
        {
            if (_lines[i].Id == id) return true;
        }
        return false;
    }

    private bool TryConsumerPays(ConsumerPaysTable subsidy)
    {
        if (!TryKwh(subsidy.Id, out ExactFraction kwh) || !TryFactor(ChargePer.Cycle, subsidy.Id, out ExactFraction factor)) return false;
        if (!TryTable(subsidy.Tables, subsidy.Id, out BlockTable table, out BandsPath path) || !TryBands(table.Bands, table.IsWhole, path, kwh, factor, default)) return false;
        decimal pays = TakeSum(), energy = 0;
        for (int i = 0; i < _lineCount; i++)
        {
            if (_lines[i].Group == ChargeGroup.Energy) energy += _lines[i].Amount;
        }
        decimal amount = pays - energy;
        TakeFromEnergy(amount);
        _parts.Add(new(kwh, null, amount));
        if (_trace is not null) Note($"{subsidy.Id}.consumer_pays", pays, ["kwh", .. TakeLimits()], "units of each band of the consumer's table × its rate");
        AddSubsidy(subsidy, kwh, "kWh", _trace is null ? [] : [$"{subsidy.Id}.consumer_pays"], "the consumer's amount less the energy charge");
        return true;
    }

    private bool TryEntitlement(Entitlement subsidy)
    {
        if (_inputs.External is null || !_inputs.External.TryGetValue(subsidy.Id, out decimal given))
        {
            if (!IsForAmounts) Warn("ENTITLEMENT-LEFT-OUT", $"Subsidy '{subsidy.Id}' is a personal entitlement; its amount was not given under external.{subsidy.Id} and is left out.");
            return true;
        }
        if (given < 0) return RefuseInput($"external.{subsidy.Id}", "expected an amount of 0 or more");
        decimal amount = _rules.LineRounding.Apply(given);
        _leftOfBill -= amount;
        _parts.Add(new(1, null, -amount));
        AddSubsidy(subsidy, 1, "entitlement", _trace is null ? [] : [$"external.{subsidy.Id}"], "as given with the bill's inputs");
        return true;
    }

    private bool TryRebates()
    {
        for (int i = 0; i < _tariff.Rebates.Count; i++)
        {
            Rebate rebate = _tariff.Rebates[i];
            if (rebate is PercentRebate { IsOfRecharge: true }) continue; // given with the recharge, not on the bill
            if (!TryApplies(rebate.When, rebate.Id, out bool applies)) return false;
            if (applies && !TryRebate(rebate)) return false;
        }
        return true;
    }

    private bool TryRebate(Rebate rebate)
    {
        ExactFraction quantity = 1;
        string unit = "bill";
        decimal? rate = null;
        ExactFraction amount;
        bool open = false;
        switch (rebate)
        {
            case PercentRebate percent:
                quantity = 0;
                for (int i = 0; i < _lineCount; i++)
                {
                    if (!percent.Of.Contains(_lines[i].Id)) continue;
                    quantity += _lines[i].Amount;
                    open |= _lines[i].IsOpen;
                }
                unit = _tariff.Currency;
                amount = quantity * percent.Percent * 0.01m;
                break;
            case PerUnitRebate perUnit:
                if (!TryKwh(rebate.Id, out quantity)) return false;
                (unit, rate, amount) = ("kWh", -perUnit.Rate, quantity * perUnit.Rate);
                break;
            default:
                amount = ((FlatRebate)rebate).Amount;
                break;
        }
        _parts.Add(new(quantity, rate, -_rules.LineRounding.Apply(amount)));
        int made = MakeLine(rebate.Id, "Rebate", ChargeGroup.Rebate, LineKind.Rebate, quantity, unit, rebate.Sources, isOpen: open);
        if (_trace is not null) Note(rebate.Id, _lines[made].Amount, rebate is PercentRebate of ? [.. of.Of] : [], rebate is PercentRebate p ? $"{DecimalText.AsGiven(p.Percent)} % of the lines" : Made(made).Formula);
        return true;
    }
}
