namespace Praman.Transports.Serial;

/// <summary>A byte link over a line whose speed can be changed while it is open, as the opening of an optical port does.</summary>
public interface ISerialPipe : IBytePipe
{
    SerialLine Line { get; }

    /// <summary>Changes speed and form; what is being sent must have left.</summary>
    /// <exception cref="LinkException">The device refuses.</exception>
    void SetLine(SerialLine line);
}
