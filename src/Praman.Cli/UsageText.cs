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
        ["System.Byte"] = $"a whole number from 0 to {byte.MaxValue}",
        ["System.UInt16"] = $"a whole number from 0 to {ushort.MaxValue}",
        ["System.UInt32"] = $"a whole number from 0 to {uint.MaxValue}",
        ["System.Int64"] = $"a whole number from {long.MinValue} to {long.MaxValue}",
        ["System.Decimal"] = "a number",
        ["System.Double"] = "a number",
        ["System.UInt64"] = $"a whole number from 0 to {ulong.MaxValue}",
        ["System.Boolean"] = "true or false",
    };

    public static string Of(ParseResult parsed)
    {
        // A verb that is not known is all that went wrong: that one is missing follows from it.
        IEnumerable<ParseError> errors = parsed.UnmatchedTokens.Count > 0 ? parsed.Errors.Where(error => !error.Message.StartsWith("Required command", StringComparison.Ordinal)) : parsed.Errors;
        string said = string.Join("; ", errors.Select(Words).Distinct(StringComparer.Ordinal));
        return $"{said}; see '{Help(parsed)}'";
    }

    private static string Help(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (CommandResult? result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
        {
            if (result.Command is not RootCommand) names.Push(result.Command.Name);
        }
        return string.Join(' ', ["praman", .. names, "--help"]);
    }

    /// <summary>
    /// What was taken for input and is written like an option: who mistypes one is told so, and not that some file is missing. What stands after
    /// <c>--</c> is input whatever it looks like, and <c>-</c> is standard input.
    /// </summary>
    /// <returns>The line for people; null where all options are known.</returns>
    public static string? OfUnknownOptions(ParseResult parsed, IEnumerable<string> arguments)
    {
        HashSet<string> input = [.. arguments.SkipWhile(argument => argument != "--")];
        string[] unknown =
        [
            .. parsed.CommandResult.Children
                .Where(child => child is ArgumentResult or OptionResult { Option.AllowMultipleArgumentsPerToken: true })
                .SelectMany(child => child.Tokens.Select(token => token.Value))
                .Concat(parsed.UnmatchedTokens)
                .Where(value => value.Length > 1 && value[0] == '-' && !input.Contains(value))
                .Distinct(StringComparer.Ordinal),
        ];
        return unknown.Length == 0 ? null : $"{string.Join("; ", unknown.Select(value => $"{value}: there is no such option"))}; see '{Help(parsed)}'";
    }

    private static string Words(ParseError error)
    {
        if (WrongType().Match(error.Message) is { Success: true } match && Expected.TryGetValue(match.Groups["type"].Value, out string? expected))
        {
            return $"{match.Groups["option"].Value} {match.Groups["found"].Value}: expected {expected}";
        }
        if (OneOf().Match(error.Message) is { Success: true } other)
        {
            string[] among = [.. Quoted().Matches(other.Groups["among"].Value).Select(word => word.Groups["word"].Value)];
            string option = error.SymbolResult is OptionResult result ? $"{result.Option.Name} " : "";
            return $"{option}{other.Groups["found"].Value}: expected {string.Join(", ", among[..^1])}{(among.Length > 1 ? " or " : "")}{among[^1]}";
        }
        // A list of what may stand there comes as a line each.
        return Lines().Replace(error.Message.Trim(), " ").TrimEnd('.');
    }

    [GeneratedRegex("^Cannot parse argument '(?<found>.*)' for (?:option|argument|command) '(?<option>[^']*)' as expected type '(?:System\\.Nullable`1\\[)?(?<type>[^'\\]]*)")]
    private static partial Regex WrongType();

    [GeneratedRegex("^Argument '(?<found>.*?)' not recognized\\. Must be one of:(?<among>.*'.*)", RegexOptions.Singleline)]
    private static partial Regex OneOf();

    [GeneratedRegex("'(?<word>[^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex Lines();
}
