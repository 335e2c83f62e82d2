using System.CommandLine;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Dlms.Explain;
using Praman.Dlms.Push;
using Praman.HeadEnd.Stores;
using Praman.Metering;
using Praman.Storage;

namespace Praman.Cli.Commands;

/// <summary><c>praman pushes</c>: what meters pushed to <c>praman serve --push</c>, from a data folder that nobody has open.</summary>
internal static class PushesCommand
{
    private const int CountMax = 10_000;

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "data folder that `praman serve --push` took pushes into; not while that runs", Required = true };
        var meter = new Option<string?>("--meter") { Description = "of this meter only, by its serial number", HelpName = "SERIAL" };
        var count = new Option<int>("--count") { Description = $"the first so many, by the time of receipt, 1 to {CountMax}", DefaultValueFactory = _ => 100, HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "one JSON document a push" };
        var command = new Command("pushes", "What meters pushed into a data folder.") { data, meter, count, json };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetValue(data)!, parsed.GetValue(meter), parsed.GetValue(count), parsed.GetValue(json), Console.Out, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string folder, string? meter, int count, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        if (count is < 1 or > CountMax) throw new InvalidDataException($"--count {count}: expected 1 to {CountMax}");
        if (!File.Exists(Path.Combine(folder, PramanStore.DatabaseName))) throw new InvalidDataException($"--data {folder}: there is no {PramanStore.DatabaseName} in it; expected a data folder");
        PramanStore store = await PramanStore.OpenExistingAsync(folder, cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            EndDeviceId? endDevice = meter is null ? null : new EndDeviceId(meter);
            IReadOnlyList<KeptPush> pushes = await store.Pushes.ReadAsync(endDevice, new Interval(null, null), count, cancellationToken).ConfigureAwait(false);
            if (pushes.Count == 0 && !json) await output.WriteLineAsync(meter is null ? "No push was taken into this folder." : $"No push of meter {meter} was taken into this folder.").ConfigureAwait(false);
            foreach (KeptPush push in pushes)
                await output.WriteLineAsync(json ? ToJson(push) : ToText(push)).ConfigureAwait(false);
        }
        return ExitCodes.Done;
    }

    private static string ToJson(KeptPush push)
    {
        PushMessage message = Read(push);
        return JsonSerializer.Serialize(
            new
            {
                serial = push.EndDevice.Serial, receivedAt = InstantPattern.General.Format(push.ReceivedAt), counter = push.Counter, time = message.Time?.ToString(),
                values = message.Values.Select(value => new { obis = value.Attribute?.LogicalName.ToString(), attribute = value.Attribute?.AttributeId, value = value.Value.ToString() }),
                apdu = Convert.ToHexString(push.Apdu.Span),
            },
            JsonSerializerOptions.Web);
    }

    private static string ToText(KeptPush push)
    {
        PushMessage message = Read(push);
        var lines = new List<string> { $"{InstantPattern.General.Format(push.ReceivedAt)} {push.EndDevice}{(message.Time is { } time ? $", made {time}" : "")}" };
        foreach (PushedValue value in message.Values)
        {
            string name = value.Attribute is { } attribute ? $"{attribute.LogicalName} {ObisNames.Describe(attribute.LogicalName)}".TrimEnd() : "-";
            lines.Add($"  {name}: {value.Value}");
        }
        return string.Join(Environment.NewLine, lines);
    }

    // It verified when it came; here it is only taken apart.
    private static PushMessage Read(KeptPush push)
    {
        var receiver = new PushReceiver();
        receiver.AppendDatagram(push.Apdu.Span);
        return receiver.TryTake(out PushMessage? message) ? message : new PushMessage(PushCarrier.Bare);
    }
}
