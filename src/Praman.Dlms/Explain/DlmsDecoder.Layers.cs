using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;
using Praman.Dlms.Framing;
using Praman.Metering;

namespace Praman.Dlms.Explain;

// The layers below the APDU.
public sealed partial class DlmsDecoder
{
    private const int LinksMax = 16;
    private const int FramesMax = 1 << 14;

    private readonly Dictionary<(HdlcAddress Destination, HdlcAddress Source), HdlcReassembler> _links = [];

    private bool TryDecodeHdlc(ReadOnlyMemory<byte> input, [NotNullWhen(true)] out DlmsDocument? document, out DecodeError error)
    {
        document = null;
        var made = new DlmsDocument("hdlc");
        var frames = new JsonArray();
        var apdus = new List<(ReadOnlyMemory<byte> Bytes, int Origin, string? Of)>();
        made.Content["frames"] = frames;
        int position = 0;
        bool segmented = false;
        while (position < input.Length && frames.Count < FramesMax)
        {
            FrameStatus status = HdlcFramer.TryRead(input.Span[position..], out HdlcFrame frame, out int start, out int consumed, out error);
            if (status == FrameStatus.Incomplete)
            {
                if (frames.Count > 0 && input.Span[position..].IndexOfAnyExcept(HdlcFrame.Flag) < 0) break;
                return Fail(input.Length, RestOf(input.Span[position..]), HdlcFrame.Clause, out error);
            }
            if (status == FrameStatus.Faulty)
            {
                error = error with { Offset = error.Offset + position };
                return false;
            }
            start += position;
            frames.Add((JsonNode)FrameJson(input.Span, frame, start));
            NoteFrame(made.Root, input, frame, start);
            segmented |= frame.IsSegmented;
            TakeInformation(made, input, frame, start, apdus);
            position += Math.Max(consumed, 1);
        }
        if (frames.Count == 0) return Fail(0, "no HDLC frame between the flags", HdlcFrame.Clause, out error);
        made.Summary = "";
        if (!TryAddApdus(made, apdus, out error)) return false;
        if (made.Summary.Length == 0)
            made.Summary = frames.Count == 1 ? $"An HDLC frame {frames[0]!["frameType"]}{(segmented ? ", a segment of a longer APDU" : "")}." : $"{frames.Count} HDLC frames.";
        document = made;
        return true;
    }

    // What is there of a frame that does not end, and what it lacks.
    private static string RestOf(ReadOnlySpan<byte> octets)
    {
        int start = octets.IndexOfAnyExcept(HdlcFrame.Flag);
        if (start < 1) return "no frame begins after the flag 0x7E";
        ReadOnlySpan<byte> frame = octets[start..];
        if (frame[^1] == HdlcFrame.Flag) frame = frame[..^1];
        if (frame.Length < 2) return $"a frame of {Counted.Of(frame.Length, "octet")} is too short: expected {HdlcFrame.LengthMin} at least, and a closing flag 0x7E";
        int length = BinaryPrimitives.ReadUInt16BigEndian(frame) & HdlcFrame.LengthMax;
        return length < HdlcFrame.LengthMin
            ? string.Create(CultureInfo.InvariantCulture, $"a frame that says its length is {length} is too short: expected {HdlcFrame.LengthMin} at least, and a closing flag 0x7E")
            : string.Create(CultureInfo.InvariantCulture, $"a frame that says its length is {length} has {frame.Length} octets before the end: expected its other {length - frame.Length} and a closing flag 0x7E");
    }

    // Keeps what belongs to an APDU: from the LLC header on, through segments, also those of inputs before.
    private void TakeInformation(DlmsDocument document, ReadOnlyMemory<byte> input, in HdlcFrame frame, int start, List<(ReadOnlyMemory<byte> Bytes, int Origin, string? Of)> apdus)
    {
        if (frame.Type is HdlcFrameType.Snrm or HdlcFrameType.Disc) _links.Clear();
        if (frame.Type is not (HdlcFrameType.Information or HdlcFrameType.Ui) || frame.Information.IsEmpty) return;
        var link = (frame.Destination, frame.Source);
        TakePlace(frame.Destination.ToString(), frame.Source.ToString());
        bool pending = _links.TryGetValue(link, out HdlcReassembler? reassembler) && reassembler.IsPending;
        int llc = LlcHeader.LengthIn(frame.Information);
        bool nextBlock = !pending && llc == 0 && frame.Information[0] == GeneralBlockTransfer.Tag && apdus is [.., (var before, _, _)] && before.Span[0] == GeneralBlockTransfer.Tag;
        if (!pending && llc == 0 && !nextBlock) return; // a piece whose beginning was not seen, or no APDU
        if (pending && llc > 0) reassembler!.Reset(); // what was begun has been given up
        if (llc > 0 || nextBlock)
        {
            if (llc > 0) AddLlc(document, frame.Information[..llc]);
            if (!frame.IsSegmented)
            {
                int at = start + frame.Length - 2 - frame.Information.Length + llc;
                apdus.Add((input.Slice(at, frame.Information.Length - llc), at, null));
                return;
            }
            if (_links.Count >= LinksMax) _links.Clear();
            _links[link] = reassembler = new HdlcReassembler(InputLengthMax);
            _startedHere = document;
        }
        if (!reassembler!.TryAdd(frame, out ReadOnlySpan<byte> whole)) return;
        if (!ReferenceEquals(_startedHere, document)) document.Content["reassembledFromPreviousSegments"] = true;
        int head = LlcHeader.LengthIn(whole);
        if (head > 0) AddLlc(document, whole[..head]);
        apdus.Add((whole[head..].ToArray(), 0, "apdu"));
        _links.Remove(link);
    }

