namespace Praman.Storage;

/// <summary>A store could not do what was asked. Whatever was asked was not acknowledged, and nothing of it counts as stored.</summary>
public sealed class StoreException : IOException
{
    public StoreException(StoreFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    public StoreException()
        : this(StoreFault.InputOutput, "the store failed")
    {
    }

    public StoreException(string message)
        : this(StoreFault.InputOutput, message)
    {
    }

    public StoreException(string message, Exception innerException)
        : this(StoreFault.InputOutput, message, innerException)
    {
    }

    /// <summary>The kind of trouble.</summary>
    public StoreFault Fault { get; }
}
