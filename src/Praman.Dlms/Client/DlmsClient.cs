using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Client;

/// <summary>
/// The client's side of an association over the wrapper (IEC 62056-5-3, 62056-4-7), without a socket: each request gives octets to send,
/// what is received is handed to <see cref="Received"/> until the step is done or failed. One request at a time; buffers are used again.
/// Sending once more what was not answered is the host's matter. Late and repeated answers are passed over.
/// </summary>
public sealed partial class DlmsClient : IDisposable
{
    private const int ChallengeLength = 16, ChallengeLengthMin = 8, ChallengeLengthMax = 64;

    private enum Pending
    {
        Nothing,
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
        Release,
    }

    private readonly DlmsClientSettings _settings;
    private readonly CounterLease? _counters;
    private readonly RandomFill _fillRandom;
    private readonly WrapperFramer _framer = new();
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
        if (!settings.IsCiphered && settings.Mechanism != AuthenticationMechanism.HlsGmac) return;
        if (counters is null) throw new ArgumentException("a ciphered association needs counters", nameof(counters));
        _security = new(settings.Protection, settings.SystemTitle.Span, settings.Guek.Span, settings.Gak.Span);
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

    // True where xDLMS APDUs go protected both ways.
    private bool Protects => _settings.IsCiphered && (_settings.Protection.IsAuthenticated || _settings.Protection.IsEncrypted);

    /// <summary>The value of the last GET as a tree.</summary>
    public bool TryGetValue(out CosemData value, out DecodeError error) => CosemData.TryDecode(Data, out value, out error);

    /// <summary>Takes in what came from the server, of any length.</summary>
    public ClientStep Received(ReadOnlySpan<byte> octets)
    {
        _framer.Append(octets);
        while (true)
        {
            FrameStatus status = _framer.TryRead(out WrapperHeader header, out ReadOnlySpan<byte> apdu, out DecodeError error);
            if (status == FrameStatus.Faulty) return Fail(new(ClientErrorKind.Malformed, error.ToString()) { Decode = error });
            if (status == FrameStatus.Incomplete) return ClientStep.Wait;
            if (header.Source != _settings.ServerSap || header.Destination != _settings.ClientSap) continue;
            if (TakeFrame(apdu) is { } step) return step;
        }
    }

    /// <summary>Forgets the association, as when the link is lost; the client may connect again.</summary>
    public void Reset()
    {
        _framer.Reset();
        EndBlocks();
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
        if (pending is not (Pending.Opening or Pending.Release)) _invokeId = (_invokeId % Math.Clamp((int)_settings.InvokeIdMax, 1, 15)) + 1;
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
        bool general = _settings.UsesGeneralCiphering || !ServiceCiphering.TryGetGlobal(tag, out _);
        return (_security?.HasDedicatedKey == true, general) switch
        {
            (true, true) => Protection.GeneralDedicated,
            (true, false) => Protection.ServiceDedicated,
            (false, true) => Protection.GeneralGlobal,
            _ => Protection.ServiceGlobal,
        };
    }

    private int PlainLimit(byte tag) => Protects ? ProtectedLength.PlainMax(_serverPduSize, EnvelopeOf(tag), _settings.Protection) : _serverPduSize;

    private void BeginFrame()
    {
        _frame.Clear();
        _frame.GetSpan(WrapperHeader.Length);
        _frame.Advance(WrapperHeader.Length);
    }

    private ClientStep EndFrame()
    {
        int length = _frame.Length - WrapperHeader.Length;
        if (length > WrapperHeader.ApduLengthMax) return Fail(ClientErrorKind.TooLong, $"a request of {length} octets does not fit a frame");
        new WrapperHeader(_settings.ClientSap, _settings.ServerSap, (ushort)length).Write(_frame.Span);
        return new(ClientStatus.Pending, _frame.Memory, null);
    }

    private bool TryProtect(Protection envelope, ReadOnlySpan<byte> plain, GrowingBuffer target, [NotNullWhen(false)] out ClientError? error)
    {
        error = null;
        if (!_counters!.TryTake(out uint counter))
        {
            error = new(ClientErrorKind.CounterExhausted, "no invocation counter is left in the lease: extend it and ask again");
            return false;
        }
        _security!.SendCounter = counter;
        var writer = new AxdrWriter(target);
        SecurityOutcome outcome = _security.Protect(envelope, plain, ref writer);
        writer.Flush();
        if (outcome == SecurityOutcome.Success) return true;
        error = new(ClientErrorKind.PolicyRefused, $"the request cannot be protected: {outcome}");
        return false;
    }
}
