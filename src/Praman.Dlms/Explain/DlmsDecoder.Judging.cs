using System.Globalization;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Security;

namespace Praman.Dlms.Explain;

// What is wrong with protection, told apart: key, title, counter, context, policy.
public sealed partial class DlmsDecoder
{
    private const int CountersMax = 1024;

    private readonly Dictionary<string, uint> _counters = [];
    private bool _contextCiphers;
    private SecurityControl? _opening;

    // Tries what else could have been meant; which of the keys and titles at hand fits says what is wrong.
    private string WhyNot(byte[] key, CipheredApdu apdu, List<byte[]> titles)
    {
        const string unknown = "another key or system title, or altered octets";
        SecurityHeader header = apdu.Header;
        int suite = header.Control.Suite;
        if (SecuritySuite.IsKnown(suite) && SecuritySuite.KeyLength(suite) != key.Length)
            return string.Create(CultureInfo.InvariantCulture, $"suite {suite} takes keys of {SecuritySuite.KeyLength(suite)} octets, and the one given has {key.Length}");
        foreach (byte[]? other in (byte[]?[])[_clientTitle, _serverTitle, .. _keys.SystemTitles])
        {
            if (other is null || titles.Exists(tried => tried.AsSpan().SequenceEqual(other))) continue;
            if (Verifies(key, apdu, other)) return $"the system title is another: it verifies with {Convert.ToHexString(other)}";
        }
        foreach ((string name, byte[]? other) in ((string, byte[]?)[])[("guek", _keys.Guek), ("gbek", _keys.Gbek), ("dedicated", _keys.Dedicated ?? _learnedDedicated)])
        {
            if (other is not null && other != key && titles.Exists(title => Verifies(other, apdu, title))) return $"it is protected with the key '{name}', not with the one that it names";
        }
        if (!header.Control.IsEncrypted) return unknown;
        using var cipher = new GcmCipher(key);
        byte[] plain = new byte[apdu.Payload.Length];
        foreach (byte[] title in titles)
        {
            cipher.ApplyKeyStream(title, header.InvocationCounter, apdu.Payload.Span, plain);
            if (Apdu.TryDecode(plain, out _, out _)) return "the encryption key and the title fit, but the authentication key is another, or control or tag were altered";
        }
        return "another encryption key or system title, or altered octets";
    }

    private bool Verifies(byte[] key, CipheredApdu apdu, byte[] title)
    {
        using var cipher = new GcmCipher(key);
        byte[] plain = new byte[apdu.Payload.Length];
        return apdu.Header.Control.IsEncrypted
            ? cipher.TryDecrypt(title, apdu.Header, _keys.Gak, apdu.Payload.Span, apdu.AuthenticationTag.Span, plain)
            : cipher.Verify(title, apdu.Header, _keys.Gak, apdu.Payload.Span, apdu.AuthenticationTag.Span);
    }

    // Under a key for one APDU the counter begins anew and says nothing.
    private void NoteCounter(DlmsDocument document, CipheredApdu apdu, byte[] sender)
    {
        if (apdu is GeneralCiphering { Key: { Choice: not KeyInfo.Identified } or null }) return;
        bool dedicated = apdu is GeneralDedCiphering or ServiceCiphered { IsDedicated: true };
        bool broadcast = apdu is GeneralCiphering general ? general.Key!.KeyId == 1 : apdu.Header.Control.IsBroadcastKeySet;
        string place = Convert.ToHexString(sender) + (dedicated ? " dedicated" : broadcast ? " broadcast" : " unicast");
        uint counter = apdu.Header.InvocationCounter;
        if (_counters.TryGetValue(place, out uint last) && counter <= last)
        {
            document.NoteList.Add(string.Create(CultureInfo.InvariantCulture,
                $"the invocation counter {counter} is not above {last}, which this sender used before under this key: the receiver refuses it as a repetition"));
        }
        else if (last > 0 || _counters.Count < CountersMax) _counters[place] = counter;
    }

    private void NoteOpening(DlmsDocument document, Aarq aarq)
    {
        _contextCiphers = aarq.Context is ApplicationContext.LogicalNameCiphered or ApplicationContext.ShortNameCiphered;
        _opening = null;
        foreach (string place in _counters.Keys.Where(place => place.EndsWith("dedicated", StringComparison.Ordinal)).ToArray()) _counters.Remove(place);
        if (aarq.UserInformation.IsEmpty || !Apdu.TryDecode(aarq.UserInformation.Span, out Apdu? user, out _)) return;
        bool protects = user is CipheredApdu or GeneralSigning;
        if (protects && !_contextCiphers) document.NoteList.Add("the application context is without ciphering, and the InitiateRequest is protected: a server refuses the context");
        if (user is CipheredApdu ciphered) _opening = ciphered.Header.Control;
    }

    private void NoteContext(DlmsDocument document, Apdu apdu)
    {
        if (_opening is null || !_contextCiphers) return;
        if (apdu is GetRequest or SetRequest or ActionRequest or GetResponse or SetResponse or ActionResponse)
            document.NoteList.Add("in clear, though the association was opened protected: a receiver whose policy asks for protection refuses it");
    }

    private void NoteProtection(DlmsDocument document, SecurityControl control)
    {
        if (_opening is not { } opening || control.Satisfies(opening)) return;
        document.NoteList.Add(control.Suite != opening.Suite
            ? string.Create(CultureInfo.InvariantCulture, $"suite {control.Suite}, and the association was opened in suite {opening.Suite}: the receiver refuses it")
            : "protected less than the association's opening: a receiver whose policy asks for as much refuses it");
    }
}
