using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using NodaTime;
using Praman.Dlms.Server;
using Praman.Samples.ServeMeter;
using Praman.Transports;
using Praman.Transports.Tcp;

// Serves a DLMS meter over TCP until Ctrl-C:  dotnet run --project samples/ServeMeter -- [port]
// Read it with any client:                    ./praman read "tcp://127.0.0.1:4059?client=32&auth=lls&secret=3132333435363738"

int port = 4059;
if (args.Length > 0 && (!int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > 65_535))
{
    Console.Error.WriteLine($"'{args[0]}' is no port: expected 0 to 65535");
    return 2;
}

TimeProvider time = TimeProvider.System;
var meter = new SampleMeter(Now() - Duration.FromDays(2), Offset.FromHoursAndMinutes(5, 30));
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

try
{
    using TcpPipeListener listener = TcpPipeListener.Start(new IPEndPoint(IPAddress.Loopback, port), TcpOptions.Default);
    Console.WriteLine($"serving tcp://{listener.EndPoint}");
    while (await listener.AcceptAsync(stop.Token).ConfigureAwait(false) is { } pipe) _ = ServeAsync(pipe);
}
catch (LinkException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
catch (OperationCanceledException)
{
    // Ctrl-C.
}
return 0;

// One connection: what comes in goes to the association, what it answers goes out. A device is used by one thread at a time.
async Task ServeAsync(TcpPipe pipe)
{
    await using (pipe.ConfigureAwait(false))
    {
        using var association = new DlmsServerAssociation(meter);
        try
        {
            while (!association.IsClosed)
            {
                ReadResult read = await pipe.Input.ReadAsync(stop.Token).ConfigureAwait(false);
                byte[] answer;
                lock (meter) answer = association.Receive(read.Buffer.ToArray(), Now()).ToArray();
                pipe.Input.AdvanceTo(read.Buffer.End);
                if (answer.Length > 0) await pipe.Output.WriteAsync(answer, stop.Token).ConfigureAwait(false);
                if (read.IsCompleted) return;
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The client hung up, or this program ends.
        }
    }
}

Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
