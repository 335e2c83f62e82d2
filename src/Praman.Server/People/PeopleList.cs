using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using Praman.Metering;

namespace Praman.Server.People;

/// <summary>People held in memory, and as a file <c>people.json</c> between runs; the file holds hashes, never passwords.</summary>
public sealed class PeopleList : IPeople
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter<Role>(JsonNamingPolicy.SnakeCaseLower) },
    };

    private const string Expected = "expected the people who may sign in, a list with name, full_name, role, password_hash and usage_points, such as `praman demo --data` writes";

    private readonly FrozenDictionary<string, Person> _people;

    /// <exception cref="ArgumentException">Two people have one name.</exception>
    public PeopleList(IEnumerable<Person> people) => _people = people.ToFrozenDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public ValueTask<Person?> FindAsync(string name, CancellationToken cancellationToken) => new(_people.GetValueOrDefault(name));

    /// <summary>Reads a file that <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is not one; the message says where and what was expected.</exception>
    public static PeopleList Load(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path}: there is no such file: {Expected}");
        try
        {
            using FileStream stream = File.OpenRead(path);
            Row[] rows = JsonSerializer.Deserialize<Row[]>(stream, Json) ?? [];
            return new PeopleList(rows.Select(r => new Person(r.Name, r.FullName, r.Role, r.PasswordHash, [.. r.UsagePoints.Select(id => UsagePointId.Parse(id, null))])));
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: {exception.Message} {Expected}", exception);
        }
    }

    /// <summary>Writes the file anew, readable by its owner alone where the system knows owners.</summary>
    public void Save(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(path, options);
        JsonSerializer.Serialize(stream, _people.Values.OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => new Row(p.Name, p.FullName, p.Role, p.PasswordHash, [.. p.UsagePoints.Select(id => id.ToString())])), Json);
    }

    private sealed record Row(
        [property: JsonRequired] string Name, [property: JsonRequired] string FullName, [property: JsonRequired] Role Role,
        [property: JsonRequired] string PasswordHash, [property: JsonRequired] string[] UsagePoints);
}
