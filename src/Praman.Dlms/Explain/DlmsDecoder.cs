using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Explain;

/// <summary>
/// Explains DLMS octets of any layer: HDLC frames, TCP/UDP wrapper, wired M-Bus, a bare APDU, a Data value or a date-time; which it is, is found
/// out. One decoder follows one conversation: it remembers system titles, a dedicated key that it could read, and segments that wait for their
/// rest. Hostile octets end in an error; input is limited to <see cref="InputLengthMax"/> octets.
/// </summary>
public sealed partial class DlmsDecoder(DlmsKeys keys)
{
    /// <summary>Octets of the longest input.</summary>
    public const int InputLengthMax = 1 << 18;

    private readonly DlmsKeys _keys = keys ?? throw new ArgumentNullException(nameof(keys));
    private byte[]? _clientTitle;
    private byte[]? _serverTitle;
    private byte[]? _learnedDedicated;
    private AttributeDescriptor? _asked;

    /// <summary>Decodes one input.</summary>
    public bool TryDecode(ReadOnlyMemory<byte> input, [NotNullWhen(true)] out DlmsDocument? document, out DecodeError error)
    {
        document = null;
        ReadOnlySpan<byte> octets = input.Span;
        if (octets.IsEmpty) return Fail(0, "no octets: expected a frame, an APDU or a value", null, out error);
        if (octets.Length > InputLengthMax)
            return Fail(InputLengthMax, $"{octets.Length} octets: at most {InputLengthMax} are read at once", null, out error);
        if (octets[0] == Framing.HdlcFrame.Flag) return TryDecodeHdlc(input, out document, out error);
        if (octets.Length > 3 && octets[0] == 0x68 && octets[3] == 0x68 && octets[1] == octets[2])
            return TryDecodeMBus(input, out document, out error);
        if (LooksLikeWrapper(octets)) return TryDecodeWrapper(input, out document, out error);
        int llc = Framing.LlcHeader.LengthIn(octets);
        if (llc > 0 && llc < octets.Length) return TryDecodeBare(input, llc, out document, out error);
        if (TryDecodeBare(input, 0, out document, out DecodeError apduError))
        {
            error = default;
            return true;
        }
        if (TryDecodeData(input, out document, out DecodeError dataError))
        {
            error = default;
            return true;
        }
        if (TryDecodeDateTime(input, out document))
        {
            error = default;
            return true;
        }
        // The reading that came further is the one that was meant; an APDU's own tag speaks for an APDU.
        error = apduError.Offset > 0 || dataError.Offset == 0 ? apduError : dataError;
        return false;
    }

