using Praman.Dlms.Apdus;
using Praman.Dlms.Security;

namespace Praman.Dlms.Server;

// What the device sends its client unasked (IEC 62056-5-3: EventNotification, DataNotification, InformationReport).
public sealed partial class DlmsServerAssociation
{
    /// <summary>
    /// A notification for the client of the association, protected as its answers are: a whole frame, valid until the next call. Nothing where there is
    /// no association, the client did not ask for the service, or the notification is longer than the client takes.
    /// </summary>
    public ReadOnlyMemory<byte> Notify(Apdu notification)
    {
        ArgumentNullException.ThrowIfNull(notification);
        Conformance needed = notification switch
        {
            DataNotification => Conformance.DataNotification,
            EventNotification => Conformance.EventNotification,
            InformationReport => Conformance.InformationReport,
            _ => throw new ArgumentException("no notification", nameof(notification)),
        };
        _output.Clear();
        FollowChanges();
        if (_state != State.Associated || !Allows(needed) || (!_settings!.IsCiphered && _required.Asks)) return default;
        _plain.ResetWrittenCount();
        _answersInBlocks = false;
        _protectAnswer = _settings!.IsCiphered && (_answerControl.IsAuthenticated || _answerControl.IsEncrypted || _signAnswer);
        bool hasService = ServiceCiphering.TryGetGlobal(notification.TagOctet, out _);
        _protection = (hasService, _security?.HasDedicatedKey == true) switch
        {
            (true, true) => Protection.ServiceDedicated,
            (true, false) => Protection.ServiceGlobal,
            (false, true) => Protection.GeneralDedicated,
            _ => Protection.GeneralGlobal,
        };
        Answer(notification);
        if (_plain.WrittenCount > PlainLimit) return default;
        Send(_clientSap);
        return _output.Memory;
    }
}
