using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using NodaTime;
using NodaTime.Text;
using Praman.Cli.Meters;
using Praman.Metering;

namespace Praman.Cli.Commands;

/// <summary>What <c>praman read</c> is asked for beside the survey: a profile, the list of objects, an object, the clock, or the relay; one of them at a time.</summary>
internal sealed record ReadRequest
{
    private static readonly string[] Formats = [".csv", ".json", ".parquet"];

    private static readonly LocalDateTimePattern[] Times =
        [LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss"), LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm"), LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm")];

    public ObisCode? Profile { get; private init; }

    public LocalDateTime? From { get; private init; }

    public LocalDateTime? To { get; private init; }

    /// <summary>True for the list of objects.</summary>
    public bool Objects { get; private init; }

    public ObisCode? Object { get; private init; }

    public int? Attribute { get; private init; }

    public ushort? ClassId { get; private init; }

    /// <summary>How objects are called.</summary>
    public ObjectNames Names { get; private init; } = ObjectNames.Usual;

    /// <summary>The file that is written; null for standard output.</summary>
    public string? Out { get; private init; }

    public bool SetTime { get; private init; }

    /// <summary>True to close the relay, false to open it.</summary>
    public bool? Relay { get; private init; }

    /// <summary>True where no question is asked.</summary>
    public bool IsConfirmed { get; private init; }

    public bool IsSurvey => Profile is null && Object is null && !Objects && !SetTime && Relay is null;

    /// <summary>What is changed in the meter, as a question; null where nothing is.</summary>
    public string? Question(string meter) => this switch
    {
        { SetTime: true } => $"Set the clock of {meter} to this machine's time?",
        { Relay: false } => $"Disconnect the supply behind {meter}?",
        { Relay: true } => $"Connect the supply behind {meter}? Someone may be working on it.",
        _ => null,
    };

    /// <summary>The options, for the command to parse.</summary>
    internal sealed class Options
    {
        private readonly Option<string?> _profile = new("--profile") { Description = "read the rows of this profile, such as 1.0.99.1.0.255", HelpName = "OBIS" };
        private readonly Option<string?> _from = new("--from") { Description = "from this time of the meter on: 2026-11-01 or 2026-11-01T00:30", HelpName = "TIME" };
        private readonly Option<string?> _to = new("--to") { Description = "up to this time, included; a date means the end of that day", HelpName = "TIME" };
        private readonly Option<bool> _objects = new("--objects") { Description = "list the objects that the meter shows this client" };
        private readonly Option<string?> _object = new("--object") { Description = "read this object, such as 1.0.1.8.0.255", HelpName = "OBIS" };
        private readonly Option<int?> _attribute = new("--attribute") { Description = "only this attribute of the object", HelpName = "N" };
        private readonly Option<int?> _class = new("--class") { Description = "the object's class, where the meter's object list does not tell", HelpName = "N" };
        private readonly Option<string?> _model = new("--model") { Description = $"call objects as this profile file does, or one that comes along ({string.Join(", ", MeterProfiles.Names)})", HelpName = "FILE" };
        private readonly Option<string?> _out = new("--out") { Description = "write to this file: .csv, .json or .parquet", HelpName = "FILE" };
        private readonly Option<bool> _setTime = new("--set-time") { Description = "set the meter's clock to this machine's; asks first" };
        private readonly Option<string?> _relay = new("--relay") { Description = "switch the relay on or off; asks first", HelpName = "on|off" };
        private readonly Option<bool> _yes = new("--yes") { Description = "do not ask" };

        public IEnumerable<Option> All => [_profile, _from, _to, _objects, _object, _attribute, _class, _model, _out, _setTime, _relay, _yes];

