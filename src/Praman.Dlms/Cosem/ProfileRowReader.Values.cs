using System.Buffers.Binary;

namespace Praman.Dlms.Cosem;

// Values of a row one by one, of every type and to the last octet.
public ref partial struct ProfileRowReader
{
    private bool TryReadValue(bool first, out long value)
    {
        value = Absent;
        return _offset < _source.Length && TryReadValue(_source[_offset], first, out value);
    }

    // The value begins an octet after the offset, where its tag stands or would stand.
    private bool TryReadValue(byte tag, bool first, out long value)
    {
        value = Absent;
        ReadOnlySpan<byte> rest = _source[(_offset + 1)..];
        switch (tag)
        {
            case 0x06 when rest.Length >= 4: // double-long-unsigned
                value = BinaryPrimitives.ReadUInt32BigEndian(rest);
                _offset += 5;
                return true;
            case 0x12 when rest.Length >= 2: // long-unsigned
                value = BinaryPrimitives.ReadUInt16BigEndian(rest);
                _offset += 3;
                return true;
            case 0x11 or 0x16 or 0x03 when rest.Length >= 1: // unsigned, enum, boolean
                value = rest[0];
                _offset += 2;
                return true;
            case 0x09:
                return TryReadOctets(first, out value);
            case 0x19 when rest.Length >= TimestampRule.Length: // date-time
                value = ToSeconds(rest[..TimestampRule.Length], first);
                _offset += 1 + TimestampRule.Length;
                return true;
            case 0x00: // null-data
                _offset++;
                if (first && _previous != Absent && _periodSeconds != 0) value = _previous += _periodSeconds;
                return true;
            case 0x05 when rest.Length >= 4: // double-long
                value = BinaryPrimitives.ReadInt32BigEndian(rest);
                _offset += 5;
                return true;
            case 0x10 when rest.Length >= 2: // long
                value = BinaryPrimitives.ReadInt16BigEndian(rest);
                _offset += 3;
                return true;
            case 0x0F when rest.Length >= 1: // integer
                value = (sbyte)rest[0];
                _offset += 2;
                return true;
            case 0x14 when rest.Length >= 8: // long64
                value = BinaryPrimitives.ReadInt64BigEndian(rest);
                _offset += 9;
                return true;
            case 0x15 when rest.Length >= 8: // long64-unsigned
                ulong wide = BinaryPrimitives.ReadUInt64BigEndian(rest);
                if (wide > long.MaxValue) return false;
                value = (long)wide;
                _offset += 9;
                return true;
            default:
                return TryReadDelta(tag, rest, out value) || TrySkip(tag, rest.Length);
        }
    }

    private bool TryReadOctets(bool first, out long value)
    {
        value = Absent;
        _offset++;
        if (!TryReadLength(out int length)) return false;
        if (length == TimestampRule.Length) value = ToSeconds(_source.Slice(_offset, length), first);
        _offset += length;
        return true;
    }

    private long ToSeconds(ReadOnlySpan<byte> octets, bool first)
    {
        if (!TimestampRule.TryReadLocal(octets, out long local, out short deviation, out byte status))
        {
            if (!first) return Absent;
            ClockStatus = 0;
            return _previous = Absent;
        }
        ZonedTime time = _rule.ToUnixSeconds(local, deviation, status, first ? _previous : Absent, first ? _periodSeconds : 0, ref _saysDaylight);
        int second = octets[7] == 0xFF ? 0 : octets[7];
        _date = BinaryPrimitives.ReadUInt32BigEndian(octets);
        _deviation = time.IsSteady ? BinaryPrimitives.ReadUInt16BigEndian(octets[9..]) : -1; // near a change every time is reckoned
        _midnight = time.UnixSeconds - (((octets[5] * 60) + octets[6]) * 60) - second;
        if (!first) return time.UnixSeconds;
        ClockStatus = time.IsGuess ? (byte)((status == ClockStatusNotSpecified ? 0 : status) | ClockStatusDoubtful) : status;
        return _previous = time.UnixSeconds;
    }

    // Values of a row that are not whole numbers: text, bits, floats, dates and times alone.
    private bool TrySkip(byte tag, int rest)
    {
        if (tag is 0x0A or 0x0C or 0x04)
        {
            _offset++;
            int mark = _offset;
            if (tag != 0x04)
            {
                if (!TryReadLength(out int length)) return false;
                _offset += length;
                return true;
            }
            if (mark >= _source.Length || _source[mark] >= 0x80) return false; // longer bit-strings do not occur in rows
            int octets = (_source[mark] + 7) / 8;
            if (_source.Length - mark - 1 < octets) return false;
            _offset = mark + 1 + octets;
            return true;
        }
        int size = tag switch { 0x17 => 4, 0x18 => 8, 0x1A => 5, 0x1B => 4, 0x0D => 1, 0xFF => 0, _ => -1 };
        if (size < 0 || rest < size) return false;
        _offset += 1 + size;
        return true;
    }
}
