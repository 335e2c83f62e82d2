using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Spectre.Console;

namespace Praman.Cli.Bench;

/// <summary>One figure of a benchmark.</summary>
/// <param name="Goal">P1, P3, …, as docs/reference/benchmarks.md names them.</param>
/// <param name="Value">The median of the runs.</param>
internal sealed record BenchFigure(string Goal, string What, string Unit, double Value, double Floor, string Detail)
{
    /// <summary>Meters that were measured, where the goal is for so many at least: what a size has once weighs more on a few.</summary>
    public (int Measured, int Least)? Size { get; init; }

    public bool IsJudged => Size is not { } size || size.Measured >= size.Least;

    /// <summary>Whether the floor is reached, null where the size is not one that the goal is for; sizes and times are better small, rates are better large.</summary>
    public bool? IsReached => !IsJudged ? null : Unit.StartsWith('B') || Unit == "ms" ? Value <= Floor : Value >= Floor;
}

/// <summary><c>praman bench NAME</c>: whole paths, measured and reported; nothing is asserted.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "pipeline (the way of a reading), dlms (rows, ciphers), links (meters that another process serves) or billing (prepaid days, recharges; with --only PEDERSEN the experimental commitments)" };
        name.AcceptOnlyFromAmong("pipeline", "dlms", "links", "billing");
        var meters = new Option<int>("--meters") { Description = "meters, 100 to 1,000,000", DefaultValueFactory = _ => 10_000 };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
        var data = new Option<string?>("--data") { Description = "folder for the database that is written; a temporary one unless given" };
        var runs = new Option<int>("--runs") { Description = "runs of each part; medians are given", DefaultValueFactory = _ => 3 };
        var only = new Option<string?>("--only") { Description = "parts to run, such as P1,P8 or P2,gmac; all unless given" };
        var addresses = new Option<string?>("--addresses") { Description = "links: a file with a meter's address a line, as praman simulate prints them", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "figures as one JSON document" };
        var command = new Command("bench", "Measures whole paths on this machine.") { name, meters, seed, data, runs, only, addresses, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            int count = parsed.GetValue(meters);
            if (count is < 100 or > 1_000_000 || parsed.GetValue(runs) is < 1 or > 100)
            {
                await Console.Error.WriteLineAsync("praman: expected --meters 100 to 1000000 and --runs 1 to 100").ConfigureAwait(false);
                return ExitCodes.BadInput;
            }
            if ((parsed.GetValue(name) == "links") != (parsed.GetValue(addresses) is not null))
            {
                await Console.Error.WriteLineAsync("praman: links and --addresses FILE go together").ConfigureAwait(false);
                return ExitCodes.BadInput;
            }
            bool quiet = parsed.GetValue(json);
            IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
            string folder = parsed.GetValue(data) ?? Path.Combine(Path.GetTempPath(), $"praman-bench-{Environment.ProcessId}");
            try
            {
                string? parts = parsed.GetValue(only);
                void Say(string text) => console.WriteLine(text);
                List<BenchFigure> figures = parsed.GetValue(name) switch
                {
                    "links" => await new LinksBench(parsed.GetValue(addresses)!, Say).RunAsync(cancellationToken).ConfigureAwait(false),
                    "dlms" => new DlmsBench(count, parsed.GetValue(seed), parsed.GetValue(runs), parts, Say).Run(cancellationToken),
                    "billing" => await new BillingBench(count, parsed.GetValue(seed), folder, parsed.GetValue(runs), parts, Say).RunAsync(cancellationToken).ConfigureAwait(false),
                    _ => await new PipelineBench(count, parsed.GetValue(seed), folder, parsed.GetValue(runs), parts, Say).RunAsync(cancellationToken).ConfigureAwait(false),
                };
                if (parsed.GetValue(name) == "links") count = (int)figures[0].Value;
                if (parsed.GetValue(name) == "billing" && parts?.Split(',').Contains(PedersenBench.Name, StringComparer.OrdinalIgnoreCase) == true)
                    figures.AddRange(new PedersenBench(count, parsed.GetValue(seed), parsed.GetValue(runs), Say).Run(cancellationToken));
                if (parsed.GetValue(name) == "billing" && (parts is null || parts.Split(',').Contains("P11", StringComparer.OrdinalIgnoreCase)))
                    figures.AddRange(await new PaymentBench(count, parsed.GetValue(seed), folder, parsed.GetValue(runs), Say).RunAsync(cancellationToken).ConfigureAwait(false));
                if (quiet) WriteJson(figures, count, parsed.GetValue(seed));
                else WriteTable(figures);
                return ExitCodes.Done;
            }
            catch (Exception exception) when (exception is (InvalidDataException or IOException or JsonException) && parsed.GetValue(addresses) is not null)
            {
                await Console.Error.WriteLineAsync($"praman bench: {exception.Message}").ConfigureAwait(false);
                return ExitCodes.BadInput;
            }
            finally
            {
                if (parsed.GetValue(data) is null && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    private static void WriteTable(List<BenchFigure> figures)
    {
        Table table = new Table().Border(TableBorder.Markdown).AddColumns("goal", "what", "value").AddColumn("floor", column => column.NoWrap()).AddColumn("detail");
        foreach (BenchFigure figure in figures)
        {
            table.AddRow(figure.Goal, Markup.Escape(figure.What), Markup.Escape($"{Text(figure.Value)} {figure.Unit}"), Text(figure.Floor) + Judgement(figure), Markup.Escape(figure.IsJudged ? figure.Detail : string.Create(CultureInfo.InvariantCulture, $"the goal is for {figure.Size!.Value.Least:#,0} meters and more; {figure.Detail}")));
        }
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSArchitecture}");
    }

    private static void WriteJson(List<BenchFigure> figures, int meters, ulong seed)
    {
        using Stream output = Console.OpenStandardOutput();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteNumber("meters", meters);
        json.WriteNumber("seed", seed);
        json.WriteNumber("cores", Environment.ProcessorCount);
        json.WriteString("runtime", RuntimeInformation.FrameworkDescription);
        json.WriteStartArray("figures");
        foreach (BenchFigure figure in figures)
        {
            json.WriteStartObject();
            json.WriteString("goal", figure.Goal);
            json.WriteString("what", figure.What);
            json.WriteString("unit", figure.Unit);
            json.WriteNumber("value", figure.Value);
            json.WriteNumber("floor", figure.Floor);
            if (figure.IsReached is { } reached) json.WriteBoolean("reached", reached);
            else json.WriteNull("reached"); // not judged at this size
            json.WriteString("detail", figure.Detail);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Judgement(BenchFigure figure) => figure.IsReached switch
    {
        true => "",
        false => " (not reached)",
        null => " (not judged at this size)",
    };

    private static string Text(double value) =>
        value >= 100 ? value.ToString("#,0", CultureInfo.InvariantCulture) : value.ToString("0.00", CultureInfo.InvariantCulture);
}
