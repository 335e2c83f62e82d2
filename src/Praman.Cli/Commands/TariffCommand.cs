using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Praman.Cli.Commands;

/// <summary><c>praman tariff</c>: looks over tariff files, and says in plain words what is in one.</summary>
internal static class TariffCommand
{
    internal static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create() => new("tariff", "Looks over tariff files, and explains a tariff in plain words.")
    {
        TariffLintCommand.Create(),
        TariffExplainCommand.Create(),
    };
}
