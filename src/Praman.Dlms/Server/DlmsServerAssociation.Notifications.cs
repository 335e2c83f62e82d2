using Praman.Dlms.Apdus;
using Praman.Dlms.Blocks;
using Praman.Dlms.Security;

namespace Praman.Dlms.Server;

// What the device sends its client unasked (IEC 62056-5-3: EventNotification, DataNotification, InformationReport).
public sealed partial class DlmsServerAssociation
{
    private BlockSender? _notice;

    /// <summary>
    /// A notification for the client of the association, protected as its answers are: whole frames, valid until the next call. One longer than the
    /// client's APDUs goes in general blocks, which nobody acknowledges: a transfer of the client's own goes on beside it, and a block that is lost
    /// loses the notification. A DataNotification that asks for its confirmation shows the host whether it came; until then it may be sent again.
    /// Nothing where there is no association, the client did not ask for the service, or the notification needs blocks and the client takes none.
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
        if (_plain.WrittenCount <= PlainLimit) Send(_clientSap);
        else if (Allows(Conformance.GeneralBlockTransfer) && !_plain.IsOverfull) SendNotificationInBlocks();
        return _output.Memory;
    }

    // A window of 0: no block of it is acknowledged, by which the client tells them from those of an answer.
    private void SendNotificationInBlocks()
    {
        _notice ??= new();
        GrowingBuffer whole = _notice.Empty();
        if (!_protectAnswer) whole.Append(_plain.WrittenSpan);
        else if (!TryProtectAnswer(whole))
        {
            Close(); // no counter is left: nothing more can be said under this key
            return;
        }
        if (_notice.TryBegin(_pduSize, 1))
        {
            _output.Reserve(whole.Length + (_notice.Last * BlockOverhead));
            for (int number = 1; number <= _notice.Last; number++)
                AppendBlock(new(number == _notice.Last, number < _notice.Last, 0, (ushort)number, 0, _notice.Data(number)), _clientSap);
        }
        _notice.Reset();
    }
}
