using Praman.Dlms.Push;
using Praman.Dlms.Security;
using Praman.Metering;

// Gives the values of a meter's push:  dotnet run --project samples/DecodePush -- HEX [--guek HEX [--gak HEX]]
// The octets may be HDLC frames, wrapper frames, wired M-Bus telegrams or a bare APDU; without HEX they are read from standard input.

string? hex = null, guek = null, gak = null;
for (int index = 0; index < args.Length; index++)
{
    if (args[index] is "--guek" or "--gak" && index + 1 < args.Length) (guek, gak) = args[index] == "--guek" ? (args[++index], gak) : (guek, args[++index]);
    else hex = args[index];
}
hex ??= await Console.In.ReadToEndAsync().ConfigureAwait(false);

SecurityContext? security = null;
byte[] octets;
try
{
    octets = Convert.FromHexString(string.Concat(hex.Where(c => !char.IsWhiteSpace(c))));
    // What a push must at least be protected with, and the keys of the one meter that we expect.
    if (guek is not null) security = new(new SecurityControl(0, gak is not null, true), "PRAMAN00"u8, Convert.FromHexString(guek), gak is null ? default : Convert.FromHexString(gak));
}
catch (FormatException)
{
    Console.Error.WriteLine("usage: DecodePush HEX [--guek HEX [--gak HEX]]");
    return 2;
}
catch (ArgumentException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}

using (security)
{
    var receiver = new PushReceiver(new PushReceiverSettings { FindSecurity = _ => security });
    receiver.AppendDatagram(octets);
    int faults = 0, pushes = 0;
    while (receiver.TryTake(out PushMessage? push))
    {
        pushes++;
        if (push.Fault != PushFault.None)
        {
            faults++;
            Console.Error.WriteLine($"{push.Fault}: {push.FaultText}");
            continue;
        }
        string sender = push.SystemTitle.IsEmpty ? "" : $" from {Convert.ToHexString(push.SystemTitle.Span)}";
        Console.WriteLine($"a push by {push.Carrier}{sender}, {(push.IsAuthenticated ? "authenticated" : "not authenticated")}{(push.Time is { } time ? $", of {time}" : "")}");
        foreach (PushedValue value in push.Values)
            Console.WriteLine($"  {value.Attribute?.LogicalName.ToString() ?? "-"} {value.Value}{(value.ScalerUnit is { } unit ? $" x 10^{unit.Scaler} {unit.Unit.Symbol()}" : "")}");
    }
    if (pushes == 0) Console.Error.WriteLine("there is no push in these octets");
    return pushes == 0 || faults > 0 ? 1 : 0;
}