        public bool TryRead(ParseResult parsed, [NotNullWhen(true)] out ReadRequest? request, [NotNullWhen(false)] out string? fault)
        {
            request = null;
            string? relay = parsed.GetValue(_relay), profile = parsed.GetValue(_profile), named = parsed.GetValue(_object), file = parsed.GetValue(_out);
            ObisCode profileCode = default, objectCode = default;
            LocalDateTime? from = null, to = null;
            ObjectNames? names = null;
            int actions = (profile is null ? 0 : 1) + (named is null ? 0 : 1) + (parsed.GetValue(_objects) ? 1 : 0) + (parsed.GetValue(_setTime) ? 1 : 0) + (relay is null ? 0 : 1);
            fault = null;
            if (actions > 1) fault = "one of --profile, --objects, --object, --set-time and --relay at a time";
            else if (relay is not (null or "on" or "off")) fault = $"--relay {relay}: expected on or off";
            else if (profile is not null && !ObisCode.TryParse(profile, out profileCode)) fault = $"--profile {profile}: expected a logical name, such as 1.0.99.1.0.255";
            else if (named is not null && !ObisCode.TryParse(named, out objectCode)) fault = $"--object {named}: expected a logical name, such as 1.0.1.8.0.255";
            else if (parsed.GetValue(_attribute) is < 1 or > 127) fault = $"--attribute {parsed.GetValue(_attribute)}: expected 1 to 127";
            else if (parsed.GetValue(_class) is < 1 or > ushort.MaxValue) fault = $"--class {parsed.GetValue(_class)}: expected 1 to {ushort.MaxValue}";
            else if (named is null && (parsed.GetValue(_attribute) ?? parsed.GetValue(_class)) is not null) fault = "--attribute and --class go with --object";
            else if (profile is null && (parsed.GetValue(_from) ?? parsed.GetValue(_to)) is not null) fault = "--from and --to go with --profile";
            else if (file is not null && profile is null && named is null && !parsed.GetValue(_objects)) fault = "--out goes with --profile, --objects or --object";
            else if (file is not null && !Formats.Contains(Path.GetExtension(file).ToLowerInvariant())) fault = $"--out {file}: expected a name that ends in {string.Join(", ", Formats)}";
            else if (file is not null && profile is null && !file.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) fault = $"--out {file}: objects are written as .json";
            else if (parsed.GetValue(_model) is not null && named is null && !parsed.GetValue(_objects)) fault = "--model goes with --object or --objects";
            else if (!ObjectNames.TryLoad(parsed.GetValue(_model), out names, out string? unread)) fault = $"--model {unread}";
            else if (!TryTime(parsed.GetValue(_from), false, out from)) fault = $"--from {parsed.GetValue(_from)}: expected 2026-11-01 or 2026-11-01T00:30";
            else if (!TryTime(parsed.GetValue(_to), true, out to)) fault = $"--to {parsed.GetValue(_to)}: expected 2026-11-01 or 2026-11-01T00:30";
            else if (from > to || IsReversed(parsed.GetValue(_from), parsed.GetValue(_to))) fault = $"--from {parsed.GetValue(_from)} is after --to {parsed.GetValue(_to)}";
            if (fault is not null) return false;
            request = new ReadRequest
            {
                Profile = profile is null ? null : profileCode, From = from, To = to, Objects = parsed.GetValue(_objects), Object = named is null ? null : objectCode, Attribute = parsed.GetValue(_attribute),
                ClassId = (ushort?)parsed.GetValue(_class), Names = names!, Out = file, SetTime = parsed.GetValue(_setTime), Relay = relay is null ? null : relay == "on", IsConfirmed = parsed.GetValue(_yes),
            };
            return true;
        }

        // A day after the day that it should end with: the midnight between belongs to neither.
        private static bool IsReversed(string? from, string? to) => from is not null && to is not null
            && LocalDatePattern.Iso.Parse(from) is { Success: true } first && LocalDatePattern.Iso.Parse(to) is { Success: true } last && first.Value > last.Value;

        // The midnight that ends a day belongs to it: rows are stamped at the end of their interval.
        private static bool TryTime(string? text, bool isEnd, out LocalDateTime? time)
        {
            time = null;
            if (text is null) return true;
            NodaTime.Text.ParseResult<LocalDate> date = LocalDatePattern.Iso.Parse(text);
            if (date.Success) time = isEnd ? date.Value.PlusDays(1).AtMidnight() : date.Value.AtMidnight();
            foreach (LocalDateTimePattern pattern in Times)
            {
                if (time is null && pattern.Parse(text) is { Success: true } parsed) time = parsed.Value;
            }
            return time is not null;
        }
    }
}
