using System.Buffers;
using System.Collections.Concurrent;
using NodaTime;
using Praman.Dlms.Apdus;
using Praman.Dlms.Push;
using Praman.Dlms.Security;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Stores;
using Praman.Metering;
using Praman.Transports.Addresses;

namespace Praman.HeadEnd.Push;

/// <summary>
/// Judges pushes by the keys of the inventory and keeps those that verify: in the store first, then their counter, so that a crash between loses none
/// and a repetition changes nothing.
/// </summary>
internal sealed class PushIntake(IMeterInventory inventory, IPushStore store, IInvocationCounters counters, KeyStore keys, ReadOnlyMemory<byte> ownTitle, PushOptions options, TimeProvider clock)
{
    private const uint ReservedAtOnce = 16;

    private readonly ConcurrentDictionary<EndDeviceId, Heard> _heard = new();
    private long _taken, _repeated, _unknown, _refused, _confirmed;

    public long Taken => Interlocked.Read(ref _taken);

    public long Repeated => Interlocked.Read(ref _repeated);

    public long Unknown => Interlocked.Read(ref _unknown);

    public long Refused => Interlocked.Read(ref _refused);

    public long Confirmed => Interlocked.Read(ref _confirmed);

    /// <summary>Counts a push that nobody can be asked about.</summary>
    public void Refuse() => Interlocked.Increment(ref _refused);

    /// <summary>The meter of a system title with its keys, to be disposed; null where none is known.</summary>
    public async ValueTask<PushSender?> FindAsync(string title, CancellationToken cancellationToken)
    {
        if (await inventory.FindByTitleAsync(title, cancellationToken).ConfigureAwait(false) is { } meter
            && await keys.OpenAsync(meter.EndDevice, cancellationToken).ConfigureAwait(false) is { } open)
        {
            using (open)
            {
                int length = SecuritySuite.IsKnown(meter.Access.Suite) ? SecuritySuite.KeyLength(meter.Access.Suite) : 0;
                if (open.Encryption.Length == length && open.Authentication.Length == length)
                {
                    // Never less than a tag: what is only encrypted anybody can change.
                    var least = new SecurityControl(meter.Access.Suite, authenticated: true, encrypted: meter.Access.Protection == LinkProtection.AuthenticatedEncrypted);
                    return new PushSender(meter.EndDevice, title, open.PushEpoch, new SecurityContext(least, ownTitle.Span, open.Encryption.Span, open.Authentication.Span));
                }
            }
        }
        Interlocked.Increment(ref _unknown);
        return null;
    }

