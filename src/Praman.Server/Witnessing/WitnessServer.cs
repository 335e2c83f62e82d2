using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;
using NodaTime;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Server.Hosting;
using Praman.Storage;
using Praman.Storage.Logs;

namespace Praman.Server.Witnessing;

/// <summary>What a witness is started with.</summary>
/// <param name="Folder">Its key and its memory.</param>
/// <param name="Logs">Keys of the logs that it watches, one an origin.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Port">0 takes any that is free.</param>
/// <param name="Time">The time that its cosignatures state.</param>
public sealed record WitnessServerOptions(WitnessFolder Folder, IReadOnlyList<NoteVerifierKey> Logs, IPAddress Address, int Port, TimeProvider Time);

/// <summary>A witness of logs as a program of its own (C2SP tlog-witness): one call, add-checkpoint, and a memory of one head a log.</summary>
public static class WitnessServer
{
    private const int ConnectionCountMax = 256;

    /// <summary>Builds and starts to listen; the caller stops and disposes the application, and then the folder.</summary>
    /// <exception cref="InvalidDataException">The memory is damaged: nothing must be signed then.</exception>
    /// <exception cref="PortInUseException">Another program has the port.</exception>
    public static async Task<WebApplication> StartAsync(WitnessServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var witness = new Witness(options.Folder.Key, options.Logs, options.Folder.ReadHeads(options.Logs), options.Folder.Keep);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(options.Address, options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AddCheckpointRequest.LengthMax;
            kestrel.Limits.MaxConcurrentConnections = ConnectionCountMax;
        });
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        WebApplication app = builder.Build();
        var gate = new Lock(); // the check of the last head and the keeping of the new one are one act
        app.MapPost($"/{WitnessProtocol.Path}", async (HttpContext http) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            WitnessResponse response;
            try
            {
                lock (gate) response = WitnessProtocol.Answer(witness, body.GetBuffer().AsSpan(0, (int)body.Length), Instant.FromDateTimeOffset(options.Time.GetUtcNow()));
            }
            catch (StoreException fault)
            {
                app.Logger.NotKept(fault);
                return Results.StatusCode(StatusCodes.Status500InternalServerError); // what cannot be kept is not signed
            }
            http.Response.StatusCode = response.Status;
            return Results.Bytes(response.Body, response.MediaType);
        });
        try
        {
            await app.StartAsync(cancellationToken);
            return app;
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await app.DisposeAsync();
            throw new PortInUseException(new IPEndPoint(options.Address, options.Port).ToString(), options.Port, exception);
        }
    }
}
