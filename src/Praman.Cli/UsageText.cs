using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Praman.Cli;

/// <summary>Wrong usage in one line: what was found, what was expected, and whose help says more.</summary>
internal static partial class UsageText
{
    private static readonly Dictionary<string, string> Expected = new(StringComparer.Ordinal)
    {
        ["System.Int32"] = $"a whole number from {int.MinValue} to {int.MaxValue}",
        ["System.UInt64"] = $"a whole number from 0 to {ulong.MaxValue}",
        ["System.Boolean"] = "true or false",
    };

    public static string Of(ParseResult parsed)
    {
        // A verb that is not known is all that went wrong: that one is missing follows from it.
        IEnumerable<ParseError> errors = parsed.UnmatchedTokens.Count > 0 ? parsed.Errors.Where(error => !error.Message.StartsWith("Required command", StringComparison.Ordinal)) : parsed.Errors;
        string said = string.Join("; ", errors.Select(Words).Distinct(StringComparer.Ordinal));
        var names = new Stack<string>();
        for (CommandResult? result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
        {
            if (result.Command is not RootCommand) names.Push(result.Command.Name);
        }
        return $"{said}; see '{string.Join(' ', ["praman", .. names])} --help'";
    }

    private static string Words(ParseError error)
    {
        if (WrongType().Match(error.Message) is { Success: true } match && Expected.TryGetValue(match.Groups["type"].Value, out string? expected))
        {
            return $"{match.Groups["option"].Value} {match.Groups["found"].Value}: expected {expected}";
        }
        // A list of what may stand there comes as a line each.
        return Lines().Replace(error.Message.Trim(), " ").TrimEnd('.');
    }

    [GeneratedRegex("^Cannot parse argument '(?<found>.*)' for (?:option|argument|command) '(?<option>[^']*)' as expected type '(?<type>[^']*)'")]
    private static partial Regex WrongType();

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex Lines();
}
