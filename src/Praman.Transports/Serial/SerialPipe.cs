using System.IO.Pipelines;
using System.IO.Ports;

namespace Praman.Transports.Serial;

/// <summary>A serial device: USB probe, RS-485 adapter, built-in port. One program at a time.</summary>
public sealed class SerialPipe : ISerialPipe
{
    private const int ReadBufferBytes = 4096;

    private readonly SerialPort _port;

    private SerialPipe(SerialPort port, SerialLine line)
    {
        _port = port;
        Line = line;
        Remote = $"serial:{(port.PortName.StartsWith('/') ? "//" : "")}{port.PortName}";
        Input = PipeReader.Create(port.BaseStream, new StreamPipeReaderOptions(bufferSize: ReadBufferBytes, minimumReadSize: 1, leaveOpen: true));
        Output = PipeWriter.Create(port.BaseStream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public string Remote { get; }

    public SerialLine Line { get; private set; }

    /// <summary>Opens a device by its name: <c>/dev/ttyUSB0</c>, <c>COM3</c>.</summary>
    /// <exception cref="LinkException">There is none, another program has it, or it may not be used.</exception>
    public static SerialPipe Open(string device, SerialLine line)
    {
        var port = new SerialPort(device, line.Baud, ParityOf(line.Parity), line.DataBits, StopBitsOf(line.StopBits)) { Handshake = Handshake.None };
        try
        {
            port.Open();
            // A lock of the system stops others, but not root's programs.
            if (!OperatingSystem.IsWindows() && SerialDevice.OtherHolders(Path.GetFullPath(device)) is { Count: > 0 } holders)
                throw new LinkException(LinkFault.Unreachable, $"the serial device {device} is also open in {string.Join(", ", holders)}");
            port.DiscardInBuffer(); // what came before anybody asked
            return new SerialPipe(port, line);
        }
        catch (LinkException)
        {
            port.Dispose();
            throw;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            port.Dispose();
            throw new LinkException(LinkFault.Unreachable, SerialDevice.WhyNot(device, line, exception), exception);
        }
    }

    public void SetLine(SerialLine line)
    {
        try
        {
            if (line.Baud != Line.Baud) _port.BaudRate = line.Baud;
            if (line.DataBits != Line.DataBits) _port.DataBits = line.DataBits;
            if (line.Parity != Line.Parity) _port.Parity = ParityOf(line.Parity);
            if (line.StopBits != Line.StopBits) _port.StopBits = StopBitsOf(line.StopBits);
            Line = line;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or InvalidOperationException)
        {
            throw new LinkException(LinkFault.Lost, $"{Remote} does not take {line}: {exception.Message}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync().ConfigureAwait(false);
        try
        {
            await Output.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // What was still to be sent cannot be: the device is gone already.
        }
        _port.Dispose();
    }

    private static Parity ParityOf(LineParity parity) => parity switch
    {
        LineParity.Even => Parity.Even,
        LineParity.Odd => Parity.Odd,
        _ => Parity.None,
    };

    private static StopBits StopBitsOf(int stopBits) => stopBits == 2 ? StopBits.Two : StopBits.One;
}
