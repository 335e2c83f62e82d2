using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Apdus;
using Praman.Dlms.Blocks;
using Praman.Dlms.Security;
using Praman.Dlms.Server;

namespace Praman.Dlms.Client;

/// <summary>What a server sent unasked.</summary>
/// <param name="Apdu">An EventNotification, a DataNotification or an InformationReport.</param>
/// <param name="IsProtected">True where it came under a key of the association: only then is it the server's own.</param>
public sealed record Notification(Apdu Apdu, bool IsProtected);

// What comes without being asked for: kept, and handed out when the host looks.
public sealed partial class DlmsClient
{
    // As long as a server of ours makes one, and its protection.
    private const int NoticeLengthMax = DlmsServerAssociation.ResponseLengthMax + 1024;

    private readonly Queue<Notification> _notifications = new();
    private byte[] _unasked = [];
    private BlockReceiver? _noticeIn;
    private ushort _noticeAnswers;

    /// <summary>Notifications that came while <see cref="DlmsClientSettings.NotificationCountMax"/> others waited, each in the place of the oldest.</summary>
    public long NotificationsLost { get; private set; }

    /// <summary>Takes the next notification that the server sent, at any time since the association was opened; false where there is none.</summary>
    public bool TryTakeNotification([NotNullWhen(true)] out Notification? notification) => _notifications.TryDequeue(out notification);

    /// <summary>
    /// The octets that confirm a DataNotification whose sender waits for it; valid until the next call. The host sends them once it has stored what
    /// came. Fails where the notification asks for no confirmation.
    /// </summary>
    public ClientStep Confirm(DataNotification notification)
    {
        ArgumentNullException.ThrowIfNull(notification);
        if (!notification.IsConfirmed) return ClientStep.Fail(ClientErrorKind.Unexpected, "the server asked for no confirmation");
        Encode(new DataNotificationConfirm(notification.LongInvokeIdAndPriority));
        BeginFrame();
        if (!Protects || !IsAssociated) _frame.Append(_plain.WrittenSpan);
        else if (!TryProtect(EnvelopeOf(DataNotificationConfirm.Tag), _plain.WrittenSpan, _frame, out ClientError? error)) return ClientStep.Fail(error);
        return EndFrame();
    }

    private static bool IsPlainNotification(byte tag) => tag is DataNotification.Tag or EventNotification.Tag or InformationReport.Tag;

    // A block that the server sent of itself: nothing is asked, or its window is 0, as that of no answer of a transfer that is acknowledged.
    private ClientStep? TakeNoticeBlock(in GeneralBlock block)
    {
        // One that begins with another than its first cannot be told from what is left of an earlier one.
        if (block.Number != 1 && _noticeIn is not { Received: > 0 }) return null;
        BlockReceiver incoming = _noticeIn ??= new(Math.Min(_settings.ResponseLengthMax, NoticeLengthMax), GeneralBlock.WindowMax);
        bool isRepeated = block.Window > 0 && incoming.Received > 0 && incoming.Joined.StartsWith(block.Data);
        if (block.Number == 1 && !isRepeated) EndNotice();
        if (incoming.Take(block) == BlockOutcome.TooLong)
        {
            EndNotice();
            return null;
        }
        ClientStep? step = null;
        if (incoming.IsComplete && (_pending == Pending.Nothing || IsPlainNotification(incoming.Joined[0]))) TakeUnasked(incoming.Joined);
        else if (incoming.IsComplete) step = HandleWhole(incoming.Joined);
        if (step is null && incoming.IsAnswerDue && (block.Window > 0 || !incoming.IsComplete)) step = AcknowledgeNotice(incoming);
        if (incoming.IsComplete) EndNotice();
        return step;
    }

    // A server whose blocks are acknowledged waits for it, and sends again what lacks.
    private ClientStep? AcknowledgeNotice(BlockReceiver incoming)
    {
        if (_noticeAnswers == ushort.MaxValue) return null;
        _stream.Clear();
        int window = incoming.Missing > 0 ? incoming.Missing : incoming.Window;
        return AppendBlock(new(true, false, window, ++_noticeAnswers, incoming.Received, default)) ?? new(ClientStatus.Pending, _stream.Memory, null);
    }

    private void EndNotice()
    {
        _noticeIn?.Reset();
        _noticeAnswers = 0;
    }

    // Nothing is asked at the moment: only a notification has a meaning. It is opened beside what Data points to.
    private void TakeUnasked(ReadOnlySpan<byte> apdu)
    {
        if (IsPlainNotification(apdu[0]))
        {
            Keep(apdu, isProtected: false);
            return;
        }
        if (!IsAssociated || !Opens(apdu[0])) return;
        if (_unasked.Length < apdu.Length) _unasked = new byte[Math.Max(apdu.Length, 512)];
        if (_security!.Unprotect(apdu, _unasked, out int written) != SecurityOutcome.Success || written == 0) return;
        if (IsPlainNotification(_unasked[0])) Keep(_unasked.AsSpan(0, written), isProtected: true);
    }

    // One that cannot be read is dropped: nobody asked for it.
    private void Keep(ReadOnlySpan<byte> apdu, bool isProtected)
    {
        if (_settings.NotificationCountMax <= 0 || !Apdu.TryDecode(apdu, out Apdu? decoded, out _)) return;
        if (_notifications.Count >= _settings.NotificationCountMax)
        {
            _notifications.Dequeue();
            NotificationsLost++;
        }
        _notifications.Enqueue(new(decoded, isProtected));
    }
}
