using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using NodaTime.Text;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Cli.Demo;
using Praman.Cli.Tariffs;

namespace Praman.Cli.Commands;

/// <summary><c>praman tariff explain</c>: a tariff in plain words, and what it costs against use.</summary>
internal static class TariffExplainCommand
{
    public static Command Create()
    {
        var tariff = new Argument<string>("TARIFF") { Description = "A tariff file (praman-tariff/1), or the id of a tariff in --tariffs." };
        var tariffs = new Option<string?>("--tariffs") { Description = "Where an id is looked for; default: the folder tariffs of the repository." };
        var svg = new Option<string?>("--svg") { Description = "Writes the plot of cost against use to this file." };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of text." };
        var options = new ConnectionOptions();
        var command = new Command("explain", "Says in plain words what a tariff charges, and plots what a bill costs against use, with its cliffs.") { tariff, tariffs, svg, json };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(tariff)!, parsed.GetValue(tariffs), options, parsed, parsed.GetValue(svg), parsed.GetValue(json), Console.Out, Console.Error, cancellation));
        return command;
    }

    /// <returns>0, or 2 where the tariff or an option cannot be read.</returns>
    private static async Task<int> RunAsync(string name, string? folder, ConnectionOptions options, ParseResult parsed, string? svg, bool json, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        if (!options.TryRead(parsed, out BillingDeterminants? inputs, out string? problem) || !TryFind(name, folder, out TariffSet? set, out Tariff? tariff, out problem))
        {
            await errors.WriteLineAsync($"praman tariff explain: {problem}").ConfigureAwait(false);
            return ExitCodes.BadInput;
        }
        CompiledTariff compiled = CompiledTariff.Compile(tariff!, set!);
        if (inputs.Period is null) inputs = inputs with { Period = SamplePeriod.Of(compiled), BillDate = SamplePeriod.Of(compiled).To };
        inputs = PriceIntervals(tariff!, inputs);
        CostCurve curve = CostCurve.Of(compiled, inputs, options.UnitsMax(parsed));
        IReadOnlyList<TariffSection> sections = TariffWords.Of(tariff!, set!);
        if (svg is not null) await File.WriteAllTextAsync(svg, CostPlotSvg.Of(curve, tariff!), cancellationToken).ConfigureAwait(false);
        await output.WriteAsync(json ? JsonOf(tariff!, sections, inputs, curve) : TextOf(tariff!, sections, inputs, curve)).ConfigureAwait(false);
        return ExitCodes.Done;
    }

    private static bool TryFind(string name, string? folder, out TariffSet? set, out Tariff? tariff, out string? problem)
    {
        bool isFile = File.Exists(name);
        tariff = null;
        problem = null;
        string path = isFile ? name : folder ?? RepositoryFiles.Find("tariffs");
        if (!TariffSet.TryLoad(path, out set, out IReadOnlyList<TariffFault> faults))
        {
            problem = faults[0].ToString();
            return false;
        }
        if (isFile) tariff = set.Tariffs.Count == 1 ? set.Tariffs.Values.First() : null;
        else set.Tariffs.TryGetValue(name, out tariff);
        if (tariff is null) problem = isFile ? $"{name}: holds {set.Tariffs.Count} tariffs; give the id of one, and the file as --tariffs" : $"\"{name}\": there is no such file, and no tariff of this id in {path}";
        return tariff is not null;
    }

    /// <summary>A tariff with a price for each interval gets the one that was given for all of them.</summary>
    private static BillingDeterminants PriceIntervals(Tariff tariff, BillingDeterminants inputs)
    {
        foreach (TariffComponent component in tariff.Components)
        {
            if (component is IntervalCharge interval && inputs.External!.TryGetValue(interval.External ?? "w", out decimal price)) return inputs with { Intervals = [new(null, default, 0, price)] };
        }
        return inputs;
    }

    private static string TextOf(Tariff tariff, IReadOnlyList<TariffSection> sections, BillingDeterminants inputs, CostCurve curve)
    {
        StringBuilder text = new();
        text.Append(tariff.Id).Append('\n');
        foreach (TariffSection section in sections)
        {
            text.Append('\n').Append(section.Heading).Append('\n');
            foreach (string sentence in section.Sentences) text.Append("  - ").Append(sentence).Append('\n');
        }
        if (tariff.Components.Count == 0) return text.ToString();
        text.Append(CultureInfo.InvariantCulture, $"\nWhat a bill costs: {Connection(inputs)}\n");
        text.Append(CostPlotText.Of(curve, tariff.Currency));
        return text.ToString();
    }

    private static string Connection(BillingDeterminants inputs)
    {
        string flags = inputs.Flags.Count > 0 ? ", " + string.Join(", ", inputs.Flags) : "";
        return $"{DecimalText.Trimmed(inputs.SanctionedLoadKw ?? 0)} kW, {(inputs.Phase == SupplyPhase.Three ? "three phases" : "one phase")}{flags}, " +
            $"{LocalDatePattern.Iso.Format(inputs.Period!.Value.From)} to {LocalDatePattern.Iso.Format(inputs.Period.Value.To)}";
    }

    private static string JsonOf(Tariff tariff, IReadOnlyList<TariffSection> sections, BillingDeterminants inputs, CostCurve curve)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, TariffCommand.Plain))
        {
            writer.WriteStartObject();
            writer.WriteString("tariff", tariff.Id);
            writer.WriteString("name", tariff.Name);
            writer.WriteString("tariffHash", tariff.Hash.ToString());
            writer.WriteString("currency", tariff.Currency);
            writer.WriteStartArray("sections");
            foreach (TariffSection section in sections)
            {
                writer.WriteStartObject();
                writer.WriteString("heading", section.Heading);
                writer.WriteStartArray("sentences");
                foreach (string sentence in section.Sentences) writer.WriteStringValue(sentence);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            WriteInputs(writer, inputs);
            WriteCurve(writer, curve);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void WriteInputs(Utf8JsonWriter writer, BillingDeterminants inputs)
    {
        writer.WriteStartObject("inputs");
        writer.WriteStartObject("period");
        writer.WriteString("from", LocalDatePattern.Iso.Format(inputs.Period!.Value.From));
        writer.WriteString("to", LocalDatePattern.Iso.Format(inputs.Period.Value.To));
        writer.WriteEndObject();
        writer.WriteString("sanctioned_load_kw", DecimalText.Trimmed(inputs.SanctionedLoadKw ?? 0));
        if (inputs.MaxDemandKw is { } demand) writer.WriteString("max_demand_kw", DecimalText.Trimmed(demand));
        writer.WriteString("phase", inputs.Phase == SupplyPhase.Three ? "three" : "single");
        writer.WriteStartArray("flags");
        foreach (string flag in inputs.Flags) writer.WriteStringValue(flag);
        writer.WriteEndArray();
        if (inputs.Season is { } season) writer.WriteString("season", season);
        writer.WriteStartObject("external");
        foreach ((string name, decimal value) in inputs.External!) writer.WriteString(name, DecimalText.AsGiven(value));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteCurve(Utf8JsonWriter writer, CostCurve curve)
    {
        writer.WriteStartArray("points");
        foreach (CostPoint point in curve.Points)
        {
            writer.WriteStartObject();
            writer.WriteNumber("units", point.Units);
            writer.WriteString("net", DecimalText.Money(point.Net));
            writer.WriteString("total", DecimalText.Money(point.Total));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("cliffs");
        foreach (CostCliff cliff in curve.Cliffs)
        {
            writer.WriteStartObject();
            writer.WriteNumber("units", cliff.Units);
            writer.WriteString("before", DecimalText.Money(cliff.Before));
            writer.WriteString("after", DecimalText.Money(cliff.After));
            writer.WriteString("jump", DecimalText.Money(cliff.Jump));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("unrated");
        foreach (UnratedUnits unrated in curve.Unrated)
        {
            writer.WriteStartObject();
            writer.WriteNumber("from", unrated.From);
            writer.WriteNumber("to", unrated.To);
            writer.WriteString("code", unrated.Refusal.Code);
            writer.WriteString("missing", unrated.Refusal.Missing);
            writer.WriteString("message", unrated.Refusal.Message);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("warnings");
        foreach (RatingWarning warning in curve.Warnings)
        {
            writer.WriteStartObject();
            writer.WriteString("code", warning.Code);
            writer.WriteString("message", warning.Message);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