    private DlmsDocument? _startedHere;

    private bool TryAddApdus(DlmsDocument document, List<(ReadOnlyMemory<byte> Bytes, int Origin, string? Of)> apdus, out DecodeError error)
    {
        error = default;
        if (apdus.Count == 0) return true;
        bool blocks = apdus.Exists(apdu => apdu.Bytes.Length > 0 && apdu.Bytes.Span[0] == GeneralBlockTransfer.Tag);
        if (blocks && apdus.Count > 1) return TryJoinBlocks(document, apdus, out error);
        document.Content["apduHex"] = Convert.ToHexString(apdus[0].Bytes.Span);
        if (!TryAddApdu(document, apdus[0].Bytes, apdus[0].Origin, apdus[0].Of, out error)) return false;
        if (blocks) document.Content["gbtBlocks"] = new JsonArray(document.Content["apdu"]!.DeepClone());
        if (apdus.Count == 1) return true;
        JsonNode first = document.Content["apdu"]!;
        var all = new JsonArray(first.DeepClone());
        foreach ((ReadOnlyMemory<byte> bytes, int origin, string? of) in apdus.Skip(1))
        {
            if (!TryAddApdu(document, bytes, origin, of, out error)) return false;
            all.Add(document.Content["apdu"]!.DeepClone());
        }
        document.Content["apdu"] = first.DeepClone();
        document.Content["apdus"] = all;
        return true;
    }

    private bool TryJoinBlocks(DlmsDocument document, List<(ReadOnlyMemory<byte> Bytes, int Origin, string? Of)> apdus, out DecodeError error)
    {
        error = default;
        var joined = new ArrayBufferWriter<byte>();
        var list = new JsonArray();
        bool complete = false;
        int expected = 1;
        foreach ((ReadOnlyMemory<byte> bytes, int origin, string? of) in apdus)
        {
            if (!TryAddApdu(document, bytes, origin, of, out error)) return false;
            list.Add(document.Content["apdu"]!.DeepClone());
            Apdu.TryDecode(bytes.Span, out Apdu? apdu, out _);
            if (apdu is not GeneralBlockTransfer block) continue;
            if (block.BlockNumber != expected)
                return Fail(origin, $"block {block.BlockNumber} where block {expected} was expected", "IEC 62056-5-3 (general block transfer)", out error);
            expected++;
            joined.Write(block.BlockData.Span);
            complete = block.IsLastBlock;
        }
        document.Content["gbtBlocks"] = list;
        if (!complete) return true;
        byte[] whole = joined.WrittenSpan.ToArray();
        document.Content["reassembledApduHex"] = Convert.ToHexString(whole);
        document.Summary = "";
        return TryAddApdu(document, whole, 0, "apdu", out error);
    }

    private bool TryDecodeWrapper(ReadOnlyMemory<byte> input, [NotNullWhen(true)] out DlmsDocument? document, out DecodeError error)
    {
        document = null;
        DlmsDocument? made = null;
        var more = new JsonArray();
        int position = 0;
        do
        {
            FrameStatus status = WrapperHeader.TryRead(input.Span[position..], WrapperHeader.ApduLengthMax, out WrapperHeader header, out ReadOnlySpan<byte> apdu, out error);
            if (status == FrameStatus.Incomplete)
                return Fail(input.Length, "the octets end here: the wrapper announces more", WrapperHeader.Clause, out error);
            if (status == FrameStatus.Faulty)
            {
                error = error with { Offset = error.Offset + position };
                return false;
            }
            TakePlace(header.Source.ToString(CultureInfo.InvariantCulture), header.Destination.ToString(CultureInfo.InvariantCulture));
            var one = new DlmsDocument("wrapper");
            one.Content["wrapper"] = new JsonObject { ["version"] = WrapperHeader.Version, ["source"] = header.Source, ["destination"] = header.Destination, ["length"] = header.ApduLength };
            NoteWrapper(one.Root, input, header, position);
            int at = position + WrapperHeader.Length;
            if (!TryAddApdu(one, input.Slice(at, apdu.Length), at, null, out error)) return false;
            position = at + apdu.Length;
            if (made is null)
            {
                made = one;
                continue;
            }
            more.Add((JsonNode)one.Content);
            foreach (ExplainNode node in one.Explain) made.Root.Add(node);
            made.ReadingList.AddRange(one.ReadingList);
            made.IsRefused |= one.IsRefused;
            made.IsUnopened |= one.IsUnopened;
            made.NoteList.AddRange(one.NoteList);
            made.FindingList.AddRange(one.FindingList);
        }
        while (position < input.Length);
        if (more.Count > 0) made.Content["more"] = more;
        document = made;
        return true;
    }

