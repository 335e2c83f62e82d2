using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Client;

/// <summary>
/// The client's side of an association (IEC 62056-5-3) over the wrapper or an HDLC link, without a socket: each request gives octets to send,
/// what is received is handed to <see cref="Received(ReadOnlySpan{byte})"/> until the step is done or failed. One request at a time; buffers are used again.
/// Sending once more what was not answered is the host's matter. Late and repeated answers are passed over.
/// </summary>
public sealed partial class DlmsClient : IDisposable
{
    // The fields before key-info with the key-info around a wrapped key; an ephemeral key and its signature; a signature with its own fields.
    private const int GeneralOverhead = 33 + 43, OnePassOverhead = 3 + 192, SignatureOverhead = 42 + 3 + 96;

    private enum Pending
    {
        Nothing,
        Link,
        LinkEnd,
        Opening,
        Proof,
        Get,
        GetList,
        Set,
        SetList,
        Action,
        ActionList,
        Access,
        Names,
        ByLogicalName,
        Release,
    }

    private readonly DlmsClientSettings _settings;
    private readonly CounterLease? _counters;
    private readonly RandomFill _fillRandom;
    private readonly ClientFraming _framing;
    private readonly GrowingBuffer _frame = new();
    private readonly ArrayBufferWriter<byte> _plain = new();
    private readonly GrowingBuffer _assembled = new();
    private SecurityContext? _security;
    private byte[] _opened = [];
    private byte[] _challenge = [];
    private Pending _pending;
    private InvokeIdAndPriority _invoke;
    private int _invokeId;
    private uint _block, _sentBlock;
    private int _serverPduSize = ushort.MaxValue;
    private bool _dataInAssembled;
    private int _dataStart, _dataLength;
    private GetDataResult[] _results = [];
    private DataAccessResult[] _setResults = [];
    private ActionResponseItem[] _actionResults = [];

    /// <param name="settings">Who, with what secrets.</param>
    /// <param name="counters">Counters set aside for this association; needed where it is ciphered.</param>
    public DlmsClient(DlmsClientSettings settings, CounterLease? counters = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _counters = counters;
        _fillRandom = settings.FillRandom ?? RandomNumberGenerator.Fill;
        _framing = FramingOf(settings);
        if (settings.Gateway is { } meter) _framing = new GatewayClientFraming(_framing, meter);
        if (!settings.IsCiphered && settings.Mechanism < AuthenticationMechanism.HlsGmac) return;
        if (counters is null && (settings.IsCiphered || settings.Mechanism == AuthenticationMechanism.HlsGmac))
            throw new ArgumentException("a ciphered association needs counters", nameof(counters));
        _security = new(settings.AnswerProtection ?? settings.Protection, settings.SystemTitle.Span, settings.Guek.Span, settings.Gak.Span)
        {
            OwnKeys = settings.Keys, RequiresSignature = settings.Signs, TransactionNext = settings.TransactionFirst,
        };
        _security.SetPeerKeys(settings.ServerKeys, owned: false);
        _security.SetKeyEncryptionKey(settings.MasterKey.Span);
    }

    /// <summary>True after the association is open and both sides have proved themselves.</summary>
    public bool IsAssociated { get; private set; }

    /// <summary>The server's system title, once it said it.</summary>
    public ReadOnlyMemory<byte> ServerTitle { get; private set; }

    /// <summary>The lowest invocation counter that is now taken from the server: one above the last that was verified.</summary>
    public ulong ServerCounterNext => _security?.ReceiveCounterMin ?? 0;

    /// <summary>Services that the server granted.</summary>
    public Conformance Conformance { get; private set; }

    /// <summary>The value of the last GET: one A-XDR Data value, tag first. Valid until the next request.</summary>
    public ReadOnlySpan<byte> Data => (_dataInAssembled ? _assembled.Span : _opened).Slice(_dataStart, _dataLength);

    /// <summary>Results of the last GET with a list, in the order asked.</summary>
    public IReadOnlyList<GetDataResult> Results => _results;

    /// <summary>Results of the last SET with a list, in the order asked.</summary>
    public IReadOnlyList<DataAccessResult> SetResults => _setResults;

    /// <summary>Results of the last ACTION with a list, in the order asked.</summary>
    public IReadOnlyList<ActionResponseItem> ActionResults => _actionResults;

    /// <summary>What the last ACTION returned; null-data where nothing.</summary>
    public CosemData Returned { get; private set; }

    private int ExtraOverhead => (_settings.Signs ? SignatureOverhead : 0) + _settings.Envelope switch
    {
        Protection.GeneralOnePass => GeneralOverhead + OnePassOverhead,
        >= Protection.GeneralIdentified => GeneralOverhead,
        _ => 0,
    };

    // True where xDLMS APDUs go out protected.
    private bool Protects => _settings.IsCiphered && (Asks(_settings.Protection) || _settings.Signs);

    // True where one that comes in is opened: where it must be protected, and where it is, whatever was asked.
    private bool Opens(byte tag) => _settings.IsCiphered && (Asks(_settings.AnswerProtection ?? _settings.Protection) || _settings.Signs
        || tag is GeneralGloCiphering.Tag or GeneralDedCiphering.Tag or GeneralCiphering.Tag or GeneralSigning.Tag || ServiceCiphering.IsGlobal(tag) || ServiceCiphering.IsDedicated(tag));

