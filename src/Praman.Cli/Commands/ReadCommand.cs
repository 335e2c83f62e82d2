using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Praman.Cli.Meters;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.Metering;
using Praman.Transports.Addresses;
using Praman.Transports.Serial;
using Praman.Transports.Tcp;
using Praman.Transports.Udp;

namespace Praman.Cli.Commands;

/// <summary><c>praman read</c>: what a meter is, what it measures now, its last day and its last events; or what the options ask of it.</summary>
internal static class ReadCommand
{
    // A year of quarter hours over a slow modem.
    private static readonly TimeSpan LongestSession = TimeSpan.FromHours(4);

    public static Command Create()
    {
        var uri = new Argument<string>("URI") { Description = "tcp://host:4059?client=48&auth=gmac&guek=HEX&gak=HEX, udp://host or serial:///dev/ttyUSB0?baud=9600; without options the public client" };
        var timeout = new Option<int>("--timeout") { Description = "longest silence in seconds, 1 to 600", DefaultValueFactory = _ => 10, HelpName = "S" };
        var counter = new Option<uint?>("--counter") { Description = "begin at this invocation counter and do not ask the meter for its own, which nothing proves", HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "one JSON document on standard output" };
        var gateway = new Option<string?>("--gateway")
        {
            Description = "the meter stands behind a gateway at URI: network and physical device address, in hex or as text behind @, such as 0:@PRM0000001", HelpName = "NET:ADDRESS",
        };
        var options = new ReadRequest.Options();
        var command = new Command("read", "Read a meter: what it is and measures now, or a profile, or an object; set its clock, switch its relay.") { uri, timeout, gateway, counter, json };
        foreach (Option option in options.All) command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => options.TryRead(parsed, out ReadRequest? request, out string? fault)
            ? RunAsync(parsed.GetValue(uri)!, parsed.GetValue(gateway), parsed.GetValue(timeout), parsed.GetValue(counter), request, parsed.GetValue(json), Console.Out, Console.Error, TimeProvider.System, cancellationToken)
            : RefuseAsync(Console.Error, fault, ExitCodes.BadInput));
        return command;
    }

    private static async Task<int> RunAsync(
        string uri, string? gateway, int timeoutSeconds, uint? counter, ReadRequest request, bool json, TextWriter output, TextWriter errors, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (timeoutSeconds is < 1 or > 600) return await RefuseAsync(errors, $"--timeout {timeoutSeconds}: expected 1 to 600", ExitCodes.BadInput).ConfigureAwait(false);
        if (!MeterAddress.TryParse(uri, out MeterAddress? address, out string? fault)) return await RefuseAsync(errors, fault, ExitCodes.BadInput).ConfigureAwait(false);
        if (gateway is not null)
        {
            if (!LinkGateway.TryParse(gateway, out LinkGateway behind, out fault)) return await RefuseAsync(errors, $"--gateway: {fault}", ExitCodes.BadInput).ConfigureAwait(false);
            if (address.Gateway is not null) return await RefuseAsync(errors, "--gateway stands beside gateway= in the address: expected one of the two", ExitCodes.BadInput).ConfigureAwait(false);
            address = address.Behind(behind);
        }
        if (!TryTitle(address.SystemTitle, out ReadOnlyMemory<byte> title, out fault)) return await RefuseAsync(errors, fault, ExitCodes.BadInput).ConfigureAwait(false);
        var survey = new MeterSurvey { Address = address.ToString() };
        var actions = new ReadActions(request, json, output, errors, timeProvider);
        int confirmed = await actions.ConfirmAsync(address.Link, Console.IsInputRedirected || Console.IsErrorRedirected ? null : Ask).ConfigureAwait(false);
        if (confirmed != ExitCodes.Done) return confirmed;
        SessionError? error = await UseAsync(
            address, title, counter,
            request.IsSurvey ? (session, token) => new MeterSurveyor(survey, timeProvider).ReadAsync(session, address.Client, token) : actions.RunAsync,
            TimeSpan.FromSeconds(timeoutSeconds), timeProvider, cancellationToken).ConfigureAwait(false);
        if (error is not null)
        {
            // A detail that begins with the address says all of it already.
            string said = error.Detail.StartsWith(address.Link, StringComparison.Ordinal) ? error.Detail : $"{address.Link}: {error.Fault.InWords()}: {error.Detail}";
            said += error.Fault switch
            {
                SessionFault.NoCounter => $". Take a client that the meter has (client={MeterAccess.UtilitySetting.ClientSap} in the address, or another), or name the counter to begin at with --counter N",
                SessionFault.UnprovenCounter => " (--counter N)",
                _ => "",
            };
            if (error.IsSilent)
            {
                bool isPlain = error.Fault != SessionFault.Timeout || error.Detail.StartsWith(NoAnswer, StringComparison.Ordinal);
                said = $"{address.Link}: {error.Fault.InWords()}: {(isPlain ? "" : $"{NoAnswer}: ")}{error.Detail}; {Advice(address)}";
            }
            // Two programs on one line take octets from each other, and each sees a meter that answers rubbish or nothing.
            if (address.Device.Length > 0 && error.Fault.IsTransient() && error.Fault != SessionFault.Unreachable && SerialDevice.OtherHolders(address.Device) is { Count: > 0 } holders)
                said += $"; the device is also open in {string.Join(", ", holders)}";
            return await RefuseAsync(errors, said, error.Fault switch
            {
                SessionFault.Unreachable or SessionFault.Timeout or SessionFault.LinkLost => ExitCodes.Unreachable,
                SessionFault.Malformed => ExitCodes.BadInput,
                _ => ExitCodes.No,
            }).ConfigureAwait(false);
        }
        if (!request.IsSurvey) return await actions.TellAsync(cancellationToken).ConfigureAwait(false);
        if (json) await output.WriteLineAsync(MeterSurveyText.ToJson(survey)).ConfigureAwait(false);
        else await output.WriteAsync(MeterSurveyText.ToText(survey)).ConfigureAwait(false);
        return ExitCodes.Done;
    }

    private const string NoAnswer = "no answer";

    // What to try where not one octet came.
    private static string Advice(MeterAddress address) => address switch
    {
        { Device.Length: > 0, Opening: LinkOpening.Direct } => "turn the probe or check the cable; an optical port may want opening=mode-e; physical= and baud= may be others",
        { Device.Length: > 0 } => "turn the probe; physical= and baud= may be others",
        { Gateway: not null } => "gateway= may be another, or the meter behind it is not there",
        { Scheme: LinkScheme.Udp } => "the port may be another, or nobody listens there",
        { Framing: LinkFraming.Hdlc } => "the framing may be another (this was HDLC; the port may speak the wrapper: leave framing=hdlc out), or physical=",
        _ => "the framing may be another (this was the wrapper; the port may speak HDLC: add framing=hdlc), or server=",
    };

    private static bool Ask(string question)
    {
        Console.Error.Write($"{question} [y/N] ");
        return Console.In.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private static async ValueTask<SessionError?> UseAsync(
        MeterAddress address, ReadOnlyMemory<byte> title, uint? counter, Func<MeterSession, CancellationToken, ValueTask<SessionError?>> use, TimeSpan timeout, TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        MeterKeys keys;
        try
        {
            keys = MeterKeys.Of(address);
        }
        catch (ArgumentException exception)
        {
            return new SessionError(SessionFault.NoKeys, new EndDeviceId(address.Link), exception.Message);
        }
        using (keys)
        {
            // Nothing is kept between runs, so the meter is asked for its counter each time.
            var opener = new SessionOpener(
                new MeterLinks(TcpOptions.Default with { ConnectTimeout = timeout }, UdpOptions.Default, timeProvider), new CounterLeases(new EphemeralCounters()),
                title,
                SessionLimits.Default with { ReplyTimeout = timeout, SessionTimeout = LongestSession }, timeProvider);
            var meter = new EndDeviceId(address.Link);
            if (counter is { } next && !await opener.BeginAtAsync(meter, address.Client, next, cancellationToken).ConfigureAwait(false))
                return new SessionError(SessionFault.WrongCounter, meter, $"--counter {next} leaves too few counters before 2^32: the keys must be changed");
            return await opener.UseAsync(
                new SessionTarget(meter, address.Link, MeterAccess.Of(address), keys, Convert.ToHexString(address.MeterTitle.Span)),
                use, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Whose APDUs these are. Title and counter together are the nonce of AES-GCM, and this tool keeps no counters: under the head-end's title it
    /// would sooner or later send what the head-end has a counter for. So each run has a title of its own, PRM and five random octets.
    /// </summary>
    internal static bool TryTitle(ReadOnlyMemory<byte> named, out ReadOnlyMemory<byte> title, [NotNullWhen(false)] out string? fault)
    {
        ReadOnlySpan<byte> headEnd = Convert.FromHexString(CollectionOptions.ClientTitleDefault);
        title = named;
        fault = null;
        if (named.IsEmpty)
        {
            byte[] own = [.. "PRM"u8, 0, 0, 0, 0, 0];
            do RandomNumberGenerator.Fill(own.AsSpan(3));
            while (headEnd.SequenceEqual(own));
            title = own;
        }
        else if (named.Span.SequenceEqual(headEnd))
        {
            fault = $"the system title {CollectionOptions.ClientTitleDefault} is the head-end's: name another, or none; two programs under one title would use a nonce twice";
        }
        return fault is null;
    }

    private static async Task<int> RefuseAsync(TextWriter errors, string fault, int exitCode)
    {
        await errors.WriteLineAsync($"praman read: {fault}").ConfigureAwait(false);
        return exitCode;
    }
}
