using System.Globalization;

namespace Praman.Dlms.Cosem;

/// <summary>
/// Interface classes that are set-up data alone: a text in Cosem/Tables for each, one line an attribute or a method, read when the class is first
/// asked for. A new class is a new text.
/// </summary>
/// <remarks>
/// <c>class 41 0 TCP-UDP setup</c> comes first; then <c>2 TCP-UDP_port rw static long-unsigned</c>: id, name, <c>r</c>, <c>w</c> or <c>rw</c>,
/// <c>static</c> or <c>dynamic</c>, the shape; then <c>method 1 reset resets integer</c>: id, name, <c>resets</c> where it puts dynamic
/// attributes back, the parameter's shape. A line that begins with a blank goes on with the one before; <c>#</c> begins a remark.
/// </remarks>
public static class SetUpTables
{
    private const string Prefix = "cosem/";
    private const int AttributeIdMax = 63;

    /// <summary>Number and version of each text, as its name begins with them: <c>041-0-tcp-udp-setup</c>.</summary>
    internal static IEnumerable<(ushort ClassId, byte Version, string Name)> Names()
    {
        foreach (string resource in typeof(SetUpTables).Assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            string name = resource[Prefix.Length..];
            string[] parts = name.Split('-', 3);
            yield return (ushort.Parse(parts[0], CultureInfo.InvariantCulture), byte.Parse(parts[1], CultureInfo.InvariantCulture), name);
        }
    }

    /// <summary>Reads a text by its name.</summary>
    internal static CosemClass<AttributeStore> Read(string name)
    {
        using var reader = new StreamReader(typeof(SetUpTables).Assembly.GetManifestResourceStream(Prefix + name)!);
        return Parse(name, reader.ReadToEnd());
    }

    /// <summary>Reads the text of one class.</summary>
    /// <exception cref="FormatException">It is not of that form; the message names text and line.</exception>
    public static CosemClass<AttributeStore> Parse(string name, string text)
    {
        ushort classId = 0;
        byte version = 0;
        string? words = null;
        List<AttributeOf<AttributeStore>> attributes = [];
        List<MethodOf<AttributeStore>> methods = [];
        foreach ((int number, string line) in Lines(text))
        {
            try
            {
                if (words is null)
                {
                    string[] head = Split(line, 4, "class", "number", "version", "name in words");
                    if (head[0] != "class") throw new FormatException("'class' comes first");
                    (classId, version, words) = (ushort.Parse(head[1], CultureInfo.InvariantCulture), byte.Parse(head[2], CultureInfo.InvariantCulture), head[3]);
                }
                else if (line.StartsWith("method ", StringComparison.Ordinal)) methods.Add(ReadMethod(line));
                else attributes.Add(ReadAttribute(line));
            }
            catch (Exception fault) when (fault is FormatException or OverflowException)
            {
                throw new FormatException($"class table {name}, line {number}: {fault.Message}", fault);
            }
        }
        if (words is null) throw new FormatException($"class table {name} is empty");
        return new(classId, version, NameOf(words), [.. attributes], [.. methods]) { Words = words };
    }

    private static AttributeOf<AttributeStore> ReadAttribute(string line)
    {
        string[] parts = Split(line, 5, "id", "name", "access", "static or dynamic", "shape");
        int id = int.Parse(parts[0], CultureInfo.InvariantCulture);
        if (id is < 2 or > AttributeIdMax) throw new FormatException($"an attribute id is 2 to {AttributeIdMax}");
        bool reads = parts[2].Contains('r', StringComparison.Ordinal), writes = parts[2].Contains('w', StringComparison.Ordinal);
        if (parts[2] is not ("r" or "w" or "rw")) throw new FormatException("access is r, w or rw");
        if (parts[3] is not ("static" or "dynamic")) throw new FormatException("an attribute is static or dynamic");
        return new((sbyte)id, parts[1], DataShape.Parse(parts[4]), reads ? (s, _) => s[id] : null, writes ? (s, c, v) => s.SetByClient(c, id, v) : null,
            parts[3] == "static");
    }

    private static MethodOf<AttributeStore> ReadMethod(string line)
    {
        string[] parts = Split(line, 4, "method", "id", "name", "parameter");
        sbyte id = sbyte.Parse(parts[1], CultureInfo.InvariantCulture);
        const string resets = "resets ";
        if (!parts[3].StartsWith(resets, StringComparison.Ordinal))
        {
            return new(id, parts[2], (AttributeStore s, CosemContext c, Axdr.CosemData p, out Axdr.CosemData r) => s.Invoke(c, id, p, out r), DataShape.Parse(parts[3]));
        }
        return new(id, parts[2], Reset, DataShape.Parse(parts[3][resets.Length..]));
    }

    private static ActionResult Reset(AttributeStore store, CosemContext context, Axdr.CosemData parameters, out Axdr.CosemData returned)
    {
        returned = default;
        store.ResetDynamic();
        return ActionResult.Success;
    }

    private static string[] Split(string line, int count, params string[] parts)
    {
        string[] split = line.Split(' ', count, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return split.Length == count ? split : throw new FormatException($"a line has {string.Join(", ", parts)}; this one ends before {parts[split.Length]}");
    }

    private static IEnumerable<(int Number, string Line)> Lines(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || lines[i][0] == '#') continue;
            int number = i + 1;
            string line = lines[i];
            while (i + 1 < lines.Length && lines[i + 1].Length > 0 && lines[i + 1][0] == ' ') line += lines[++i];
            yield return (number, line);
        }
    }

    // TCP-UDP setup: TcpUdpSetup, the way types are named.
    private static string NameOf(string words) => string.Concat(words.Split(' ', '-', '/', '.', ',', '(', ')')
        .Where(w => w.Length > 0).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
}
