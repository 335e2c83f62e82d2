using System.CommandLine;
using System.Text.Json;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Cli.Tariffs;
using Praman.Metering;

namespace Praman.Cli.Commands;

/// <summary><c>praman tariff lint</c>: faults of tariff files, and what their author should know.</summary>
internal static class TariffLintCommand
{
    /// <summary>A finding, and the file that it is about.</summary>
    private readonly record struct Placed(string File, TariffFinding Finding);

    public static Command Create()
    {
        var path = new Argument<string>("PATH") { Description = "A tariff file (praman-tariff/1), or a folder of them." };
        var strict = new Option<bool>("--strict") { Description = "Warnings end with exit code 1 too." };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of text." };
        var options = new ConnectionOptions();
        var command = new Command("lint", "Checks tariff files, and says what is missing in them: numbers, sources, days of a series, units without a rate, cliffs.") { path, strict, json };
        options.AddTo(command);
        command.SetAction(parsed => Run(parsed.GetValue(path)!, options, parsed, parsed.GetValue(strict), parsed.GetValue(json), Console.Out, Console.Error));
        return command;
    }

    /// <returns>0 where nothing hinders; 1 where a file is at fault, or with <paramref name="strict"/> a warning was found; 2 where there is no such file.</returns>
    private static int Run(string path, ConnectionOptions options, ParseResult parsed, bool strict, bool json, TextWriter output, TextWriter errors)
    {
        if (!options.TryRead(parsed, out BillingDeterminants? inputs, out string? problem))
        {
            errors.WriteLine($"praman tariff lint: {problem}");
            return ExitCodes.BadInput;
        }
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            errors.WriteLine($"praman tariff lint: {path}: no such file or folder; expected a tariff file or a folder of them");
            return ExitCodes.BadInput;
        }
        List<Placed> found = [];
        int tariffs = 0;
        IReadOnlyList<TariffFile> files = TariffSet.ReadEach(path);
        foreach (TariffFile file in files)
        {
            foreach (TariffFault fault in file.Faults) found.Add(new(file.Name, Fault(fault)));
            if (file.Set is not { } set) continue;
            tariffs += set.Tariffs.Count;
            if (set.Tariffs.Count != 1 || set.Tariffs.First().Key != Path.GetFileNameWithoutExtension(file.Name))
            {
                found.Add(new(file.Name, new(FindingLevel.Warning, "FILE-NAME", null, "tariffs", "expected one tariff, and the file named after it")));
            }
            foreach (TariffFinding finding in TariffLint.Check(set, inputs, options.UnitsMax(parsed))) found.Add(new(file.Name, finding));
        }
        // What is wrong only between files, such as a tariff that stands twice.
        if (files.All(file => file.Set is not null) && !TariffSet.TryLoad(path, out _, out IReadOnlyList<TariffFault> faults))
        {
            foreach (TariffFault fault in faults) found.Add(new(fault.File ?? path, Fault(fault)));
        }
        if (json) WriteJson(output, files.Count, tariffs, found);
        else WriteText(output, files.Count, tariffs, found);
        return found.Exists(one => one.Finding.Level == FindingLevel.Error || (strict && one.Finding.Level == FindingLevel.Warning)) ? ExitCodes.No : ExitCodes.Done;
    }

    private static TariffFinding Fault(TariffFault fault) => new(FindingLevel.Error, "FAULT", null, fault.Path, fault.Message);

    private static void WriteText(TextWriter output, int files, int tariffs, List<Placed> found)
    {
        foreach (IGrouping<string, Placed> file in found.GroupBy(one => one.File))
        {
            output.WriteLine(file.Key);
            foreach (Placed one in file) output.WriteLine($"  {Word(one.Finding.Level),-8} {one.Finding.Code,-14} {one.Finding.Path}: {one.Finding.Message}");
        }
        output.WriteLine($"{Counted.Of(files, "file")}, {Counted.Of(tariffs, "tariff")}: "
            + $"{Counted.Of(Count(found, FindingLevel.Error), "error")}, {Counted.Of(Count(found, FindingLevel.Warning), "warning")}, {Counted.Of(Count(found, FindingLevel.Note), "note")}");
    }

    private static void WriteJson(TextWriter output, int files, int tariffs, List<Placed> found)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, TariffCommand.Plain))
        {
            writer.WriteStartObject();
            writer.WriteNumber("files", files);
            writer.WriteNumber("tariffs", tariffs);
            writer.WriteNumber("errors", Count(found, FindingLevel.Error));
            writer.WriteNumber("warnings", Count(found, FindingLevel.Warning));
            writer.WriteNumber("notes", Count(found, FindingLevel.Note));
            writer.WriteStartArray("findings");
            foreach ((string file, TariffFinding finding) in found)
            {
                writer.WriteStartObject();
                writer.WriteString("level", Word(finding.Level));
                writer.WriteString("code", finding.Code);
                writer.WriteString("file", file);
                writer.WriteString("tariff", finding.Tariff);
                writer.WriteString("path", finding.Path);
                writer.WriteString("message", finding.Message);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static int Count(List<Placed> found, FindingLevel level) => found.Count(one => one.Finding.Level == level);

    private static string Word(FindingLevel level) => level switch { FindingLevel.Error => "error", FindingLevel.Warning => "warning", _ => "note" };
}
