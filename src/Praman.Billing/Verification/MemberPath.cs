using System.Globalization;
using System.Text;
using Praman.Proof.Canonical;

namespace Praman.Billing.Verification;

/// <summary>Names a place of a canonical file by the members that lead to it: <c>lines[0].label</c>. Made only where a fault is told.</summary>
internal static class MemberPath
{
    /// <summary>An object or array that is open: its member or item that was read last.</summary>
    private struct Level
    {
        public bool IsArray;
        public int Item;
        public string Name;
    }

    /// <summary>The path of the name or value at an offset. Where the octets are refused before a whole token, that of what holds them.</summary>
    /// <param name="json">The file.</param>
    /// <param name="offset">Where the token starts.</param>
    /// <param name="missing">A member that is not there: then its path, in the object that the token belongs to.</param>
    /// <returns>Empty for the file itself.</returns>
    public static string At(ReadOnlySpan<byte> json, int offset, string? missing)
    {
        var reader = new CanonicalJsonReader(json);
        var levels = new List<Level>();
        CanonicalJsonToken last = CanonicalJsonToken.None;
        while (reader.Read())
        {
            last = reader.Token;
            bool isReached = reader.TokenStart >= offset;
            if (last is CanonicalJsonToken.EndObject or CanonicalJsonToken.EndArray)
            {
                if (isReached) return missing is null ? Text(levels, levels.Count - 1) : WithName(levels, missing);
                levels.RemoveAt(levels.Count - 1);
                continue;
            }
            if (last == CanonicalJsonToken.Name)
            {
                string name = missing is not null && isReached ? missing : Encoding.UTF8.GetString(reader.Raw); // escapes as they stand: a name is no second line
                if (isReached) return WithName(levels, name);
                levels[^1] = levels[^1] with { Name = name };
                continue;
            }
            if (levels is [.., { IsArray: true } array]) levels[^1] = array with { Item = array.Item + 1 };
            if (isReached) return Text(levels, levels.Count);
            if (last is CanonicalJsonToken.StartObject or CanonicalJsonToken.StartArray)
                levels.Add(new() { IsArray = last == CanonicalJsonToken.StartArray, Item = -1, Name = "" });
        }
        return Text(levels, last == CanonicalJsonToken.Name ? levels.Count : levels.Count - 1);
    }

    private static string WithName(List<Level> levels, string name)
    {
        levels[^1] = levels[^1] with { Name = name };
        return Text(levels, levels.Count);
    }

    private static string Text(List<Level> levels, int count)
    {
        var path = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            if (levels[i].IsArray) path.Append(CultureInfo.InvariantCulture, $"[{levels[i].Item}]");
            else path.Append(path.Length > 0 ? "." : "").Append(levels[i].Name);
        }
        return path.ToString();
    }
}
