using System.Net;
using Praman.Billing.Suppliers;
using Praman.Server.Access;
using Praman.Server.Payments;
using Praman.Server.People;
using Praman.Server.Queries;

namespace Praman.Server.Hosting;

/// <summary>What a server stands on: an address, what it shows, and who may see it.</summary>
public sealed class PramanServerOptions
{
    /// <summary>Port to listen on; 0 takes any that is free.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>Address to listen on. Loopback unless told: plain HTTP belongs behind a reverse proxy that speaks TLS.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Host names that requests may be addressed to; others are refused, so that a foreign page cannot reach a local server by another name.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = OwnHostNames;

    /// <summary>What a machine calls itself.</summary>
    public static IReadOnlyList<string> OwnHostNames { get; } = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>
    /// Reverse proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed: by these two the server knows the address that
    /// asks and that it asks by TLS. With one given, the session's cookie goes over TLS only. Empty believes nobody.
    /// </summary>
    public IReadOnlyList<IPAddress> TrustedProxies { get; init; } = [];

    /// <summary>Folder for cookie keys and the access log; null keeps both in memory.</summary>
    public string? DataFolder { get; init; }

    public required IConsumerQueries Consumers { get; init; }

    public required IOperatorQueries Operators { get; init; }

    /// <summary>Wallets of prepaid homes; null where there are none.</summary>
    public IWalletQueries? Wallets { get; init; }

    public required ILogFiles Log { get; init; }

    /// <summary>Releases of edited readings; null for a server on which nothing is billed.</summary>
    public IReleases? Releases { get; init; }

    /// <summary>Edits of readings; null for a server that takes none by hand.</summary>
    public IEdits? Edits { get; init; }

    /// <summary>Proposals to bill again; null for a server on which nothing is billed.</summary>
    public IRebills? Rebills { get; init; }

    public required IPeople People { get; init; }

    /// <summary>What suppliers state of themselves, for their bills; a bill of one that is not among them says that nothing is stated.</summary>
    public SupplierSet Suppliers { get; init; } = SupplierSet.Empty;

    /// <summary>Who looked at what; null makes one in <see cref="DataFolder"/>.</summary>
    public IAccessLog? AccessLog { get; init; }

    /// <summary>Gateways whose callbacks are taken; null takes none.</summary>
    public PaymentChannels? Payments { get; init; }

    /// <summary>Time of sign-in, lockout and the access log.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Time of the data shown, which says what "yesterday" is; a demo passes its driven clock. Null follows <see cref="Time"/>.</summary>
    public TimeProvider? DataTime { get; init; }

    /// <summary>The Chromium that prints bills; null takes the one that CHROMIUM names, or the system's.</summary>
    public string? Chromium { get; init; }

    /// <summary>The least that is logged of the server's own events; a test turns it off.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Where the names and passwords of example people were printed; shown beside the sign-in form of a demo.</summary>
    public bool IsDemo { get; init; }
}