    private bool TryDecodeMBus(ReadOnlyMemory<byte> input, [NotNullWhen(true)] out DlmsDocument? document, out DecodeError error)
    {
        document = null;
        var made = new DlmsDocument("mbus");
        var frames = new JsonArray();
        var joined = new ArrayBufferWriter<byte>();
        made.Content["mbusFrames"] = frames;
        int position = 0;
        bool last = false;
        while (position < input.Length)
        {
            if (!MBusFrame.TryRead(input.Span[position..], out MBusFrame frame, out error))
            {
                error = error with { Offset = error.Offset + position };
                return false;
            }
            if (last) return Fail(position, "octets after the last frame of the APDU", MBusFrame.Clause, out error);
            if (frame.Sequence != (frames.Count & 0x0F))
                return Fail(position + 6, $"frame {frame.Sequence} where frame {frames.Count & 0x0F} was expected", "EN 13757-1 (transport)", out error);
            frames.Add((JsonNode)new JsonObject
            {
                ["length"] = frame.Length, ["c"] = frame.Control, ["a"] = frame.Address, ["ci"] = frame.ControlInformation,
                ["stsap"] = frame.Source, ["dtsap"] = frame.Destination, ["checksumValid"] = true,
            });
            NoteMBus(made.Root, input, frame, position);
            joined.Write(frame.Payload);
            last = frame.IsLast;
            position += frame.FrameLength;
        }
        if (!last) return Fail(input.Length, "the octets end here: the last frame of the APDU is missing", "EN 13757-1 (transport)", out error);
        byte[] apdu = joined.WrittenSpan.ToArray();
        made.Content["apduHex"] = Convert.ToHexString(apdu);
        if (!TryAddApdu(made, apdu, 0, "apdu", out error)) return false;
        document = made;
        return true;
    }

    private static JsonObject FrameJson(ReadOnlySpan<byte> input, in HdlcFrame frame, int start)
    {
        var json = new JsonObject
        {
            ["format"] = frame.Format.ToString("X4", CultureInfo.InvariantCulture),
            ["length"] = frame.Length,
            ["segmented"] = frame.IsSegmented,
            ["destination"] = AddressJson(frame.Destination, input.Slice(start + 2, frame.Destination.Size)),
            ["source"] = AddressJson(frame.Source, input.Slice(start + 2 + frame.Destination.Size, frame.Source.Size)),
            ["control"] = frame.Control,
            ["frameType"] = Name(frame.Type),
        };
        if (frame.Type == HdlcFrameType.Information) json["ns"] = frame.SendSequence;
        if (frame.Type is HdlcFrameType.Information or HdlcFrameType.ReceiveReady or HdlcFrameType.ReceiveNotReady or HdlcFrameType.Reject) json["nr"] = frame.ReceiveSequence;
        json["pollFinal"] = frame.PollFinal;
        if (frame.HasHeaderCheck)
        {
            json["hcsValid"] = true;
            json["infoHex"] = Convert.ToHexString(frame.Information);
        }
        json["fcsValid"] = true;
        return json;
    }

    private static JsonObject AddressJson(HdlcAddress address, ReadOnlySpan<byte> octets)
    {
        var json = new JsonObject { ["hex"] = Convert.ToHexString(octets) };
        if (address.Size == 1) json["address"] = address.Upper;
        else (json["upper"], json["lower"]) = (address.Upper, address.Lower);
        return json;
    }

    private static string Name(HdlcFrameType type) => type switch
    {
        HdlcFrameType.Information => "I",
        HdlcFrameType.ReceiveReady => "RR",
        HdlcFrameType.ReceiveNotReady => "RNR",
        HdlcFrameType.Reject => "REJ",
        HdlcFrameType.Snrm => "SNRM",
        HdlcFrameType.Disc => "DISC",
        HdlcFrameType.Ua => "UA",
        HdlcFrameType.Dm => "DM",
        HdlcFrameType.Frmr => "FRMR",
        HdlcFrameType.Ui => "UI",
        _ => "unknown",
    };
}
