using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Praman.Billing.Suppliers;
using Praman.Server.Access;
using Praman.Server.Hosting;
using Praman.Server.Payments;
using Praman.Server.People;

namespace Praman.Server.Testing;

/// <summary>The real server on the sample town, on a free loopback port.</summary>
internal sealed class SampleServer : IAsyncDisposable
{
    public const string Password = "monsoon-lantern-7";
    private static readonly SampleTown Town = new();
    private static readonly SampleLog Log = new(Town);
    private static readonly SampleWallets Wallets = new();
    private readonly WebApplication _app;

    private SampleServer(WebApplication app, SampleQueries queries, SignInClock time)
    {
        _app = app;
        Queries = queries;
        Time = time;
        Address = new Uri(app.Urls.First());
    }

    public Uri Address { get; }

    public SampleQueries Queries { get; }

    public IAccessLog AccessLog => _app.Services.GetRequiredService<IAccessLog>();

    /// <summary>The clock of sign-in and lockout: real time, which a test may push forward.</summary>
    public SignInClock Time { get; }

    public static async Task<SampleServer> StartAsync(int port = 0, string? dataFolder = null, LogLevel logLevel = LogLevel.None, PaymentChannels? payments = null, string? chromium = null,
        IReadOnlyList<System.Net.IPAddress>? trustedProxies = null, IReadOnlyList<string>? hostNames = null, SupplierSet? suppliers = null)
    {
        var queries = new SampleQueries(Town, Log);
        var time = new SignInClock();
        WebApplication app = await PramanServer.StartAsync(
            new PramanServerOptions
            {
                Port = port, DataFolder = dataFolder, Consumers = queries, Operators = queries, Releases = new SampleReleases(), Edits = new SampleEdits(), Rebills = new SampleRebills(), Wallets = Wallets, Log = Log, People = People, Time = time,
                DataTime = new FakeDataTime(), IsDemo = true, LogLevel = logLevel, Payments = payments, Chromium = chromium, Suppliers = suppliers ?? SampleSupplier.Set,
                TrustedProxies = trustedProxies ?? [], HostNames = [.. PramanServerOptions.OwnHostNames, .. hostNames ?? []],
            },
            CancellationToken.None);
        return new SampleServer(app, queries, time);
    }

    public static PeopleList People { get; } = new(
    [
        Person.Create("asha", "Asha Patel", Role.Consumer, Password, [SampleTown.Asha]),
        Person.Create("bina", "Bina Shah", Role.Consumer, Password, [SampleTown.Bina, SampleTown.BinaShop]),
        Person.Create("lena", "Lena Clarke", Role.Consumer, Password, [SampleTown.London]),
        Person.Create("operator", "Om Rao", Role.Operator, Password),
        Person.Create("supervisor", "Sunita Mehta", Role.Supervisor, Password),
        Person.Create("auditor", "Anu Iyer", Role.Auditor, Password),
    ]);

    /// <summary>Whether a line of this kind reaches the server's log.</summary>
    public bool IsLogged(string category, LogLevel level) => _app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category).IsEnabled(level);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class FakeDataTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => SampleTown.Now.ToDateTimeOffset();
    }
}

/// <summary>Real time and a push.</summary>
internal sealed class SignInClock : TimeProvider
{
    public TimeSpan Push { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Push;
}
