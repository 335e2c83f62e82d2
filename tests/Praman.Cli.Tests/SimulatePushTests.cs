using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;
using Praman.Dlms.Push;
using Praman.Dlms.Security;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Push;
using Praman.Metering;
using Praman.Storage;
using Praman.Testing;
using Praman.Transports.Addresses;
using Praman.Transports.Tcp;

namespace Praman.Cli.Tests;

/// <summary>What a simulated meter pushes goes over TCP to where its push setup says, and the receiver takes it.</summary>
public class SimulatePushTests
{
    [Fact]
    public async Task APushOfASimulatedMeterArrivesOverTcpAndItsTagVerifies()
    {
        using var listener = TcpPipeListener.Start(new IPEndPoint(IPAddress.Loopback, 0), TcpOptions.Default);
        string folder = Directory.CreateTempSubdirectory("praman-push-").FullName;
        try
        {
            string file = Path.Combine(folder, "pushing.json");
            await WriteProfileAsync(file, listener.EndPoint.ToString());
            using Process simulate = Process.Start(DotnetProgram.Of("praman.dll", "simulate", "--profile", file, "--port", "0", "--seed", "5", "--json"))!;
            try
            {
                JsonNode line = JsonNode.Parse((await simulate.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!)!;
                Assert.True(MeterAddress.TryParse(line["uri"]!.GetValue<string>(), out MeterAddress? address, out string? fault), fault);
                using var security = new SecurityContext(
                    SecurityControl.AuthenticatedEncryption, "PRMHOST1"u8, address.EncryptionKey.Span, address.AuthenticationKey.Span);
                var receiver = new PushReceiver(new() { FindSecurity = _ => security, RequiresAuthentication = true });
                await using TcpPipe pipe = (await listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken))!;
                PushMessage? message = null;
                for (bool more = true; more && !receiver.TryTake(out message);)
                {
                    ReadResult read = await pipe.Input.ReadAsync(TestContext.Current.CancellationToken);
                    receiver.Append(read.Buffer.ToArray());
                    pipe.Input.AdvanceTo(read.Buffer.End);
                    more = !read.IsCompleted;
                }
                if (message is null) receiver.TryTake(out message);
                Assert.NotNull(message);
                Assert.Equal((PushFault.None, ""), (message.Fault, message.FaultText));
                Assert.True(message.IsAuthenticated);
                Assert.Equal(line["serial"]!.GetValue<string>(), Encoding.ASCII.GetString(Assert.IsType<DataNotification>(message.Apdu).Body[0].OctetSpan));
            }
            finally
            {
                simulate.Kill();
                await simulate.WaitForExitAsync(CancellationToken.None);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The head-end's listener takes it, under the keys of its inventory, into a data folder, from where it can be read.</summary>
    [Fact]
    public async Task APushOfASimulatedMeterIsTakenByTheHeadEndAndKept()
    {
        string folder = Directory.CreateTempSubdirectory("praman-push-").FullName;
        try
        {
            using (MasterKey master = MasterKey.OpenOrCreate(Path.Combine(folder, "keys", "master.key")))
            await using (PramanStore store = await PramanStore.OpenAsync(folder, TestContext.Current.CancellationToken))
            {
                var keys = new KeyStore(master, store.Keys);
                await using PushListener listener = PushListener.Start(
                    new IPEndPoint(IPAddress.Loopback, 0), store.Meters, store.Pushes, store.Counters, keys, "PRMHOST1"u8.ToArray(), new PushOptions(), TimeProvider.System);
                string file = Path.Combine(folder, "pushing.json");
                await WriteProfileAsync(file, listener.EndPoint.ToString());
                // Keys follow from the seed: the inventory has them before the meter pushes.
                JsonNode line;
                using (Process other = Process.Start(DotnetProgram.Of("praman.dll", "simulate", "--port", "0", "--seed", "5", "--json"))!)
                {
                    line = JsonNode.Parse((await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!)!;
                    other.Kill();
                    await other.WaitForExitAsync(CancellationToken.None);
                }
                Assert.True(MeterAddress.TryParse(line["uri"]!.GetValue<string>(), out MeterAddress? address, out string? fault), fault);
                var id = new EndDeviceId(line["serial"]!.GetValue<string>());
                using (var open = MeterKeys.Of(address)) await keys.PutAsync([(id, open)], TestContext.Current.CancellationToken);
                await store.Meters.PutAsync([new InventoryMeter(id, address.Link, "50524D0000000001", null, MeterAccess.Of(address), [])], TestContext.Current.CancellationToken);
                using Process simulate = Process.Start(DotnetProgram.Of("praman.dll", "simulate", "--profile", file, "--port", "0", "--seed", "5", "--json"))!;
                try
                {
                    using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
                    patience.CancelAfter(TimeSpan.FromMinutes(3));
                    while (listener.Counts.Taken == 0) await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
                    Assert.Equal((0, 0), (listener.Counts.Refused, listener.Counts.Failed));
                }
                finally
                {
                    simulate.Kill();
                    await simulate.WaitForExitAsync(CancellationToken.None);
                }
            }
            (int exit, string output, string errors) = DotnetProgram.RunPraman(["pushes", "--data", folder, "--meter", "PRM0000001", "--count", "1", "--json"]);
            Assert.True(exit == 0, errors);
            JsonNode kept = JsonNode.Parse(output)!;
            Assert.Equal("PRM0000001", kept["serial"]!.GetValue<string>());
            Assert.True(kept["values"]!.AsArray().Count > 2);
            Assert.Equal((0, "No push of meter PRM9 was taken into this folder.\n", ""), DotnetProgram.RunPraman(["pushes", "--data", folder, "--meter", "PRM9"]));
            (exit, string decoded, errors) = DotnetProgram.RunPraman(["decode", kept["apdu"]!.GetValue<string>()]);
            Assert.True(exit == 0, errors);
            Assert.Contains("PRM0000001", decoded, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The shipped meter with a destination, and without a wait before a retry.
    private static async Task WriteProfileAsync(string file, string destination)
    {
        JsonNode profile = JsonNode.Parse(await File.ReadAllTextAsync(TestFiles.InRepository("meters", "e-meter.json"), TestContext.Current.CancellationToken))!;
        JsonNode setup = profile["objects"]!.AsArray().Single(o => o!["logicalName"]!.GetValue<string>() == "0.0.25.9.0.255")!["acts"]!;
        setup["3"]!["value"]!.AsArray()[1]!["value"] = destination;
        setup["7"]!["value"] = 0;
        AddNameless(profile, setup);
        await File.WriteAllTextAsync(file, profile.ToJsonString(), TestContext.Current.CancellationToken);
    }

    // A push that the same script begins and that is ready before it, to where nobody can be: those after it go out all the same.
    private static void AddNameless(JsonNode profile, JsonNode setup)
    {
        JsonArray objects = profile["objects"]!.AsArray();
        JsonNode nameless = setup.DeepClone();
        nameless["3"]!["value"]!.AsArray()[1]!["value"] = "[]:4059";
        setup["5"]!["value"] = 0;
        nameless["5"]!["value"] = 0;
        objects.Insert(0, new JsonObject { ["class"] = 40, ["logicalName"] = "0.3.25.9.0.255", ["acts"] = nameless });
        JsonArray actions = objects.Single(o => o!["logicalName"]!.GetValue<string>() == "0.0.10.0.108.255")!["acts"]!["2"]!["value"]![0]!["value"]![1]!["value"]!.AsArray();
        JsonNode another = actions[0]!.DeepClone();
        another["value"]![2]!["value"] = "obis:0.3.25.9.0.255";
        actions.Insert(0, another);
    }
}
