using System.Security.Cryptography;
using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Server;

/// <summary>
/// What a device keeps secret: key sets and policies of its security setups, master key, and the secrets of its associations. All setups begin with
/// one key set; one that a client gives other keys, or a higher policy, has its own from then on. Keys that are replaced are erased.
/// </summary>
public sealed class DeviceSecurity
{
    /// <summary>Longest secret of an association.</summary>
    public const int SecretLengthMax = 64;

    private byte[] _masterKey;
    private Dictionary<ObisCode, SetupState>? _setups; // of most devices none differs
    private ECAlgorithm? _madeSignature, _madeAgreement;

    /// <param name="systemTitle">Eight octets: the maker's three letters and five of its own.</param>
    /// <param name="keys">Global keys with their counters.</param>
    /// <param name="masterKey">Key-encrypting key (RFC 3394) for key transfer, of the whole device; copied; empty where the device takes no keys.</param>
    /// <param name="lowSecret">Password of low-level security.</param>
    /// <param name="highSecret">Secret of high-level security by mechanism 2 (16 octets), 3, 4 or 6.</param>
    public DeviceSecurity(
        ReadOnlyMemory<byte> systemTitle, KeySet keys, ReadOnlyMemory<byte> masterKey, ReadOnlyMemory<byte> lowSecret, ReadOnlyMemory<byte> highSecret)
    {
        if (systemTitle.Length != 8) throw new ArgumentException("a system title has 8 octets", nameof(systemTitle));
        (SystemTitle, Keys, _masterKey, LowSecret, HighSecret) = (systemTitle, keys, masterKey.ToArray(), lowSecret, highSecret);
    }

    public ReadOnlyMemory<byte> SystemTitle { get; }

    /// <summary>The keys that the next association will use, of each security setup that has none of its own.</summary>
    public KeySet Keys { get; private set; }

    public ReadOnlyMemory<byte> MasterKey => _masterKey;

    public ReadOnlyMemory<byte> LowSecret { get; set; }

    public ReadOnlyMemory<byte> HighSecret { get; set; }

    /// <summary>Clients that are let in to ciphered associations, by system title; any where null.</summary>
    public ReadOnlyMemory<byte>? ClientTitle { get; set; }

    /// <summary>The device's own key pairs of suite 1 or 2; null where it has none. Those that the host sets stay the host's.</summary>
    public EllipticKeys? OwnKeys { get; set; }

    /// <summary>Public keys of clients that were set in the works, used where no certificate of the client is held; null for none.</summary>
    public EllipticKeys? ClientKeys { get; set; }

    /// <summary>Certificates: the device's own, those of its clients and of their authorities.</summary>
    public CertificateStore Certificates => field ??= new(); // most devices have none

    /// <summary>The keys that the next association of a security setup will use; null is an association without one.</summary>
    public KeySet KeysOf(ObisCode? setup) => Find(setup)?.Keys ?? Keys;

    /// <summary>What clients raised the policy of a security setup to; 0 where none did.</summary>
    public byte RaisedPolicyOf(ObisCode? setup) => Find(setup)?.Policy ?? 0;

    internal void RaisePolicy(ObisCode setup, byte policy) => StateOf(setup).Policy |= policy;

    /// <summary>New keys for every security setup. A null key stays as it is. Associations that are open under keys that go are closed.</summary>
    public void ChangeKeys(ReadOnlyMemory<byte>? guek, ReadOnlyMemory<byte>? gak, ReadOnlyMemory<byte>? masterKey, ReadOnlyMemory<byte>? gbek = null)
    {
        KeySet[] before = [.. KeySets];
        if (guek is not null || gak is not null || gbek is not null)
        {
            Keys = Keys.With(guek, gak, gbek, KeySets);
            foreach (SetupState state in Setups) state.Keys = state.Keys?.With(guek, gak, gbek, KeySets);
        }
        ChangeMaster(masterKey);
        Erase(before);
    }

    /// <summary>New keys for one security setup, and a new master key for the device. A null key stays as it is.</summary>
    public void ChangeKeys(ObisCode setup, ReadOnlyMemory<byte>? guek, ReadOnlyMemory<byte>? gak, ReadOnlyMemory<byte>? masterKey, ReadOnlyMemory<byte>? gbek = null)
    {
        KeySet[] before = [.. KeySets];
        if (guek is not null || gak is not null || gbek is not null) StateOf(setup).Keys = KeysOf(setup).With(guek, gak, gbek, KeySets);
        ChangeMaster(masterKey);
        Erase(before);
    }

