using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Server;

/// <summary>
/// A logical device as its associations see it: objects, associations, secrets. One object list may serve many devices; what differs
/// lies in the device. A device is used by one thread at a time.
/// </summary>
public abstract class LogicalDevice
{
    /// <summary>The association that the client itself is on, in any association (IEC 62056-6-2).</summary>
    public static ObisCode CurrentAssociation { get; } = new(0, 0, 40, 0, 0, 255);

    /// <summary>Where it is reached behind a link; 1 on a meter with one logical device.</summary>
    public virtual ushort ServerSap => 1;

    /// <summary>All objects.</summary>
    public abstract ObjectList Objects { get; }

    /// <summary>The associations that may be opened.</summary>
    public abstract IReadOnlyList<AssociationSettings> Associations { get; }

    public abstract DeviceSecurity Security { get; }

    /// <summary>Longest APDU that it takes and sends.</summary>
    public virtual ushort PduSizeMax => 1024;

    /// <summary>Services that it offers, of those that <see cref="DlmsServerAssociation.Supported"/> names.</summary>
    public virtual Conformance Conformance => DlmsServerAssociation.Supported | DlmsServerAssociation.SupportedByShortName;

    /// <summary>Called when a client confirms a DataNotification that the host had it sent.</summary>
    public virtual void OnNotificationConfirmed(CosemContext context, LongInvokeId invoke)
    {
    }

    /// <summary>False while it cannot speak: no answer leaves it.</summary>
    public virtual bool IsReachable(Instant now) => true;

    /// <summary>Local time minus UTC at an instant.</summary>
    public abstract Offset OffsetAt(Instant at);

    /// <summary>What the device's own clock shows at a true instant, local.</summary>
    public virtual LocalDateTime LocalTimeAt(Instant at) => at.WithOffset(OffsetAt(at)).LocalDateTime;

    /// <summary>
    /// Least protection that its security setups ask for before a client raises it (class 64, attribute 2). Version 0: bit 0 authenticated, bit 1
    /// encrypted. Version 1: see <see cref="RequiredProtection"/>.
    /// </summary>
    public abstract byte SecurityPolicy { get; }

    /// <summary>The same of one security setup, where the device's differ; null is an association without one.</summary>
    public virtual byte FirstPolicyOf(ObisCode? setup) => SecurityPolicy;

    /// <summary>Version of class 64 that <see cref="SecurityPolicy"/> is of.</summary>
    public virtual int SecurityPolicyVersion => 0;

    /// <summary>Least protection that a security setup asks for now.</summary>
    public byte PolicyOf(ObisCode? setup) => (byte)(FirstPolicyOf(setup) | Security.RaisedPolicyOf(setup));

    /// <summary>What that policy asks for, in the suite of the present keys.</summary>
    public RequiredProtection RequiredOf(ObisCode? setup) => RequiredProtection.Of(SecurityPolicyVersion, PolicyOf(setup), Security.KeysOf(setup).Suite);

    /// <summary>Raises the policy of a security setup; false where it is none, or lower. A device that lets nobody raise it refuses.</summary>
    public virtual bool TryActivatePolicy(ObisCode setup, byte policy)
    {
        if (!RequiredProtection.IsValid(SecurityPolicyVersion, policy, Security.KeysOf(setup).Suite) || !RequiredProtection.IsAtLeast(policy, PolicyOf(setup))) return false;
        Security.RaisePolicy(setup, policy);
        return true;
    }

    /// <summary>Called when a secret or key of an association was changed.</summary>
    public virtual void OnSecretChanged(CosemContext context, SecretKind kind)
    {
    }

    /// <summary>Called before requests are served: what time has brought about since.</summary>
    public virtual void Advance(Instant now)
    {
    }

    /// <summary>The association of a client, or null.</summary>
    public AssociationSettings? FindAssociation(ushort clientSap)
    {
        foreach (AssociationSettings settings in Associations)
        {
            if (settings.ClientSap == clientSap) return settings;
        }
        return null;
    }
}

/// <summary>Which secret was changed.</summary>
public enum SecretKind
{
    LowLevelSecret,
    HighLevelSecret,
    GlobalKeys,

    /// <summary>A key pair of the device's own.</summary>
    KeyPair,
}
