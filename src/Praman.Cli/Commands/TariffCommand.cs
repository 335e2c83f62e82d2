using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Praman.Cli.Commands;

/// <summary><c>praman tariff</c>: looks over tariff files, says in plain words what is in one, and makes one of a rate from elsewhere.</summary>
internal static class TariffCommand
{
    internal static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create() => new("tariff", "Looks over tariff files, explains a tariff in plain words, and makes one of a rate from elsewhere.")
    {
        TariffLintCommand.Create(),
        TariffExplainCommand.Create(),
        TariffImportCommand.Create(),
    };
}
