using System.Globalization;
using System.Text;
using Praman.Dlms.Explain;
using Praman.Dlms.Explain.Captures;
using Praman.Metering;
using Spectre.Console;

namespace Praman.Cli.Commands;

/// <summary>A decoded message for people: one sentence, then every field with its octets, meaning and clause, then the readings.</summary>
internal static class DecodeTree
{
    private const int OctetsShown = 12;
    private const int WidthWhenPiped = 150;

    public static void Write(DlmsDocument document, IReadOnlyList<string> notes, CapturedMessage? captured, TextWriter output, bool isTerminal) =>
        Write(output, isTerminal, console =>
        {
            if (captured is not null) WriteHead(console, captured);
            if (document.Summary.Length > 0) console.MarkupLineInterpolated($"[bold]{document.Summary}[/]");
            foreach (string note in notes) console.MarkupLineInterpolated($"[yellow]{(document.IsRefused ? "REFUSED" : "note")}: {note}[/]");
            console.WriteLine();
            console.Write(Fields(document));
            if (document.Readings.Count > 0)
            {
                console.WriteLine();
                console.Write(Readings(document));
            }
            if (captured is not null) console.WriteLine();
        });

    /// <summary>Octets of a capture that are no message.</summary>
    public static void WriteNoise(CapturedMessage captured, TextWriter output, bool isTerminal) =>
        Write(output, isTerminal, console =>
        {
            WriteHead(console, captured);
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[yellow]{Counted.Of(captured.Octets.Length, "octet")}: {Clean(captured.Fault!)}[/]");
            if (!captured.Octets.IsEmpty) console.MarkupLineInterpolated($"[dim]{Octets(Convert.ToHexString(captured.Octets.Span[..Math.Min(captured.Octets.Length, OctetsShown + 1)]))}[/]");
            console.WriteLine();
        });

    private static void Write(TextWriter output, bool isTerminal, Action<IAnsiConsole> render)
    {
        if (isTerminal)
        {
            render(ConsoleOf(output, isTerminal));
            return;
        }
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        render(ConsoleOf(text, isTerminal));
        string rendered = text.ToString();
        int end = rendered.TrimEnd().Length;
        foreach (string line in rendered[..end].Split('\n')) output.WriteLine(line.TrimEnd()); // no blanks that pad columns
        if (rendered.EndsWith("\n\n", StringComparison.Ordinal)) output.WriteLine(); // between the messages of a capture
    }

    private static IAnsiConsole ConsoleOf(TextWriter output, bool isTerminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (!isTerminal) console.Profile.Width = WidthWhenPiped;
        return console;
    }

    // When, from whom to whom, and what happened on the way.
    private static void WriteHead(IAnsiConsole console, CapturedMessage captured)
    {
        string time = DecodeCommand.TimeOf(captured) ?? "time unknown";
        string peers = captured.From is null ? "" : $"{captured.From} → {captured.To}  ";
        string direction = (captured.Carrier, captured.IsToServer) switch
        {
            (_, null) => "",
            ("serial", true) => ", sent",
            ("serial", false) => ", received",
            (_, true) => ", to the server",
            (_, false) => ", from the server",
        };
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
            $"[blue]── {time}  {peers}[/][dim]{captured.Carrier}{direction}, {(captured.Carrier == "serial" ? "line" : "packet")} {captured.Moment.Number}[/]");
        foreach (string note in captured.Notes) console.MarkupLineInterpolated($"[yellow]   {note}[/]");
    }

    private static Table Fields(DlmsDocument document)
    {
        Table table = Columns("offset", "bytes", "field", "meaning", "clause");
        table.Columns[0].Alignment = Justify.Right;
        table.Columns[0].NoWrap = table.Columns[1].NoWrap = table.Columns[2].NoWrap = true;
        for (int index = 0; index < document.Explain.Count; index++) Add(table, document.Explain[index], "", "", null, document.Summary);
        return table;
    }

    private static void Add(Table table, ExplainNode node, string guide, string below, string? of, string said)
    {
        bool leaf = node.Children.Count == 0;
        if (node.Of != of && node.Of is not null) table.AddRow(Text("", ""), Text("", ""), Text($"— offsets in the {node.Of} —", "dim"), Text("", ""), Text("", ""));
        table.AddRow(
            Text(node.Offset.ToString(CultureInfo.InvariantCulture), "dim"),
            Text(leaf ? Octets(node.Bytes) : Counted.Of(node.Length, "octet"), leaf ? "cyan" : "dim"),
            Text(guide + node.Field, leaf ? "" : "bold"),
            Text(node.Meaning == said ? "" : Meaning(node), MeaningStyle(node)),
            Text(node.Clause ?? "", "dim"));
        for (int index = 0; index < node.Children.Count; index++)
        {
            bool last = index == node.Children.Count - 1;
            Add(table, node.Children[index], below + (last ? "└ " : "├ "), below + (last ? "  " : "│ "), node.Of, said);
        }
    }

    private static string MeaningStyle(ExplainNode node) => node.Meaning switch
    {
        "verified" => "green",
        "does NOT verify" => "red",
        _ => "",
    };

    // A value that is more than its octets stands before its meaning.
    private static string Meaning(ExplainNode node)
    {
        bool isHex = node.Value is { } value && node.Bytes is { } bytes
            && (bytes == value || value.EndsWith('…') || (value.Length > 4 && bytes.EndsWith(value, StringComparison.Ordinal)));
        bool plain = isHex || string.IsNullOrEmpty(node.Value) || node.Children.Count > 0;
        return (plain, node.Meaning) switch
        {
            (true, _) => node.Meaning ?? "",
            (_, null) => node.Value!,
            (_, { } meaning) when meaning.Contains(node.Value!, StringComparison.Ordinal) => meaning,
            (_, { } meaning) => $"{node.Value}  ({meaning})",
        };
    }

    private static Table Readings(DlmsDocument document)
    {
        Table table = Columns("OBIS", "reading", "value");
        foreach (DlmsReading reading in document.Readings)
            table.AddRow(Text(reading.Code.ToString(), "cyan"), Text(ObisNames.Describe(reading.Code) ?? "", ""), Text(reading.Text, "bold"));
        return table;
    }

    private static Table Columns(params string[] titles)
    {
        var table = new Table { Border = TableBorder.None, UseSafeBorder = true };
        foreach (string title in titles) table.AddColumn(new TableColumn(new Markup($"[dim]{title}[/]")) { Padding = new Padding(0, 0, 2, 0) });
        return table;
    }

    private static string Octets(string? hex)
    {
        if (hex is null) return "";
        var text = new StringBuilder();
        for (int at = 0; at + 1 < hex.Length && at < 2 * OctetsShown; at += 2) text.Append(at == 0 ? "" : " ").Append(hex, at, 2);
        return hex.Length > 2 * OctetsShown ? text.Append(" …").ToString() : text.ToString();
    }

    private static Markup Text(string text, string style)
    {
        string escaped = Markup.Escape(Clean(text));
        return new Markup(style.Length == 0 || escaped.Length == 0 ? escaped : $"[{style}]{escaped}[/]");
    }

    // What a meter sends as text must not steer the terminal.
    private static string Clean(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(character => char.IsControl(character) ? '·' : character)) : text;
}