    private static bool LooksLikeWrapper(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < 4 || octets[0] != 0) return false;
        if (octets[1] == Framing.WrapperHeader.Version) return true;
        return octets.Length > Framing.WrapperHeader.Length && ((octets[6] << 8) | octets[7]) == octets.Length - Framing.WrapperHeader.Length;
    }

    private bool TryDecodeBare(ReadOnlyMemory<byte> input, int llc, [NotNullWhen(true)] out DlmsDocument? document, out DecodeError error)
    {
        var made = new DlmsDocument("apdu");
        document = null;
        if (llc > 0)
        {
            AddLlc(made, input.Span[..llc]);
            NoteLlc(made.Root, input.Span[..llc], 0, null);
        }
        ReadOnlyMemory<byte> bytes = input[llc..];
        if (llc > 0) made.Content["apduHex"] = Convert.ToHexString(bytes.Span);
        if (!TryAddApdu(made, bytes, llc, null, out error)) return false;
        document = made;
        return true;
    }

    private static bool TryDecodeData(ReadOnlyMemory<byte> input, [NotNullWhen(true)] out DlmsDocument? document, out DecodeError error)
    {
        document = null;
        if (!CosemData.TryDecode(input.Span, out CosemData data, out error)) return false;
        document = new DlmsDocument("axdr") { Summary = "One Data value." };
        document.Content["data"] = DataJson.Of(data);
        DataExplainer.Walk(new ExplainCursor(input, document.Root, 0, null), data, "data");
        AddReadings(document, data);
        if (RowColumns.Guess(data, out string words) is { } columns)
        {
            document.Content["columns"] = columns;
            document.NoteList.Add($"the value does not name its columns: they are those of {words}, the one published profile whose rows have this shape");
        }
        return true;
    }

    private static bool TryDecodeDateTime(ReadOnlyMemory<byte> input, [NotNullWhen(true)] out DlmsDocument? document)
    {
        document = null;
        if (!CosemDateTime.TryRead(input.Span, out CosemDateTime value)) return false;
        bool plausible = value is { Month: <= 12 or >= 0xFD, Day: <= 31 or >= 0xFD, DayOfWeek: <= 7 or 0xFF, Hour: <= 23 or 0xFF, Minute: <= 59 or 0xFF, Second: <= 59 or 0xFF };
        if (!plausible || value.Month == 0 || value.Day == 0) return false;
        document = new DlmsDocument("cosem-date-time") { Summary = "A date-time." };
        document.Content["dateTime"] = DataJson.Of(value);
        document.Content["iso"] = value.ToString() + (value.Deviation == CosemDateTime.DeviationNotSpecified ? " (deviation not specified)" : "");
        new ExplainCursor(input, document.Root, 0, null).Take(CosemDateTime.Length, "date-time", value.ToString(), "IEC 62056-6-2 (date-time)");
        return true;
    }

    private static void AddReadings(DlmsDocument document, in CosemData body)
    {
        IReadOnlyList<DlmsReading> readings = SelfDescribing.Find(body);
        if (readings.Count == 0) return;
        document.ReadingList.AddRange(readings);
        if (document.Content["values"] is not JsonObject values) document.Content["values"] = values = [];
        SelfDescribing.AddTo(values, readings);
        if (document.Content["scaledValues"] is not JsonObject scaled) document.Content["scaledValues"] = scaled = [];
        SelfDescribing.AddScaledTo(scaled, readings);
    }

    private static void AddLlc(DlmsDocument document, ReadOnlySpan<byte> llc)
    {
        document.Content["llc"] = Convert.ToHexString(llc[..Framing.LlcHeader.Length]);
        if (llc.Length > Framing.LlcHeader.Length) document.Content["quirk"] = "LLC header appears twice";
    }

    private static void NoteLlc(ExplainNode parent, ReadOnlySpan<byte> llc, int offset, string? of)
    {
        for (int at = 0; at < llc.Length; at += Framing.LlcHeader.Length)
        {
            ReadOnlySpan<byte> header = llc.Slice(at, Framing.LlcHeader.Length);
            string meaning = header.SequenceEqual(Framing.LlcHeader.Command) ? "a command, from client to server" : "a response, from server to client";
            parent.Add(new ExplainNode
            {
                Offset = offset + at, Length = header.Length, Of = of, Field = "llc", Bytes = Convert.ToHexString(header), Value = Convert.ToHexString(header),
                Meaning = at > 0 ? meaning + " (a second time: a deviation of this make of meter)" : meaning, Clause = "IEC 62056-46 (LLC)",
            });
        }
    }

    /// <summary>Decodes an APDU, adds it as <c>apdu</c>, and its explanation; <paramref name="origin"/> is where it stands in the input.</summary>
    private bool TryAddApdu(DlmsDocument document, ReadOnlyMemory<byte> bytes, int origin, string? of, out DecodeError error)
    {
        if (Framing.GatewayHeader.Stands(bytes.Span)) return TryAddGateway(document, bytes, origin, of, out error);
        if (!Apdu.TryDecode(bytes.Span, out Apdu? apdu, out error))
        {
            if (of is null) error = error with { Offset = error.Offset + origin };
            return false;
        }
        var node = ExplainNode.Over(bytes.Span, origin, of, ApduNames.Of(apdu), ApduNames.Sentence(apdu), ApduExplainer.ClauseOf(apdu));
        document.Root.Add(node);
        if (!TryDescribe(document, apdu, new ExplainCursor(bytes, node, origin, of), default, 0, out JsonObject json, out error)) return false;
        document.Content["apdu"] = json;
        if (document.Summary.Length == 0) document.Summary = ApduNames.Sentence(apdu);
        return true;
    }

    private static bool Fail(int offset, string reason, string? clause, out DecodeError error)
    {
        error = new(offset, reason, clause);
        return false;
    }
}