    /// <summary>Gives a frame to the receiver under the counters of its sender, keeps what comes of it, and writes what confirms it where its sender waits for that.</summary>
    /// <returns>Pushes that were refused.</returns>
    public async ValueTask<int> TakeAsync(PushReceiver receiver, PushSender sender, ReadOnlyMemory<byte> frame, IBufferWriter<byte> confirmations, CancellationToken cancellationToken)
    {
        Heard heard = _heard.GetOrAdd(sender.EndDevice, static _ => new Heard());
        await heard.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (heard.Window is null || heard.KeyEpoch != sender.KeyEpoch)
            {
                heard.Window = new PushWindow(await counters.FindHeardAsync(sender.EndDevice, sender.KeyEpoch, cancellationToken).ConfigureAwait(false));
                heard.KeyEpoch = sender.KeyEpoch;
                (heard.OwnNext, heard.OwnEnd) = (0, 0); // counters belong to the key that they were reserved for
            }
            sender.Security.ReceiveCounterMin = heard.Window.Lowest;
            receiver.Append(frame.Span);
            int refused = 0;
            while (receiver.TryTake(out PushMessage? push))
            {
                // One frame carries one push, so the counter that was verified last is its own.
                if (!await KeepAsync(push, sender, heard, cancellationToken).ConfigureAwait(false)) refused++;
                if (push.Fault == PushFault.None && heard.Owes) await ConfirmAsync(receiver, push, sender, heard, confirmations).ConfigureAwait(false);
            }
            return refused;
        }
        finally
        {
            heard.Turn.Release();
        }
    }

    private async ValueTask<bool> KeepAsync(PushMessage push, PushSender sender, Heard heard, CancellationToken cancellationToken)
    {
        ulong counter = sender.Security.ReceiveCounterMin - 1;
        Instant now = Instant.FromDateTimeOffset(clock.GetUtcNow());
        heard.Owes = false;
        bool isRepeated = push.Fault == PushFault.None ? !heard.Window!.IsNew(counter) : push.IsRepeated;
        if (isRepeated)
        {
            // It is stored already: its sender did not hear so, or somebody plays it back, who can have that so often and no more.
            heard.Owes = push.Fault == PushFault.None && heard.TryCount(now, options.PushCountPerHourMax);
            Interlocked.Increment(ref _repeated);
            return false;
        }
        if (push.Fault != PushFault.None || push.Apdu is null || !heard.TryCount(now, options.PushCountPerHourMax))
        {
            Interlocked.Increment(ref _refused);
            return false;
        }
        var kept = new KeptPush(sender.EndDevice, sender.KeyEpoch, (uint)counter, now, push.Apdu.Encode());
        // What was begun is ended: a connection that closes meanwhile takes no push back.
        int added = await store.AppendAsync([kept], CancellationToken.None).ConfigureAwait(false);
        heard.Window!.Take(counter);
        await counters.HearAsync(sender.EndDevice, sender.KeyEpoch, heard.Window.Next, CancellationToken.None).ConfigureAwait(false);
        Interlocked.Increment(ref added > 0 ? ref _taken : ref _repeated);
        heard.Owes = true;
        return true;
    }

    // What is sent takes its counter from the one row that sessions take theirs from: the key and our title are the same. A meter that was never met has
    // none yet: a session asks it first where to begin.
    private async ValueTask ConfirmAsync(PushReceiver receiver, PushMessage push, PushSender sender, Heard heard, IBufferWriter<byte> confirmations)
    {
        if (push.Apdu is not DataNotification { IsConfirmed: true }) return;
        if (heard.OwnNext == heard.OwnEnd)
        {
            if (await counters.FindNextAsync(sender.EndDevice, CancellationToken.None).ConfigureAwait(false) is not { } next
                || await counters.ReserveAsync(sender.EndDevice, next, (int)ReservedAtOnce, CancellationToken.None).ConfigureAwait(false) is not { } first) return;
            (heard.OwnNext, heard.OwnEnd) = (first, first + ReservedAtOnce);
        }
        sender.Security.SendCounter = heard.OwnNext++;
        if (receiver.TryWriteConfirmation(push, confirmations)) Interlocked.Increment(ref _confirmed);
    }

    private sealed class Heard
    {
        private Instant _hour;
        private int _count;

        public SemaphoreSlim Turn { get; } = new(1, 1);

        public long KeyEpoch { get; set; }

        public PushWindow? Window { get; set; }

        /// <summary>The next counter that is reserved for what is sent.</summary>
        public uint OwnNext { get; set; }

        /// <summary>The one after the last of them.</summary>
        public uint OwnEnd { get; set; }

        /// <summary>Whether the push that was judged last is stored, so that it may be confirmed.</summary>
        public bool Owes { get; set; }

        /// <summary>Counts one of this hour; false where that was one too many.</summary>
        public bool TryCount(Instant now, int countMax)
        {
            if (now - _hour >= Duration.FromHours(1) || now < _hour) (_hour, _count) = (now, 0);
            return ++_count <= countMax;
        }
    }
}

/// <summary>A meter that pushes over a connection, with its keys.</summary>
internal sealed record PushSender(EndDeviceId EndDevice, string Title, long KeyEpoch, SecurityContext Security) : IDisposable
{
    public void Dispose() => Security.Dispose();
}
