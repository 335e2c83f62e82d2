using System.Text.Json;
using Praman.Testing;

namespace Praman.Dlms.Tests.Association;

/// <summary>A conversation between a foreign client and a foreign server, frame by frame, as wrapper frames.</summary>
internal sealed class RecordedSession
{
    private readonly Dictionary<string, byte[]> _frames = [];

    private RecordedSession()
    {
    }

    /// <summary>The frame of that number, <c>03-req</c> or <c>04-res</c>.</summary>
    public byte[] this[string step] => _frames[step];

    public bool Has(string step) => _frames.ContainsKey(step);

    /// <summary>Reads a session over the wrapper, or over HDLC: the APDUs of unsegmented information frames are then put behind a wrapper header.</summary>
    public static RecordedSession Load(string name, ushort clientSap)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/dlms/sessions.json")));
        var session = new RecordedSession();
        foreach (JsonElement vector in document.RootElement.EnumerateArray())
        {
            string full = vector.GetProperty("name").GetString()!;
            if (!full.StartsWith($"session-{name}-", StringComparison.Ordinal)) continue;
            string step = full[$"session-{name}-".Length..];
            if (step.Length != 6) continue; // another session whose name begins alike
            byte[] octets = Convert.FromHexString(vector.GetProperty("hex").GetString()!);
            if (vector.GetProperty("layer").GetString() == "hdlc")
            {
                JsonElement frame = vector.GetProperty("expected").GetProperty("frames")[0];
                if (frame.TryGetProperty("segmented", out JsonElement segmented) && segmented.GetBoolean()) continue;
                if (!frame.TryGetProperty("infoHex", out JsonElement info) || !info.GetString()!.StartsWith("E6E", StringComparison.Ordinal)) continue;
                byte[] apdu = Convert.FromHexString(info.GetString()![6..]);
                octets = step.EndsWith("req", StringComparison.Ordinal) ? Wire.ToServer(clientSap, apdu) : Wire.ToClient(clientSap, apdu);
            }
            session._frames[step] = octets;
        }
        Assert.NotEmpty(session._frames);
        return session;
    }
}
