using System.Collections.Frozen;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>The tariffs of a set, each compiled once. Never changes.</summary>
public sealed class TariffBook
{
    private readonly FrozenDictionary<string, CompiledTariff> _tariffs;

    public TariffBook(TariffSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        _tariffs = set.Tariffs.ToFrozenDictionary(t => t.Key, t => CompiledTariff.Compile(t.Value, set), StringComparer.Ordinal);
    }

    /// <summary>The tariff of this id, or null.</summary>
    public CompiledTariff? Find(string id) => _tariffs.GetValueOrDefault(id);
}
