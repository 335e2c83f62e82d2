namespace Praman.Transports;

/// <summary>Why there is no link.</summary>
public enum LinkFault
{
    /// <summary>Nobody answers at the address: refused, no route, no such name.</summary>
    Unreachable,

    /// <summary>No answer within the time allowed.</summary>
    TimedOut,

    /// <summary>The link was there and broke.</summary>
    Lost,

    /// <summary>The address to listen on is taken.</summary>
    AddressInUse,
}

/// <summary>A link that could not be made or was lost; the message names the address and the cause.</summary>
public sealed class LinkException : IOException
{
    public LinkException(LinkFault fault, string message)
        : base(message) => Fault = fault;

    public LinkException(LinkFault fault, string message, Exception inner)
        : base(message, inner) => Fault = fault;

    public LinkFault Fault { get; }
}
