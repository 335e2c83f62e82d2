using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Blocks;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Push;

/// <summary>
/// Takes the octets of pushes as they come and gives object values (IEC 62056-5-3, DataNotification and EventNotification): over the wrapper, HDLC,
/// wired M-Bus or bare in datagrams; whole or in general blocks; plain, general-glo-, glo- or otherwise ciphered. One receiver follows one sender or
/// link. It holds one message of bounded length; a push that cannot be used is handed out with its fault.
/// </summary>
public sealed partial class PushReceiver
{
    private const int NestingMax = 4;

    private readonly PushReceiverSettings _settings;
    private readonly Queue<PushMessage> _ready = new();
    private readonly BlockReceiver _blocks;

    public PushReceiver(PushReceiverSettings? settings = null)
    {
        _settings = settings ?? new();
        _blocks = new(_settings.LengthMax, GeneralBlock.WindowMax);
        _segments = new(_settings.LengthMax);
    }

    /// <summary>Takes the next push; false where none is whole.</summary>
    public bool TryTake([NotNullWhen(true)] out PushMessage? push)
    {
        if (_ready.Count == 0) ReadFrames();
        return _ready.TryDequeue(out push);
    }

    /// <summary>
    /// Writes what confirms a push whose sender waits for it, in its own envelope, under the sender's keys where they are known. The host sends it once it
    /// has stored the values. False where no confirmation is asked for, or it cannot be protected as the push was.
    /// </summary>
    public bool TryWriteConfirmation(PushMessage push, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(push);
        ArgumentNullException.ThrowIfNull(destination);
        if (push.Apdu is not DataNotification { IsConfirmed: true } notification || push.Carrier is not (PushCarrier.Wrapper or PushCarrier.Bare)) return false;
        byte[] octets = new DataNotificationConfirm(notification.LongInvokeIdAndPriority).Encode();
        if (push.IsAuthenticated)
        {
            if (_settings.FindSecurity?.Invoke(push.SystemTitle) is not { } security) return false;
            var buffer = new ArrayBufferWriter<byte>();
            var sink = new AxdrWriter(buffer);
            if (security.Protect(Protection.GeneralGlobal, octets, ref sink) != SecurityOutcome.Success) return false;
            sink.Flush();
            octets = buffer.WrittenSpan.ToArray();
        }
        var writer = new AxdrWriter(destination);
        int head = push.Gateway is { } behind ? GatewayHeader.LengthOf(behind) : 0;
        if (push.Carrier == PushCarrier.Wrapper)
        {
            Span<byte> header = stackalloc byte[WrapperHeader.Length];
            new WrapperHeader(push.Destination, push.Source, (ushort)(head + octets.Length)).Write(header);
            writer.WriteBytes(header);
        }
        if (push.Gateway is { } meter)
        {
            byte[] header = new byte[head];
            GatewayHeader.Write(header, meter, isResponse: false);
            writer.WriteBytes(header);
        }
        writer.WriteBytes(octets);
        writer.Flush();
        return true;
    }

    private void TakeApdu(PushMessage push, ReadOnlySpan<byte> apdu)
    {
        if (GatewayHeader.Stands(apdu))
        {
            if (!GatewayHeader.TryRead(apdu, out GatewayHeader header, out DecodeError error))
            {
                Fault(push, error);
                return;
            }
            push = push with { Gateway = header.Address };
            apdu = apdu[header.Length..];
        }
        if (apdu.Length > _settings.LengthMax) Fault(push, PushFault.Malformed, $"a push of {apdu.Length} octets: at most {_settings.LengthMax} are taken");
        else TakeApdu(push with { SystemTitle = _settings.SystemTitle }, apdu, 0);
    }

    private void TakeApdu(PushMessage push, ReadOnlySpan<byte> apdu, int depth)
    {
        if (apdu.IsEmpty || depth > NestingMax)
        {
            Fault(push, PushFault.Malformed, apdu.IsEmpty ? "an APDU of no octets" : $"envelopes nested deeper than {NestingMax}");
            return;
        }
        switch (apdu[0])
        {
            case GeneralBlockTransfer.Tag:
                TakeBlock(push, apdu, depth);
                break;
            case GeneralCiphering.Tag or GeneralSigning.Tag:
                OpenNamed(push, apdu, depth);
                break;
            case byte tag when tag is GeneralGloCiphering.Tag or GeneralDedCiphering.Tag || ServiceCiphering.IsGlobal(tag) || ServiceCiphering.IsDedicated(tag):
                Open(push, apdu, depth);
                break;
            case DataNotification.Tag or EventNotification.Tag or InformationReport.Tag:
                TakeNotification(push, apdu);
                break;
            default:
                Fault(push, PushFault.Unexpected, $"an APDU of tag 0x{apdu[0]:X2}, which nobody pushes");
                break;
        }
    }

