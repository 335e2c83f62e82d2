using System.IO.Compression;

namespace Praman.MeterData.Imports;

/// <summary>
/// Unpacks gzip data (RFC 1952, any number of members), and says so where they break off. <see cref="GZipStream"/> takes a cut file for a
/// short one; here a member of our own is read after the source's last, and it comes out whole only where that one ended.
/// </summary>
public sealed class WholeGzipStream : Stream
{
    private const int MarkLength = 32;
    private readonly Followed _source;
    private readonly GZipStream _unpacked;
    private readonly byte[] _window = new byte[64 * 1024];
    private int _start, _end;
    private bool _isAtEnd;
    private long _lines;

    private static ReadOnlySpan<byte> Mark => "the source ended where it should"u8;

    /// <param name="source">The packed octets; it is closed with this stream.</param>
    public WholeGzipStream(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var mark = new MemoryStream();
        // Coded, not stored: a member that was cut inside octets as they are must not give ours word for word.
        using (var packed = new GZipStream(mark, CompressionLevel.SmallestSize, leaveOpen: true)) packed.Write(Mark);
        _source = new Followed(source, mark.ToArray());
        _unpacked = new GZipStream(_source, CompressionMode.Decompress);
    }

    /// <exception cref="InvalidDataException">The data break off or are damaged; says after which line of the text, and at which octet of the source.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        while (!_isAtEnd && _end - _start <= MarkLength) Fill();
        // The last octets are kept back until more follow them: at the end they are the mark.
        int length = Math.Min(buffer.Length, _end - _start - MarkLength);
        ReadOnlySpan<byte> octets = _window.AsSpan(_start, length);
        octets.CopyTo(buffer);
        _lines += octets.Count((byte)'\n');
        _start += length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    private void Fill()
    {
        _window.AsSpan(_start, _end - _start).CopyTo(_window);
        (_start, _end) = (0, _end - _start);
        int read;
        try
        {
            read = _unpacked.Read(_window, _end, _window.Length - _end);
        }
        catch (InvalidDataException exception)
        {
            throw Fault(exception);
        }
        _end += read;
        if (read > 0) return;
        _isAtEnd = true;
        if (_end != MarkLength || !_window.AsSpan(0, MarkLength).SequenceEqual(Mark)) throw Fault(null);
    }

    private InvalidDataException Fault(Exception? inner) => new(
        _source.IsAtEnd
            ? $"the gzip data break off at octet {_source.Length}, after line {_lines} of the text: expected a whole file, ending with its checksum and length"
            : $"the gzip data are damaged, or no gzip data, before octet {_source.Length} and after line {_lines} of the text: expected gzip data (RFC 1952)",
        inner);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _unpacked.Dispose();
            _source.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>A source and, after its last octet, some more.</summary>
    private sealed class Followed(Stream source, byte[] more) : Stream
    {
        private int _given;

        /// <summary>Octets that the source gave.</summary>
        public override long Length => _length;

        private long _length;

        /// <summary>The source has no more.</summary>
        public bool IsAtEnd { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            if (!IsAtEnd)
            {
                int read = source.Read(buffer);
                _length += read;
                if (read > 0 || buffer.IsEmpty) return read;
                IsAtEnd = true;
            }
            int length = Math.Min(buffer.Length, more.Length - _given);
            more.AsSpan(_given, length).CopyTo(buffer);
            _given += length;
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) source.Dispose();
            base.Dispose(disposing);
        }
    }
}
