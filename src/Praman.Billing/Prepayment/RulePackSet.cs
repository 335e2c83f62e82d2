using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Prepayment;

/// <summary>Rule packs and holidays, read from documents of the form <c>praman-rule-pack/1</c>.</summary>
public sealed class RulePackSet
{
    public const string Format = "praman-rule-pack/1";

    private static readonly (string, IsoDayOfWeek)[] Weekdays =
        [("Mon", IsoDayOfWeek.Monday), ("Tue", IsoDayOfWeek.Tuesday), ("Wed", IsoDayOfWeek.Wednesday), ("Thu", IsoDayOfWeek.Thursday), ("Fri", IsoDayOfWeek.Friday), ("Sat", IsoDayOfWeek.Saturday), ("Sun", IsoDayOfWeek.Sunday)];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private readonly Dictionary<string, RulePack> _packs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HolidayCalendar> _calendars = new(StringComparer.Ordinal);

    private RulePackSet()
    {
    }

    public IReadOnlyDictionary<string, RulePack> Packs => _packs;
    public IReadOnlyDictionary<string, HolidayCalendar> Calendars => _calendars;

    /// <summary>The pack that holds where no State has one.</summary>
    public static RulePack Default { get; } = LoadDefault();

    /// <summary>Reads a document.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out RulePackSet? set, out IReadOnlyList<TariffFault> faults)
    {
        FaultList found = new(null);
        set = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Strict);
            if (StrictObject.Open(document.RootElement, "$", found) is { } root)
            {
                if (root.Text("format") != Format) root.Fault("format", $"expected {Format}");
                set = Read(root);
                root.Close();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            found.Add("$", $"not JSON ({exception.Message})");
        }
        faults = found.Faults;
        if (faults.Count > 0) set = null;
        return set is not null;
    }

    /// <summary>This set and another; where both have a name, the other's holds.</summary>
    public RulePackSet With(RulePackSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        RulePackSet both = new();
        foreach (RulePackSet set in (RulePackSet[])[this, other])
        {
            foreach ((string id, RulePack pack) in set._packs) both._packs[id] = pack;
            foreach ((string id, HolidayCalendar calendar) in set._calendars) both._calendars[id] = calendar;
        }
        return both;
    }

    /// <summary>Reads the members <c>packs</c> and <c>holidays</c> of an object, such as the inputs of a scenario.</summary>
    internal static RulePackSet Read(StrictObject source)
    {
        RulePackSet set = new();
        if (source.OptionalObject("packs") is { } packs)
        {
            foreach (JsonProperty member in packs.Element.EnumerateObject())
            {
                if (StrictObject.Open(member.Value, packs.At(member.Name), source.Faults) is not { } pack) continue;
                set._packs[member.Name] = ReadPack(member.Name, pack);
                pack.Close();
            }
        }
        if (source.OptionalObject("holidays") is { } holidays)
        {
            foreach (JsonProperty member in holidays.Element.EnumerateObject())
            {
                List<LocalDate> dates = [];
                foreach (string text in holidays.Texts(member.Name))
                {
                    if (NodaTime.Text.LocalDatePattern.Iso.Parse(text) is { Success: true } date) dates.Add(date.Value);
                    else holidays.Fault(member.Name, $"expected dates such as 2026-01-26, found \"{text}\"");
                }
                set._calendars[member.Name] = new(member.Name, dates);
            }
        }
        return set;
    }

    private static RulePack ReadPack(string id, StrictObject pack)
    {
        (LocalTime open, LocalTime close) = ReadHours(pack);
        List<IsoDayOfWeek> weekdays = [];
        foreach ((JsonElement item, string path) in pack.Items("no_cut_weekdays")) weekdays.Add(pack.ReadChoice(item, path, Weekdays));
        _ = pack.OptionalText("emergency_credit"); // an amount in words
        RulePack read = new()
        {
            Id = id,
            Jurisdiction = pack.OptionalText("jurisdiction"),
            ValidFrom = pack.OptionalDate("valid_from"),
            ValidTo = pack.OptionalDate("valid_to"),
            IsVerified = pack.OptionalFlag("verified"),
            Sources = pack.Texts("sources"),
            Note = pack.OptionalText("note"),
            Calendar = pack.OptionalText("calendar"),
            Open = open,
            Close = close,
            NoCutWeekdays = weekdays,
            HasSecondSaturday = pack.OptionalFlag("no_cut_second_saturday"),
            HasPublicHolidays = pack.OptionalFlag("no_cut_public_holidays"),
            HasDayBefore = pack.OptionalFlag("no_cut_day_before"),
            EmergencyCreditHours = Count(pack, "emergency_credit_hours", 24 * 366) ?? 0,
            EmergencyCreditLimit = pack.OptionalNumber("emergency_credit_limit"),
            CreditFloor = pack.OptionalNumber("credit_floor") ?? 0,
            ProtectedLoadKwMax = pack.OptionalNumber("protected_load_kw_max"),
            ProtectedFlags = pack.Texts("protected_flags"),
            ConversionGraceDays = Count(pack, "conversion_grace_days", 366) ?? 0,
            NoticeHours = Count(pack, "notice_hours", 24 * 366),
            DaysLeftAlerts = [.. pack.Items("days_left_alerts").Select(i => i.Item.ValueKind == JsonValueKind.Number && i.Item.TryGetInt32(out int days) ? days : Wrong(pack, i.Path))],
        };
        RulePack defaults = read; // what a pack does not say keeps the value that the type gives it
        read = read with
        {
            BalanceAgeHoursMax = Count(pack, "balance_age_hours_max", 24) ?? defaults.BalanceAgeHoursMax,
            ReconnectMinutes = Count(pack, "reconnect_minutes", 24 * 60) ?? defaults.ReconnectMinutes,
            LowPercent = pack.OptionalNumber("low_percent") ?? defaults.LowPercent,
            VeryLowPercent = pack.OptionalNumber("very_low_percent") ?? defaults.VeryLowPercent,
            CliffHorizonDays = Count(pack, "cliff_horizon_days", 31) ?? defaults.CliffHorizonDays,
            CliffAmountMin = pack.OptionalNumber("cliff_amount_min") ?? defaults.CliffAmountMin,
            DebtSharePercentMax = pack.OptionalNumber("debt_share_percent_max") ?? defaults.DebtSharePercentMax,
        };
        if (read.CreditFloor > 0) pack.Fault("credit_floor", "expected 0 or less: nobody is cut who has a balance");
        if (read.DebtSharePercentMax is < 0 or > 100) pack.Fault("debt_share_percent_max", "expected 0 to 100");
        if (read.EmergencyCreditLimit < 0) pack.Fault("emergency_credit_limit", "expected 0 or more");
        return read;
    }

    private static int Wrong(StrictObject pack, string path)
    {
        pack.Faults.Add(path, "expected a whole number of days");
        return 0;
    }

    private static int? Count(StrictObject pack, string name, int max) => pack.Has(name) ? pack.Integer(name, 0, max) : null;

    private static (LocalTime, LocalTime) ReadHours(StrictObject pack)
    {
        List<string> hours = pack.Texts("allowed");
        NodaTime.Text.LocalTimePattern pattern = NodaTime.Text.LocalTimePattern.CreateWithInvariantCulture("HH':'mm");
        if (hours.Count == 2 && pattern.Parse(hours[0]) is { Success: true } open && pattern.Parse(hours[1]) is { Success: true } close && open.Value < close.Value) return (open.Value, close.Value);
        pack.Fault("allowed", "expected two times of one day, such as [\"10:00\", \"16:00\"]: cuts are permitted from the first, and not from the second on");
        return default;
    }

    private static RulePack LoadDefault()
    {
        using Stream stream = typeof(RulePackSet).Assembly.GetManifestResourceStream("Praman.Billing.Prepayment.default.json") ?? throw new InvalidOperationException("The default rule pack is not in the assembly.");
        byte[] json = new byte[stream.Length];
        stream.ReadExactly(json);
        return TryParse(json, out RulePackSet? set, out IReadOnlyList<TariffFault> faults) ? set.Packs["default"] : throw new InvalidOperationException(string.Join('\n', faults));
    }
}
