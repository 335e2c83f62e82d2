using Praman.Metering;

namespace Praman.Cli.Commands;

/// <summary>Faults of a capture, each told in full once: under a wrong key every frame has the same one.</summary>
internal sealed class ToldFaults(TextWriter errors)
{
    private readonly Dictionary<string, Told> _told = [];

    /// <summary>What is to be said of a message: its notes; for those that were said before, where, or nothing.</summary>
    /// <param name="name">Where the message stands.</param>
    /// <param name="notes">What is wrong with it.</param>
    /// <param name="isCounted">True where a note that was said before is counted for <see cref="Finish"/> and not said again.</param>
    public IReadOnlyList<string> Notes(string name, IReadOnlyList<string> notes, bool isCounted)
    {
        var said = new List<string>(notes.Count);
        foreach (string note in notes)
        {
            if (_told.TryGetValue(note, out Told? before))
            {
                if (isCounted) (before.Again, before.Last) = (before.Again + 1, name);
                else said.Add($"as in {before.First}");
                continue;
            }
            _told[note] = new Told(name);
            said.Add(note);
        }
        return said;
    }

    /// <summary>Says how often each was met again.</summary>
    public void Finish()
    {
        foreach ((string note, Told told) in _told)
        {
            if (told.Again > 0) errors.WriteLine($"praman decode: {told.First} and {Counted.Of(told.Again, "more message")}, the last in {told.Last}: {note}");
        }
    }

    private sealed class Told(string first)
    {
        public string First { get; } = first;

        public int Again { get; set; }

        public string Last { get; set; } = first;
    }
}
