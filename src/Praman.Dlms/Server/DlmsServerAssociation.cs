using System.Security.Cryptography;
using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Cosem;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;

namespace Praman.Dlms.Server;

/// <summary>Fills a span with octets that cannot be foreseen.</summary>
public delegate void RandomFill(Span<byte> octets);

/// <summary>
/// The server's side of a connection over the wrapper (IEC 62056-5-3, 62056-4-7), an HDLC link (IEC 62056-46) or a wired M-Bus (EN 13757-2): octets in, octets out. One
/// association at a time, any number one after another; frames may come in pieces or several at once. Nothing that a client sends makes it throw or outlives its own association.
/// </summary>
public sealed partial class DlmsServerAssociation : IDlmsStation
{
    /// <summary>Services that are built here, by logical name; an association has those of them that its client asks for and its device offers.</summary>
    public const Conformance Supported = Conformance.GeneralProtection | Conformance.GeneralBlockTransfer | Conformance.DeltaValueEncoding
        | Conformance.BlockTransferWithGetOrRead | Conformance.BlockTransferWithSetOrWrite | Conformance.BlockTransferWithAction | Conformance.MultipleReferences
        | Conformance.DataNotification | Conformance.Access | Conformance.Get | Conformance.Set | Conformance.SelectiveAccess | Conformance.EventNotification | Conformance.Action;

    /// <summary>The same, by short name.</summary>
    public const Conformance SupportedByShortName = Conformance.GeneralProtection | Conformance.GeneralBlockTransfer | Conformance.DeltaValueEncoding | Conformance.Read
        | Conformance.Write | Conformance.UnconfirmedWrite | Conformance.BlockTransferWithGetOrRead | Conformance.BlockTransferWithSetOrWrite
        | Conformance.MultipleReferences | Conformance.InformationReport | Conformance.DataNotification | Conformance.ParameterizedAccess;

    // Octets that ciphering adds at most: tag, title with length, length, header, authentication tag.
    private const int CipheringOverhead = 1 + 9 + 5 + SecurityHeader.Length + GcmCipher.TagLength;
    private const int HeadOverhead = 9 + 9 + 9 + 2 + 4, SignatureOverhead = 1 + HeadOverhead + 5 + 3 + 96;
    private const int GeneralOverhead = CipheringOverhead + 512;

    private enum State
    {
        Idle,
        AwaitingProof,
        Associated,
        Failed,
    }

    private readonly LogicalDevice _device;
    private readonly RandomFill _fillRandom;
    private readonly CosemContext _context;
    private readonly ServerFraming _framing;
    private readonly GrowingBuffer _output = new();
    private readonly AnswerBuffer _plain = new() { LengthMax = ResponseLengthMax + HeadLengthMax };
    private readonly AnswerBuffer _item = new() { LengthMax = ResponseLengthMax };
    private byte[] _opened = [];

    private State _state;
    private AssociationSettings? _settings;
    private ushort _clientSap;
    private Conformance _conformance;
    private int _pduSize = ushort.MaxValue;

    private SecurityContext? _security;
    private KeySet? _keys;
    private bool _protectAnswer;
    private Protection _protection;
    private SecurityControl _answerControl;

    /// <param name="device">The device that answers.</param>
    /// <param name="fillRandom">Source of challenges; the system's where null.</param>
    /// <param name="hdlc">The HDLC link that it is reached by; null for the wrapper.</param>
    /// <param name="mbus">The wired M-Bus that it is reached by; null where it is not.</param>
    public DlmsServerAssociation(LogicalDevice device, RandomFill? fillRandom = null, HdlcSettings? hdlc = null, MBusLinkSettings? mbus = null)
    {
        _device = device;
        _fillRandom = fillRandom ?? RandomNumberGenerator.Fill;
        _context = new(device) { Level = AssociationLevel.Public };
        _framing = (hdlc, mbus) switch
        {
            (null, null) => new WrapperServerFraming(device.ServerSap),
            (not null, null) => new HdlcServerFraming(hdlc),
            (null, not null) => new MBusServerFraming(mbus, device.ServerSap),
            _ => throw new ArgumentException("either an HDLC link or an M-Bus link", nameof(mbus)),
        };
    }

    /// <summary>True once what came in cannot be a wrapper frame, or the device lost power: the host closes the connection. Over HDLC and M-Bus the line stays.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>True while a client is associated and has proved itself.</summary>
    public bool IsAssociated => _state == State.Associated;

    /// <summary>True while the HDLC link is open; never over the wrapper, which has none.</summary>
    public bool IsLinkOpen => _framing.IsOpen;

    /// <summary>The client of the association; 0 while there is none.</summary>
    public ushort ClientSap => _state == State.Idle ? (ushort)0 : _clientSap;