    /// <summary>Lets the set that all setups began with go once each has its own.</summary>
    internal void DropUnused(LogicalDevice device)
    {
        bool isUsed = device.Associations.Any(association => association.SecuritySetup is null && association.IsCiphered)
            || device.Objects.All.Any(held => held is SecuritySetup && Find(held.LogicalName)?.Keys is null);
        if (isUsed || Setups.FirstOrDefault()?.Keys is not { } own) return;
        KeySet unused = Keys;
        Keys = own;
        unused.EraseBut(KeySets);
    }

    private IEnumerable<KeySet> KeySets
    {
        get
        {
            yield return Keys;
            foreach (SetupState state in Setups)
            {
                if (state.Keys is { } own) yield return own;
            }
        }
    }

    private IEnumerable<SetupState> Setups => _setups is null ? [] : _setups.Values;

    // Associations know their keys by the set: under another master key each is another, so that none goes on under the one that is gone.
    private void ChangeMaster(ReadOnlyMemory<byte>? masterKey)
    {
        if (masterKey is not { } master) return;
        byte[] old = _masterKey;
        _masterKey = master.ToArray();
        CryptographicOperations.ZeroMemory(old);
        Keys = Keys.With(null, null, null, []);
        foreach (SetupState state in Setups) state.Keys = state.Keys?.With(null, null, null, []);
    }

    private void Erase(KeySet[] before)
    {
        foreach (KeySet set in before) set.EraseBut(KeySets);
    }

    /// <summary>Makes a new key pair in place of the device's own. Gives back the one that goes where it was made here too: whoever may still use it disposes it.</summary>
    internal IDisposable? MakePair(CertificateType type)
    {
        EllipticKeys? old = OwnKeys;
        if (type == CertificateType.Signature)
        {
            IDisposable? gone = old?.Signature is { } pair && ReferenceEquals(pair, _madeSignature) ? pair : null;
            ECDsa made = ECDsa.Create(SecuritySuite.Curve(Keys.Suite));
            (_madeSignature, OwnKeys) = (made, new(Keys.Suite, made, old?.Agreement));
            return gone;
        }
        IDisposable? replaced = old?.Agreement is { } agreement && ReferenceEquals(agreement, _madeAgreement) ? agreement : null;
        ECDiffieHellman renewed = ECDiffieHellman.Create(SecuritySuite.Curve(Keys.Suite));
        (_madeAgreement, OwnKeys) = (renewed, new(Keys.Suite, old?.Signature, renewed));
        return replaced;
    }

    /// <summary>The public keys of a client, from its certificates where there are some: then what was set in the works counts no more, even once they have run out.</summary>
    /// <param name="title">The client's system title.</param>
    /// <param name="now">When they are to hold.</param>
    /// <param name="owned">True where the caller disposes what it gets.</param>
    public EllipticKeys? FindClientKeys(ReadOnlySpan<byte> title, Instant now, out bool owned)
    {
        owned = false;
        if (!SecuritySuite.HasCurve(Keys.Suite)) return null;
        EllipticKeys? certified = Certificates.FindKeys(CertificateEntity.Client, title, Keys.Suite, now);
        owned = certified is not null;
        bool isCertified = Certificates.Find(CertificateEntity.Client, CertificateType.Signature, title) is not null
            || Certificates.Find(CertificateEntity.Client, CertificateType.KeyAgreement, title) is not null;
        return isCertified ? certified : ClientKeys;
    }

    private SetupState? Find(ObisCode? setup) => setup is { } name && _setups is not null && _setups.TryGetValue(name, out SetupState? state) ? state : null;

    private SetupState StateOf(ObisCode setup)
    {
        if (Find(setup) is { } state) return state;
        state = new();
        (_setups ??= []).Add(setup, state);
        return state;
    }

    private sealed class SetupState
    {
        /// <summary>Null while they are the device's.</summary>
        public KeySet? Keys { get; set; }

        public byte Policy { get; set; }
    }
}