    private void TakeBlock(PushMessage push, ReadOnlySpan<byte> apdu, int depth)
    {
        if (!GeneralBlock.TryRead(apdu, out GeneralBlock block, out DecodeError error))
        {
            Fault(push, error);
            return;
        }
        if (block.Number <= 1) _blocks.Reset(); // the first of a push; what was begun before has been given up
        BlockOutcome outcome = _blocks.Take(block);
        if (outcome is BlockOutcome.TooLong or BlockOutcome.BeyondWindow)
        {
            _blocks.Reset();
            Fault(push, PushFault.Malformed, outcome == BlockOutcome.TooLong ? $"blocks of more than {_settings.LengthMax} octets" : $"block {block.Number}, whose beginning was not seen");
        }
        else if (_blocks.IsComplete)
        {
            byte[] whole = _blocks.Joined.ToArray();
            _blocks.Reset();
            TakeApdu(push, whole, depth + 1);
        }
    }

    private void Open(PushMessage push, ReadOnlySpan<byte> apdu, int depth)
    {
        ReadOnlyMemory<byte> title = CipheredParts.TryParse(apdu, out CipheredParts parts) == SecurityOutcome.Success && !parts.SystemTitle.IsEmpty ? parts.SystemTitle.ToArray() : push.SystemTitle;
        push = push with { SystemTitle = title };
        if (title.IsEmpty || _settings.FindSecurity?.Invoke(title) is not { } security)
        {
            Fault(push, PushFault.MissingKey, title.IsEmpty ? "a ciphered push whose sender is not known" : $"no key of meter {Convert.ToHexString(title.Span)} is known");
            return;
        }
        byte[] plain = ArrayPool<byte>.Shared.Rent(apdu.Length);
        SecurityOutcome outcome = security.Unprotect(apdu, plain, out int written, out SecurityHeader header);
        if (outcome == SecurityOutcome.Success) TakeApdu(push with { IsAuthenticated = header.Control.IsAuthenticated }, plain.AsSpan(0, written), depth + 1);
        else Fault(push, outcome);
        ArrayPool<byte>.Shared.Return(plain, clearArray: true);
    }

    private void OpenNamed(PushMessage push, ReadOnlySpan<byte> apdu, int depth)
    {
        if (!Apdu.TryDecode(apdu, out Apdu? decoded, out DecodeError error))
        {
            Fault(push, error);
            return;
        }
        GeneralHead head = decoded is GeneralCiphering ciphering ? ciphering.Head : ((GeneralSigning)decoded).Head;
        push = push with { SystemTitle = head.OriginatorSystemTitle };
        if (_settings.OpenGeneral is null)
        {
            Fault(push, PushFault.MissingKey, "a general-ciphering or general-signing push: the host opens none");
            return;
        }
        var plain = new ArrayBufferWriter<byte>();
        SecurityOutcome outcome = _settings.OpenGeneral(apdu, head.OriginatorSystemTitle, plain);
        if (outcome != SecurityOutcome.Success) Fault(push, outcome);
        else TakeApdu(push with { IsAuthenticated = true }, plain.WrittenSpan, depth + 1);
    }

    private void TakeNotification(PushMessage push, ReadOnlySpan<byte> octets)
    {
        if (!Apdu.TryDecode(octets, out Apdu? apdu, out DecodeError error))
        {
            Fault(push, error);
            return;
        }
        if (_settings.RequiresAuthentication && !push.IsAuthenticated)
        {
            Fault(push, PushFault.NotAuthentic, "the push carries no authentication, and one is asked for");
            return;
        }
        _ready.Enqueue(push with
        {
            Apdu = apdu,
            Time = apdu switch { DataNotification data => data.DateTime, EventNotification happened => happened.Time, _ => null },
            Values = PushValues.Of(apdu, push.SystemTitle, _settings.FindTemplate),
        });
    }

    private void Fault(PushMessage push, SecurityOutcome outcome)
    {
        (PushFault fault, string text) = outcome switch
        {
            SecurityOutcome.MissingKey or SecurityOutcome.MissingAuthenticationKey or SecurityOutcome.MissingSystemTitle => (PushFault.MissingKey, $"a key of the sender is missing: {outcome}"),
            SecurityOutcome.Malformed or SecurityOutcome.NotCiphered => (PushFault.Malformed, $"the ciphered push cannot be taken apart: {outcome}"),
            SecurityOutcome.CounterReplayed => (PushFault.NotAuthentic, "a push that came before: its invocation counter was used"),
            _ => (PushFault.NotAuthentic, $"the push does not verify: {outcome}"),
        };
        Fault(push with { IsRepeated = outcome == SecurityOutcome.CounterReplayed }, fault, text);
    }

    private void Fault(PushMessage push, DecodeError error) =>
        _ready.Enqueue(push with { Fault = PushFault.Malformed, FaultText = error.ToString(), Decode = error });

    private void Fault(PushMessage push, PushFault fault, string text) => _ready.Enqueue(push with { Fault = fault, FaultText = text });
}
