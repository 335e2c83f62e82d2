namespace Praman.Billing.Tariffs;

/// <summary>What is wrong with a tariff file.</summary>
/// <param name="File">The file, or null where the bytes came from elsewhere.</param>
/// <param name="Path">JSON path of the value, from <c>$</c>.</param>
/// <param name="Message">What was found and what was expected.</param>
public sealed record TariffFault(string? File, string Path, string Message)
{
    public override string ToString() => File is null ? $"{Path}: {Message}" : $"{File}: {Path}: {Message}";
}

/// <summary>Faults in the order found, with a limit, so that a hostile file yields a short answer.</summary>
internal sealed class FaultList(string? file)
{
    public const int CountMax = 32;
    private readonly List<TariffFault> _faults = [];

    public IReadOnlyList<TariffFault> Faults => _faults;
    public bool Any => _faults.Count > 0;

    public void Add(string path, string message)
    {
        if (_faults.Count < CountMax) _faults.Add(new(file, path, message));
    }
}
