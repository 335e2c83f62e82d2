using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Metering;

// Reads a DLMS meter over TCP:  dotnet run --project samples/ReadMeter -- HOST PORT PASSWORD
// One to try it on:             dotnet run --project samples/ServeMeter

if (args.Length != 3 || !ushort.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
{
    Console.Error.WriteLine("usage: ReadMeter HOST PORT PASSWORD");
    return 2;
}

ObisCode energy = ObisCode.Parse("1-0:1.8.0.255"), profile = ObisCode.Parse("1-0:99.1.0.255");
using var tcp = new TcpClient();
try
{
    await tcp.ConnectAsync(args[0], port).ConfigureAwait(false);
}
catch (SocketException fault)
{
    Console.Error.WriteLine($"no connection: {fault.Message}");
    return 2;
}
NetworkStream link = tcp.GetStream();
// The meter reader of IS 15959: client 32, with a password.
using var client = new DlmsClient(new DlmsClientSettings { ClientSap = 32, Mechanism = AuthenticationMechanism.Lls, Secret = Encoding.ASCII.GetBytes(args[2]) });

if (!await RunAsync(client.Connect()).ConfigureAwait(false)) return 1;

// Two attributes of a register: its value, and what a unit of it is.
if (!await RunAsync(client.Get(new AttributeDescriptor(3, energy, 3))).ConfigureAwait(false)) return 1;
ScalerUnit unit = client.TryGetValue(out CosemData scaler, out _) && scaler.TryGetScalerUnit(out ScalerUnit read) ? read : default;
if (!await RunAsync(client.Get(new AttributeDescriptor(3, energy, 2))).ConfigureAwait(false)) return 1;
if (client.TryGetValue(out CosemData value, out _) && value.TryGetInt64(out long raw))
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{energy}: {raw} x 10^{unit.Scaler} {unit.Unit.Symbol()}"));

// The load profile, row by row, straight out of the octets.
if (!await RunAsync(client.GetEntries(profile, 1, 0)).ConfigureAwait(false)) return 1;
Console.WriteLine(Rows(client.Data));
return await RunAsync(client.Release()).ConfigureAwait(false) ? 0 : 1;

// The client says what to send and takes what comes, until the request is done: sockets are the caller's.
async Task<bool> RunAsync(ClientStep step)
{
    byte[] received = new byte[4_096];
    while (step.Status == ClientStatus.Pending)
    {
        if (!step.Send.IsEmpty) await link.WriteAsync(step.Send).ConfigureAwait(false);
        int count = await link.ReadAsync(received).ConfigureAwait(false);
        if (count == 0)
        {
            Console.Error.WriteLine("the meter hung up");
            return false;
        }
        step = client.Received(received.AsSpan(0, count));
    }
    if (step.Error is { } error) Console.Error.WriteLine(error);
    return step.IsDone;
}

static string Rows(ReadOnlySpan<byte> data)
{
    Span<long> before = stackalloc long[ProfileRowReader.ColumnCountMax], row = stackalloc long[ProfileRowReader.ColumnCountMax];
    if (!ProfileRowReader.TryOpen(data, TimestampRule.India, 1800, before, out ProfileRowReader rows, out DecodeError error)) return error.ToString();
    var text = new StringBuilder();
    text.Append(CultureInfo.InvariantCulture, $"{rows.RowCount} rows of the load profile");
    while (rows.TryReadRow(row, out error))
    {
        text.AppendLine().Append(row[0] == ProfileRowReader.Absent ? "?" : Instant.FromUnixTimeSeconds(row[0]).ToString());
        foreach (long column in row[1..rows.ColumnCount]) text.Append(' ').Append(column == ProfileRowReader.Absent ? "-" : column.ToString(CultureInfo.InvariantCulture));
    }
    if (error.Reason is not null) text.AppendLine().Append(error);
    return text.ToString();
}
