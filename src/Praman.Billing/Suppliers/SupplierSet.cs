using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Suppliers;

/// <summary>Suppliers, read from one file or from a folder of files, one supplier a file.</summary>
public sealed class SupplierSet
{
    /// <summary>Largest file read, in octets.</summary>
    public const int FileSizeMax = 1 << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private readonly Dictionary<string, Supplier> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Supplier> _byName = new(StringComparer.Ordinal);

    private SupplierSet()
    {
    }

    /// <summary>No supplier: every bill says that its supplier stated nothing.</summary>
    public static SupplierSet Empty { get; } = new();

    public IReadOnlyDictionary<string, Supplier> Suppliers => _byId;

    /// <summary>The supplier that a bill names; null where none has stated anything.</summary>
    public Supplier? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads one document of the form <c>praman-supplier/1</c>.</summary>
    /// <param name="name">Stands in the faults; null: none.</param>
    public static bool TryParse(ReadOnlyMemory<byte> json, string? name, [NotNullWhen(true)] out SupplierSet? set, out IReadOnlyList<TariffFault> faults)
    {
        SupplierSet read = new();
        faults = read.Add(json, name);
        set = faults.Count == 0 ? read : null;
        return set is not null;
    }

    /// <summary>Reads a file, or every <c>*.json</c> of a folder in the order of their names. A supplier that stands in two of them, by id or by a
    /// name that bills write, is a fault.</summary>
    /// <returns>False, with what is wrong and where, also where nothing can be read.</returns>
    public static bool TryLoad(string path, [NotNullWhen(true)] out SupplierSet? set, out IReadOnlyList<TariffFault> faults)
    {
        set = null;
        if (!TariffSet.TryList(path, "supplier", out string[] files, out TariffFault? fault))
        {
            faults = [fault!];
            return false;
        }
        SupplierSet read = new();
        List<TariffFault> found = [];
        foreach (string file in files)
        {
            string name = File.Exists(path) ? path : Path.GetRelativePath(path, file);
            if (new FileInfo(file).Length > FileSizeMax) found.Add(new(name, "$", $"the file has more than {FileSizeMax} octets"));
            else found.AddRange(read.Add(File.ReadAllBytes(file), name));
            if (found.Count >= FaultList.CountMax) break;
        }
        faults = found;
        if (found.Count == 0) set = read;
        return set is not null;
    }

    private IReadOnlyList<TariffFault> Add(ReadOnlyMemory<byte> json, string? name)
    {
        FaultList faults = new(name);
        Supplier? supplier = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Strict);
            supplier = SupplierReader.Read(document.RootElement, faults);
        }
        catch (JsonException exception)
        {
            faults.Add("$", $"not JSON: {exception.Message}");
        }
        catch (InvalidOperationException exception) // a text that is not UTF-8, or an escape of half a character
        {
            faults.Add("$", $"not text: {exception.Message}");
        }
        if (faults.Any || supplier is null) return faults.Faults;
        if (!_byId.TryAdd(supplier.Id, supplier)) faults.Add("$.id", $"'{supplier.Id}' stands in another file too");
        foreach (string one in supplier.Names)
        {
            if (!_byName.TryAdd(one, supplier)) faults.Add("$.names", $"'{one}' stands twice, here or in another file");
        }
        return faults.Faults;
    }
}
