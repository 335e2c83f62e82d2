namespace Praman.Storage;

/// <summary>What kind of trouble a store has. A caller decides by this, never by the message.</summary>
public enum StoreFault
{
    /// <summary>The file is not a Praman database: another program's, or not a database at all.</summary>
    Foreign,

    /// <summary>The file was written by a newer version of Praman.</summary>
    Newer,

    /// <summary>The file is cut short, its pages contradict one another, or a stored value is not what was stored.</summary>
    Damaged,

    /// <summary>Another process has the data folder open.</summary>
    InUse,

    /// <summary>No room on the disk. Nothing of the refused write was kept; writing may be tried again when there is room.</summary>
    Full,

    /// <summary>The disk refused a read, a write or a flush, or the folder may not be written. After a failed write the store takes no more until it is opened again.</summary>
    InputOutput,

    /// <summary>The same key came with other content. Nothing stored is ever overwritten.</summary>
    Conflict,

    /// <summary>The store is closed, or closed itself after a failed flush.</summary>
    Closed,
}
