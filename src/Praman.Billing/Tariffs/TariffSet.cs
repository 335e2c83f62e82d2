using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Praman.Billing.Tariffs;

/// <summary>Tariffs with the series and sources that they use, read from one file or from a folder of files.</summary>
public sealed class TariffSet
{
    /// <summary>Largest tariff file read, in octets, and most files of a folder.</summary>
    public const int FileSizeMax = 16 << 20, FileCountMax = 10_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };
    private readonly Dictionary<string, Tariff> _tariffs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TariffSeries> _series = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TariffSource> _sources = new(StringComparer.Ordinal);

    private TariffSet()
    {
    }

    public IReadOnlyDictionary<string, Tariff> Tariffs => _tariffs;
    public IReadOnlyDictionary<string, TariffSeries> Series => _series;
    public IReadOnlyDictionary<string, TariffSource> Sources => _sources;

    /// <summary>Reads one document of the form <c>praman-tariff/1</c>.</summary>
    /// <param name="name">Stands in the faults; null: none.</param>
    public static bool TryParse(ReadOnlyMemory<byte> json, string? name, [NotNullWhen(true)] out TariffSet? set, out IReadOnlyList<TariffFault> faults)
    {
        TariffSet read = new();
        faults = read.Add(json, name, skipOthers: false);
        set = faults.Count == 0 ? read : null;
        return set is not null;
    }

    /// <summary>Reads a file, or every <c>*.json</c> of a folder (but <c>*.schema.json</c>, and documents of another Praman format) in the order
    /// of their names. The same tariff twice, or two series or sources of one name that differ, are faults.</summary>
    /// <returns>False, with what is wrong and where, also where nothing can be read.</returns>
    public static bool TryLoad(string path, [NotNullWhen(true)] out TariffSet? set, out IReadOnlyList<TariffFault> faults)
    {
        set = null;
        if (!TryList(path, "tariff", out string[] files, out TariffFault? fault))
        {
            faults = [fault!];
            return false;
        }
        TariffSet read = new();
        List<TariffFault> found = [];
        foreach (string file in files)
        {
            string name = files.Length == 1 ? path : Path.GetRelativePath(path, file);
            if (new FileInfo(file).Length > FileSizeMax) found.Add(new(name, "$", $"the file has more than {FileSizeMax} octets"));
            else found.AddRange(read.Add(File.ReadAllBytes(file), name, skipOthers: files.Length > 1 || Directory.Exists(path)));
            if (found.Count >= FaultList.CountMax) break;
        }
        if (found.Count == 0 && read._tariffs.Count == 0) found.Add(new(path, "$", "holds no tariff"));
        faults = found;
        if (found.Count == 0) set = read;
        return set is not null;
    }

    /// <summary>Reads a file, or each file of a folder that <see cref="TryLoad"/> would read, on its own; what is not a tariff of this form in a folder
    /// is passed over. The name is the path as given, or relative to the folder.</summary>
    public static IReadOnlyList<TariffFile> ReadEach(string path)
    {
        if (!TryList(path, "tariff", out string[] files, out TariffFault? fault)) return [new(path, null, [fault!])];
        bool folder = Directory.Exists(path);
        List<TariffFile> each = [];
        foreach (string file in files)
        {
            string name = folder ? Path.GetRelativePath(path, file) : path;
            TariffSet read = new();
            IReadOnlyList<TariffFault> faults = new FileInfo(file).Length > FileSizeMax
                ? [new(name, "$", $"the file has more than {FileSizeMax} octets")]
                : read.Add(File.ReadAllBytes(file), name, skipOthers: folder);
            if (faults.Count > 0 || read._tariffs.Count > 0) each.Add(new(name, faults.Count == 0 ? read : null, faults));
        }
        return each;
    }

    /// <summary>The file, or the files <c>*.json</c> of the folder by name.</summary>
    /// <param name="what">What the files are, for the fault.</param>
    internal static bool TryList(string path, string what, out string[] files, out TariffFault? fault)
    {
        files = [];
        fault = null;
        if (File.Exists(path))
        {
            files = [path];
        }
        else if (Directory.Exists(path))
        {
            files = [.. Directory.EnumerateFiles(path, "*.json", SearchOption.TopDirectoryOnly)
                .Where(f => !f.EndsWith(".schema.json", StringComparison.Ordinal)).Take(FileCountMax + 1).Order(StringComparer.Ordinal)];
            if (files.Length is 0 or > FileCountMax) fault = new(path, "$", $"expected 1 to {FileCountMax} files *.json in the folder");
        }
        else fault = new(path, "$", $"no such file or folder; expected a {what} file or a folder of them");
        return fault is null;
    }

    /// <param name="skipOthers">Documents of another Praman format, such as worked bills beside the tariffs, are passed over.</param>
    private IReadOnlyList<TariffFault> Add(ReadOnlyMemory<byte> json, string? name, bool skipOthers)
    {
        FaultList faults = new(name);
        TariffReader reader = new(faults);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Strict);
            if (skipOthers && IsOther(document.RootElement)) return [];
            reader.Read(document.RootElement);
        }
        catch (JsonException exception)
        {
            faults.Add("$", $"not JSON: {exception.Message}");
        }
        catch (InvalidOperationException exception) // a text that is not UTF-8, or an escape of half a character
        {
            faults.Add("$", $"not text: {exception.Message}");
        }
        if (!faults.Any) Merge(reader, faults);
        return faults.Faults;
    }

    private static bool IsOther(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("format", out JsonElement format) && format.ValueKind == JsonValueKind.String &&
        format.GetString() is { } text && text.StartsWith("praman-", StringComparison.Ordinal) && !text.StartsWith("praman-tariff/", StringComparison.Ordinal);

    private void Merge(TariffReader reader, FaultList faults)
    {
        foreach (TariffSource source in reader.Sources)
        {
            if (!_sources.TryAdd(source.Id, source) && _sources[source.Id] != source) faults.Add($"$.sources.{source.Id}", "differs from the source of this name in another file");
        }
        foreach (TariffSeries series in reader.Series)
        {
            if (!_series.TryAdd(series.Id, series) && _series[series.Id].Hash != series.Hash) faults.Add($"$.series.{series.Id}", "differs from the series of this name in another file");
        }
        foreach (Tariff tariff in reader.Tariffs)
        {
            if (!_tariffs.TryAdd(tariff.Id, tariff)) faults.Add("$.tariffs", $"'{tariff.Id}' stands in another file too");
        }
    }
}

/// <summary>One file of tariffs, or what is wrong with it.</summary>
public sealed record TariffFile(string Name, TariffSet? Set, IReadOnlyList<TariffFault> Faults);
