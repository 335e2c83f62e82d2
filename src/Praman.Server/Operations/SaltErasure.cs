using NodaTime;
using Praman.Billing.Stores;
using Praman.Metering;
using Praman.Proof.Stores;
using Praman.Server.Access;

namespace Praman.Server.Operations;

/// <summary>
/// Erases the salts of a home: those of its bills' files and the master that all others follow from. Bills and readings stay; what the log holds of them
/// can be linked to the home by nobody who kept no copy. One that was cut off is finished by the next.
/// </summary>
public sealed class SaltErasure(IBillStore bills, IMasterSalts salts, IAccessLog accessLog)
{
    /// <summary>Whether there is anything to erase.</summary>
    public async ValueTask<bool> HasSaltsAsync(UsagePointId usagePoint, CancellationToken cancellationToken) =>
        await salts.FindAsync(usagePoint, cancellationToken).ConfigureAwait(false) is not null
        || await bills.CountWithSaltsAsync(usagePoint, cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>Writes down who erases and why, where the home's people read it, then erases.</summary>
    /// <param name="on">The local day, which the evidence of the bills then tells.</param>
    /// <param name="eraseCopies">Erases what lies beside the stores; it is called while they still hold the salts.</param>
    /// <returns>How many bills cannot be proved any more.</returns>
    public async ValueTask<int> RunAsync(AccessRecord record, LocalDate on, Action? eraseCopies, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        await accessLog.AppendAsync(record, cancellationToken).ConfigureAwait(false);
        eraseCopies?.Invoke();
        int emptied = await bills.EraseSaltsAsync(record.UsagePoint, on, cancellationToken).ConfigureAwait(false);
        await salts.EraseAsync(record.UsagePoint, cancellationToken).ConfigureAwait(false);
        return emptied;
    }
}
