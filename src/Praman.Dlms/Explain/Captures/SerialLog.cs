namespace Praman.Dlms.Explain.Captures;

/// <summary>
/// The text log of a serial line: a line a piece, with a time, a mark of direction (TX, RX, arrows, sent, received) or both, and octets in hex. A
/// frame may lie over several lines and a line may hold several frames. Lines without octets are what the program said between, and passed over.
/// </summary>
public static class SerialLog
{
    /// <summary>Lines that are looked at to tell a log from other text.</summary>
    public const int LinesJudged = 1000;

    private const string Sender = "log's side", Other = "other side";

    /// <summary>True where a line among the first has a time or a mark before octets.</summary>
    public static bool IsLog(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int judged = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (SerialLogLine.Of(line).IsLogLine) return true;
            if (++judged == LinesJudged) break;
        }
        return false;
    }

    /// <summary>All messages, in the order in which they were complete.</summary>
    public static List<CapturedMessage> Read(string text, DlmsKeys keys)
    {
        ArgumentNullException.ThrowIfNull(text);
        var messages = new List<CapturedMessage>();
        var decoder = new DlmsDecoder(keys);
        var framers = new Dictionary<int, MessageFramer>();
        var found = new List<FramedMessage>();
        long number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            SerialLogLine read = SerialLogLine.Of(line);
            if (read is not { IsLogLine: true, Octets: { } octets }) continue;
            MessageFramer framer = FramerOf(read.IsSent);
            framer.Add(new(octets, new(number, read.At, read.At is null ? read.Time : null)), found);
            Give(read.IsSent);
        }
        foreach ((int way, MessageFramer framer) in framers)
        {
            framer.Finish(found);
            Give(way switch { 0 => false, 1 => true, _ => null });
        }
        return messages;

        MessageFramer FramerOf(bool? sent)
        {
            int way = sent switch { true => 1, false => 0, null => 2 };
            if (!framers.TryGetValue(way, out MessageFramer? framer)) framers[way] = framer = new MessageFramer();
            return framer;
        }

        void Give(bool? sent)
        {
            (string? from, string? to) = sent switch { true => (Sender, Other), false => (Other, Sender), null => (null, (string?)null) };
            foreach (FramedMessage framed in found) messages.Add(new(framed.Moment, "serial", from, to, sent, framed.Octets, framed.Fault, framed.Notes, decoder));
            found.Clear();
        }
    }
}