    // Longest plain answer that goes as it is; in a general block transfer any does.
    private int PlainLimit => _answersInBlocks ? int.MaxValue : !_protectAnswer ? _pduSize
        : Math.Max(ClientPduSizeMin / 2, ProtectedLength.PlainMax(_pduSize, _protection, _answerControl) - (_signAnswer ? SignatureOverhead : 0) - EnvelopeOverhead);

    private int EnvelopeOverhead => _protection switch
    {
        Protection.GeneralOnePass => HeadOverhead + 3 + SecuritySuite.PublicKeyLength(_keys!.Suite) + SecuritySuite.SignatureLength(_keys.Suite),
        Protection.GeneralIdentified or Protection.GeneralWrapped or Protection.GeneralStatic => HeadOverhead + 43,
        _ => 0,
    };

    private uint CounterExpected => (uint)Math.Min(uint.MaxValue, _keys!.Accepted(_settings!.Index) + 1);

    /// <summary>Takes in what came from the client, of any length.</summary>
    /// <param name="octets">The octets; none to hand in the time alone, which ends an HDLC link that has been silent too long.</param>
    /// <param name="now">When, true time: readings are of this instant.</param>
    /// <returns>What is to be sent back, whole frames; valid until the next call.</returns>
    public ReadOnlyMemory<byte> Receive(ReadOnlySpan<byte> octets, Instant now)
    {
        _output.Clear();
        if (IsClosed) return default;
        if (!_device.IsReachable(now))
        {
            Drop();
            return default;
        }
        _context.Now = now;
        _device.Advance(now);
        ReceiveFrames(octets, now);
        return _output.Memory;
    }

    /// <summary>Ends the association without an answer, as a lost connection does.</summary>
    public void Close()
    {
        CloseAssociation();
        IsClosed = true;
    }

    public void Dispose() => Close();

    private void Handle(ReadOnlySpan<byte> apdu, ushort clientSap)
    {
        _plain.ResetWrittenCount();
        (_protectAnswer, _signAnswer, _broadcast, _answersInBlocks) = (false, false, false, false);
        if (apdu.IsEmpty) return;
        FollowChanges();
        if (apdu.Length > _device.PduSizeMax + OverheadOf(apdu[0])) Refuse(StateError.ServiceNotAllowed, ServiceError.PduTooLong);
        else if (apdu[0] == Aarq.Tag)
        {
            Open(apdu, clientSap);
            if (_isSilent) _plain.ResetWrittenCount();
        }
        else if (apdu[0] == Rlrq.Tag) Release(apdu, clientSap);
        else if (apdu[0] == GeneralBlockTransfer.Tag) HandleBlocks(apdu, clientSap);
        else HandleService(apdu, clientSap);
        Send(clientSap);
        if (_state == State.Failed) CloseAssociation();
        EraseOpened();
    }

    private void HandleService(ReadOnlySpan<byte> apdu, ushort clientSap)
    {
        if (_state == State.Idle || clientSap != _clientSap)
        {
            Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
            return;
        }
        if (IsCiphered(apdu[0]))
        {
            SecurityOutcome outcome = _settings!.IsCiphered ? Unprotect(apdu, out apdu) : SecurityOutcome.MissingKey;
            if (outcome != SecurityOutcome.Success)
            {
                Refuse(outcome);
                return;
            }
        }
        else if (_settings!.IsCiphered ? _required.AsksRequest : _required.Asks)
        {
            Refuse(SecurityOutcome.PolicyNotMet);
            return;
        }
        else if (_settings.IsCiphered) ProtectAnswerAsPolicyAsks();
        if (!Apdu.TryDecode(apdu, out Apdu? request, out _))
        {
            Refuse(StateError.ServiceUnknown, ServiceError.OtherReason);
            return;
        }
        if (_broadcast && IsConfirmed(request))
        {
            Refuse(SecurityOutcome.PolicyNotMet); // what goes to all asks for no answer
            return;
        }
        if (_state == State.AwaitingProof && request is not (ActionRequestNormal { Method: { ClassId: 15, MethodId: 1 } }
            or ReadRequest { Variables: [{ Kind: VariableAccessKind.ParameterizedAccess, Number: ShortNameTable.ReplyToHls }] }))
        {
            Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
            return;
        }
        Serve(request);
        AcceptOwnChanges();
        if (!IsConfirmed(request)) _plain.ResetWrittenCount();
    }

    private static bool IsConfirmed(Apdu request) => request switch
    {
        GetRequest get => get.Invoke.IsConfirmed,
        SetRequest set => set.Invoke.IsConfirmed,
        ActionRequest action => action.Invoke.IsConfirmed,
        AccessRequest access => new LongInvokeId(access.LongInvokeIdAndPriority).IsConfirmed,
        UnconfirmedWriteRequest or DataNotificationConfirm => false,
        _ => true,
    };
}
