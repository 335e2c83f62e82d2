using NodaTime;
using Praman.Dlms.Server;

namespace Praman.Dlms.Cosem;

/// <summary>What an object is asked within: the device that it belongs to, who asks, and when. Objects hold no state of a device, so that many devices share them.</summary>
public sealed class CosemContext(LogicalDevice device)
{
    /// <summary>The device whose state the objects show.</summary>
    public LogicalDevice Device { get; } = device;

    /// <summary>When the request came, true time.</summary>
    public Instant Now { get; set; }

    /// <summary>What the client is trusted with.</summary>
    public AssociationLevel Level { get; set; } = AssociationLevel.UtilitySetting;

    /// <summary>The association that the request came on; null where a device is asked directly.</summary>
    public AssociationSettings? Association { get; set; }

    /// <summary>The system title of the client, where the association has one; else empty.</summary>
    public ReadOnlyMemory<byte> ClientTitle { get; set; }

    /// <summary>Services of the association; all where a device is asked directly.</summary>
    public Conformance Conformance { get; set; } = DlmsServerAssociation.Supported;

    /// <summary>What a device keeps between requests of one association to answer faster; null at first.</summary>
    public object? Scratch { get; set; }

    // Key pairs that this association replaced and may use until it ends.
    private List<IDisposable>? _retired;

    /// <summary>Keeps what the association may still use until it ends.</summary>
    internal void Retire(IDisposable? used)
    {
        if (used is not null) (_retired ??= []).Add(used);
    }

    internal void DisposeRetired()
    {
        foreach (IDisposable used in _retired ?? []) used.Dispose();
        _retired = null;
    }

    /// <summary>How deep objects are reading one another just now.</summary>
    internal int Depth { get; set; }
}
