using Praman.Dlms.Axdr;

namespace Praman.Dlms.Acse;

/// <summary>The fields of AARQ and AARE as they are met, in any order; each may stand once.</summary>
internal struct AcseFields
{
    public ReadOnlyMemory<byte>? ProtocolVersion;
    public ApplicationContext Context;
    public byte Result;
    public bool IsProviderDiagnostic;
    public byte Diagnostic;
    public ReadOnlyMemory<byte>? ApTitle;
    public ReadOnlyMemory<byte>? CalledApTitle;
    public ReadOnlyMemory<byte>? AeQualifier;
    public byte? AeInvocationId;
    public ReadOnlyMemory<byte>? Requirements;
    public AuthenticationMechanism? Mechanism;
    public ReadOnlyMemory<byte>? AuthenticationValue;
    public ReadOnlyMemory<byte> UserInformation;

    private uint _seen;

    public bool TryRead(ref AxdrReader reader, bool request)
    {
        int bodyStart = reader.Position;
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> body)) return false;
        int bodyAt = reader.Position - body.Length;
        var fields = new AxdrReader(body);
        while (!fields.IsAtEnd)
        {
            int at = fields.Position;
            if (!Ber.TryRead(ref fields, out byte tag, out ReadOnlySpan<byte> content, out _))
                return reader.FailAt(bodyAt + fields.Error.Offset, fields.Error.Reason, Ber.Clause);
            uint bit = 1u << (tag & 0x1F);
            if ((_seen & bit) != 0) return reader.FailAt(bodyAt + at, $"field 0x{tag:X2} stands twice", AcseNames.Clause);
            _seen |= bit;
            if (!(request ? TryTakeRequest(tag, content) : TryTakeResponse(tag, content)))
                return reader.FailAt(bodyAt + at, $"field 0x{tag:X2} is not of its form", AcseNames.Clause);
        }
        if (Context == ApplicationContext.Unknown && (_seen & 2) == 0)
            return reader.FailAt(bodyStart, "no application context name", AcseNames.Clause);
        const uint resultAndDiagnostic = 0b1100;
        return request || (_seen & resultAndDiagnostic) == resultAndDiagnostic || reader.FailAt(bodyStart, "no result or no diagnostic", AcseNames.Clause);
    }

    private bool TryTakeRequest(byte tag, ReadOnlySpan<byte> content)
    {
        switch (tag)
        {
            case 0x80:
                ProtocolVersion = content.ToArray();
                return content.Length is >= 2 and <= 4;
            case 0xA1: return TryTakeContext(content);
            case 0xA2: return TryTake(content, 0x04, out CalledApTitle);
            case 0xA6: return TryTake(content, 0x04, out ApTitle);
            case 0xA7: return TryTake(content, 0x04, out AeQualifier);
            case 0xA9:
                if (!Ber.TryUnwrap(content, 0x02, out ReadOnlySpan<byte> user) || user.Length != 1) return false;
                AeInvocationId = user[0];
                return true;
            case 0x8A: return TryTakeRequirements(content);
            case 0x8B: return TryTakeMechanism(content);
            case 0xAC: return TryTake(content, 0x80, out AuthenticationValue);
            default: return TryTakeCommon(tag, content);
        }
    }

    private bool TryTakeResponse(byte tag, ReadOnlySpan<byte> content)
    {
        switch (tag)
        {
            case 0xA1: return TryTakeContext(content);
            case 0xA2:
                if (!Ber.TryUnwrap(content, 0x02, out ReadOnlySpan<byte> result) || result.Length != 1) return false;
                Result = result[0];
                return true;
            case 0xA3:
                if (Ber.TryUnwrap(content, 0xA2, out ReadOnlySpan<byte> source)) IsProviderDiagnostic = true;
                else if (!Ber.TryUnwrap(content, 0xA1, out source)) return false;
                if (!Ber.TryUnwrap(source, 0x02, out ReadOnlySpan<byte> value) || value.Length != 1) return false;
                Diagnostic = value[0];
                return true;
            case 0xA4: return TryTake(content, 0x04, out ApTitle);
            case 0xA5: return TryTake(content, 0x04, out AeQualifier);
            case 0x88: return TryTakeRequirements(content);
            case 0x89: return TryTakeMechanism(content);
            case 0xAA: return TryTake(content, 0x80, out AuthenticationValue);
            default: return TryTakeCommon(tag, content);
        }
    }

    // Fields that carry nothing a meter or a head-end uses (invocation ids, implementation information) are passed over.
    private bool TryTakeCommon(byte tag, ReadOnlySpan<byte> content)
    {
        if (tag != 0xBE) return tag is >= 0x80 and <= 0xBF;
        if (!Ber.TryUnwrap(content, 0x04, out ReadOnlySpan<byte> octets)) return false;
        UserInformation = octets.ToArray();
        return true;
    }

    private bool TryTakeContext(ReadOnlySpan<byte> content)
    {
        if (!Ber.TryUnwrap(content, 0x06, out ReadOnlySpan<byte> oid)) return false;
        Context = AcseNames.TryReadOid(oid, 1, out byte number) && number is >= 1 and <= 4 ? (ApplicationContext)number : ApplicationContext.Unknown;
        return true;
    }

    private bool TryTakeMechanism(ReadOnlySpan<byte> content)
    {
        bool known = AcseNames.TryReadOid(content, 2, out byte number);
        if (known) Mechanism = (AuthenticationMechanism)number;
        return known;
    }

    private bool TryTakeRequirements(ReadOnlySpan<byte> content)
    {
        Requirements = content.ToArray();
        return content.Length is >= 1 and <= 4;
    }

    private static bool TryTake(ReadOnlySpan<byte> content, byte inner, out ReadOnlyMemory<byte>? value)
    {
        bool read = Ber.TryUnwrap(content, inner, out ReadOnlySpan<byte> octets);
        value = read ? octets.ToArray() : null;
        return read;
    }
}