    private static ClientFraming FramingOf(DlmsClientSettings settings) => settings switch
    {
        { Hdlc: not null, MBus: not null } => throw new ArgumentException("either an HDLC link or an M-Bus link", nameof(settings)),
        { Hdlc: { } hdlc } => new HdlcClientFraming(hdlc, settings.ClientSap),
        { MBus: { } bus } => new MBusClientFraming(bus, checked((byte)settings.ClientSap), checked((byte)settings.ServerSap)),
        _ => new WrapperClientFraming(settings.ClientSap, settings.ServerSap),
    };

    private static bool Asks(SecurityControl control) => control.IsAuthenticated || control.IsEncrypted;

    /// <summary>The value of the last GET as a tree.</summary>
    public bool TryGetValue(out CosemData value, out DecodeError error) => CosemData.TryDecode(Data, out value, out error);

    /// <summary>Forgets the association, as when the link is lost; the client may connect again.</summary>
    public void Reset()
    {
        _framing.Reset();
        EndBlocks();
        EndNotice();
        IsAssociated = false;
        _pending = Pending.Nothing;
    }

    public void Dispose()
    {
        _security?.Dispose();
        _security = null;
    }

    private ClientStep? Begin(Pending pending, Conformance needed = Conformance.None)
    {
        if (!IsAssociated) return ClientStep.Fail(ClientErrorKind.NotAssociated, "connect first");
        if (Lacks(needed) is { } error) return ClientStep.Fail(error);
        Start(pending);
        return null;
    }

    // A service that was not granted is not asked for: the server could only refuse it.
    private ClientError? Lacks(Conformance needed)
    {
        Conformance missing = needed & ~Conformance;
        return missing == Conformance.None ? null
            : new(ClientErrorKind.NotGranted, $"the server did not grant {string.Join(", ", missing.Names())} in this association") { NotGranted = missing };
    }

    private void Start(Pending pending)
    {
        _pending = pending;
        if (pending is not (Pending.Link or Pending.LinkEnd or Pending.Opening or Pending.Release)) _invokeId = (_invokeId % Math.Clamp((int)_settings.InvokeIdMax, 1, 15)) + 1;
        _invoke = new(_invokeId);
        (_block, _sentBlock, _nextBlock) = (0, 0, null);
        EndBlocks();
        _assembled.Clear();
        (_dataInAssembled, _dataStart, _dataLength) = (false, 0, 0);
        _results = [];
        _setResults = [];
        _actionResults = [];
        Returned = default;
    }

    private ClientStep Finish()
    {
        _pending = Pending.Nothing;
        return ClientStep.Complete;
    }

    private ClientStep Fail(ClientError error)
    {
        _pending = Pending.Nothing;
        return ClientStep.Fail(error);
    }

    private ClientStep Fail(ClientErrorKind kind, string text) => Fail(new ClientError(kind, text));

    private int Encode(Apdu request)
    {
        _plain.ResetWrittenCount();
        var writer = new AxdrWriter(_plain);
        request.Write(ref writer);
        writer.Flush();
        return _plain.WrittenCount;
    }

    private ClientStep Transmit(Apdu request)
    {
        Encode(request);
        return TransmitPlain();
    }

    private ClientStep TransmitPlain()
    {
        bool ciphers = Protects && _pending is not (Pending.Opening or Pending.Release); // ACSE: only what is within is ciphered
        if (SendsInBlocks) return TransmitInBlocks(ciphers);
        BeginFrame();
        if (!ciphers) _frame.Append(_plain.WrittenSpan);
        else if (!TryProtect(EnvelopeOf(_plain.WrittenSpan[0]), _plain.WrittenSpan, _frame, out ClientError? error)) return Fail(error);
        return EndFrame();
    }

    // Services without a ciphered form of their own go in a general envelope.
    private Protection EnvelopeOf(byte tag)
    {
        bool isDedicated = _security?.HasDedicatedKey == true;
        if (!isDedicated && _settings.Envelope is { } chosen && chosen != Protection.ServiceGlobal) return chosen;
        bool general = _settings.UsesGeneralCiphering || !ServiceCiphering.TryGetGlobal(tag, out _);
        return (isDedicated, general) switch
        {
            (true, true) => Protection.GeneralDedicated,
            (true, false) => Protection.ServiceDedicated,
            (false, true) => Protection.GeneralGlobal,
            _ => Protection.ServiceGlobal,
        };
    }

    private int PlainLimit(byte tag) =>
        Protects ? Math.Max(1, ProtectedLength.PlainMax(_serverPduSize, EnvelopeOf(tag), _settings.Protection) - ExtraOverhead) : _serverPduSize;

    private bool TryProtect(Protection envelope, ReadOnlySpan<byte> plain, GrowingBuffer target, [NotNullWhen(false)] out ClientError? error)
    {
        error = null;
        if (!_counters!.TryTake(out uint counter) || (_settings.Signs && !_counters.TryTake(out _)))
        {
            error = new(ClientErrorKind.CounterExhausted, "no invocation counter is left in the lease: extend it and ask again");
            return false;
        }
        _security!.SendCounter = counter;
        var writer = new AxdrWriter(target);
        SecurityOutcome outcome = _security.Protect(envelope, _settings.Protection, _settings.Signs, plain, ref writer);
        writer.Flush();
        if (outcome == SecurityOutcome.Success) return true;
        error = new(ClientErrorKind.PolicyRefused, $"the request cannot be protected: {outcome}");
        return false;
    }
}
