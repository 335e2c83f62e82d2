using System.Buffers;
using Praman.Proof.Canonical;

namespace Praman.Billing.Ledger;

/// <summary>A writer of canonical JSON that is used again and again by one thread: records and entries are written by the million. Nothing of a document outlives the call that writes it.</summary>
internal sealed class CanonicalScratch
{
    [ThreadStatic]
    private static CanonicalScratch? _ofThread;

    private readonly ArrayBufferWriter<byte> _buffer = new(1_024);
    private readonly CanonicalJsonWriter _json;

    private CanonicalScratch() => _json = new CanonicalJsonWriter(_buffer);

    /// <summary>This thread's, emptied.</summary>
    public static CanonicalScratch Begin(out CanonicalJsonWriter json)
    {
        CanonicalScratch scratch = _ofThread ??= new CanonicalScratch();
        scratch._buffer.ResetWrittenCount();
        scratch._json.Reset(scratch._buffer);
        json = scratch._json;
        return scratch;
    }

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;
}
