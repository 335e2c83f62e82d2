using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Praman.Server.People;

/// <summary>
/// Sessions that were signed out of. A cookie is valid by itself until it expires, so a copy of one would outlive the sign-out: until then its
/// session stands here, also over a restart, for the keys of the cookies outlive that too.
/// </summary>
internal sealed class EndedSessions
{
    /// <summary>Its name below a data folder.</summary>
    public const string Name = "sessions-ended";

    /// <summary>How long a cookie holds.</summary>
    public static readonly TimeSpan CookieLength = TimeSpan.FromHours(8);

    /// <summary>A request that was under way at the sign-out may have renewed its cookie just after.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly string? _path;

    /// <summary>Reads the file, and leaves out of it what is over; without a path the sessions live in memory, as the cookies' keys do then.</summary>
    /// <exception cref="InvalidDataException">A whole line of the file is none; the message names it.</exception>
    public EndedSessions(string? path, TimeProvider time)
    {
        _time = time;
        if (path is null) return;
        if (File.Exists(path)) Read(path);
        string next = path + ".new";
        Append(next, FileMode.Create, string.Concat(_until.Select(session => Line(session.Key, session.Value))));
        File.Move(next, path, overwrite: true);
        _path = path;
    }

    /// <summary>Ends a session; it stands on the disk when the call returns.</summary>
    public void End(string session)
    {
        DateTimeOffset now = _time.GetUtcNow(), until = now + CookieLength + Margin;
        lock (_lock)
        {
            _until[session] = until;
            foreach ((string id, DateTimeOffset end) in _until)
            {
                if (end <= now) _until.TryRemove(id, out _);
            }
            if (_path is not null) Append(_path, FileMode.Append, Line(session, until));
        }
    }

    public bool Contains(string session) => _until.ContainsKey(session);

    private static string Line(string session, DateTimeOffset until) => string.Create(CultureInfo.InvariantCulture, $"{until.ToUnixTimeSeconds()} {session}\n");

    private static void Append(string path, FileMode mode, string text)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    private void Read(string path)
    {
        string text = File.ReadAllText(path);
        // After the last line feed stands what a loss of power has cut short: that sign-out was never answered.
        string[] lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Split(' ') is not [string seconds, { Length: > 0 } session] || !long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out long unix)
                || unix > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            {
                throw new InvalidDataException($"{path}, line {i + 1}: not a session that was signed out of (a time in seconds and a session were expected)");
            }
            DateTimeOffset until = DateTimeOffset.FromUnixTimeSeconds(unix);
            if (until > _time.GetUtcNow()) _until[session] = until;
        }
    }
}
