using System.IO.Pipelines;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Praman.Transports.Memory;
using Praman.Transports.Serial;

namespace Praman.Transports.Tests;

/// <summary>The opening of an optical port: what is said at which speed, and what a meter may say to it.</summary>
public class ModeEOpeningTests
{
    private static readonly SerialLine SignOn = new(300, 8, LineParity.None, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void SignsOnSelectsHdlcAndChangesTheSpeed()
    {
        var opening = new ModeEOpening();
        ModeEStep step = opening.Start();
        Assert.Equal((SignOn, "/?!\r\n"), (step.Line, Ascii(step)));
        Assert.Equal(ModeEStatus.Pending, opening.Received("/LGZ5\\2ZMD31"u8).Status);
        step = opening.Received("04407.B32\r\n"u8);
        Assert.Equal((null, "\u0006252\r\n"), (step.Line, Ascii(step)));
        Assert.True(step.Pause >= TimeSpan.FromMilliseconds(200));
        Assert.Equal("LGZ5\\2ZMD3104407.B32", opening.Identification);
        Assert.Equal(ModeEStatus.Pending, opening.Received("\u000625"u8).Status);
        step = opening.Received("2\r\n"u8);
        Assert.Equal((ModeEStatus.Done, new SerialLine(9600, 8, LineParity.None, 1)), (step.Status, step.Line));
    }

    [Theory]
    [InlineData('0', 300)]
    [InlineData('1', 600)]
    [InlineData('2', 1200)]
    [InlineData('3', 2400)]
    [InlineData('4', 4800)]
    [InlineData('5', 9600)]
    [InlineData('6', 19200)]
    public void EverySpeedIsTaken(char letter, int baud)
    {
        var opening = new ModeEOpening();
        opening.Start();
        ModeEStep step = opening.Received(Encoding.ASCII.GetBytes($"/ISk{letter}\\2MT382-1003\r\n"));
        Assert.Equal($"\u00062{letter}2\r\n", Ascii(step));
        Assert.Equal(baud, opening.Received(step.Send.Span).Line!.Value.Baud);
    }

    [Fact]
    public void ALowerSpeedIsChosenWhereTheProbeNeedsOne()
    {
        var opening = new ModeEOpening(baudMax: 4800);
        opening.Start();
        Assert.Equal("\u0006242\r\n", Ascii(opening.Received("/ISk6\\2MT382\r\n"u8)));
    }

    [Fact]
    public void AMeterIsCalledByItsAddress()
    {
        Assert.Equal("/?12 Ab!\r\n", Ascii(new ModeEOpening("12 Ab").Start()));
        Assert.Throws<ArgumentException>(() => new ModeEOpening("12!\r\n"));
        Assert.Throws<ArgumentException>(() => new ModeEOpening(new string('1', 33)));
    }

    [Fact]
    public void NoiseParityBitsAndEchoesArePassedOver()
    {
        var opening = new ModeEOpening();
        ModeEStep step = opening.Start();
        byte[] withParity = [.. "\u007f\u0000x\r\n/LGZ5\\2E650\r\n"u8.ToArray().Select(octet => (byte)(octet | (int.IsOddInteger(System.Numerics.BitOperations.PopCount(octet)) ? 0x80 : 0)))];
        step = opening.Received([.. step.Send.Span, .. withParity]);
        Assert.Equal("\u0006252\r\n", Ascii(step));
        byte[] acknowledgement = step.Send.ToArray();
        Assert.Equal(ModeEStatus.Pending, opening.Received(acknowledgement).Status); // our own, given back by the probe
        Assert.Equal(ModeEStatus.Done, opening.Received(acknowledgement).Status); // the meter's
    }

    [Fact]
    public void AMeterThatDoesNotConfirmIsGoneOnWith()
    {
        var opening = new ModeEOpening();
        opening.Start();
        opening.Received("/LGZ5\\2E650\r\n"u8);
        Assert.Equal(ModeEStatus.Done, opening.TimedOut().Status);
    }

    [Theory]
    [InlineData("/LGZ5E650\r\n", "does not offer HDLC")]
    [InlineData("/LGZ5\\3E650\r\n", "does not offer HDLC")]
    [InlineData("/LGZA\\2E650\r\n", "speed 'A'")]
    [InlineData("/LG\r\n", "too short")]
    [InlineData("/LGZ5\\2E650\r\n\u0015", "15")]
    [InlineData("/LGZ5\\2E650\r\n\u0006050\r\n", "expected the same back")]
    public void WhatAMeterSaysElseIsNamed(string text, string says)
    {
        var opening = new ModeEOpening();
        opening.Start();
        int end = text.IndexOf('\n', StringComparison.Ordinal) + 1;
        ModeEStep step = opening.Received(Encoding.ASCII.GetBytes(text[..end]));
        if (end < text.Length) step = opening.Received(Encoding.ASCII.GetBytes(text[end..]));
        Assert.Equal(ModeEStatus.Failed, step.Status);
        Assert.Contains(says, step.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void SilenceAndHalfAnIdentificationAreToldApart()
    {
        var opening = new ModeEOpening();
        opening.Start();
        Assert.Contains("did not answer", opening.TimedOut().Error, StringComparison.Ordinal);
        opening.Start();
        opening.Received("/LGZ"u8);
        Assert.Contains("2F4C475A", opening.TimedOut().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnyOctetsAreTakenWithoutAFault() => Gen.Select(Gen.Byte.Array[0, 60], Gen.Int[0, 3]).Array[0, 12].Sample(turns =>
    {
        var opening = new ModeEOpening();
        ModeEStep step = opening.Start();
        foreach ((byte[] octets, int what) in turns)
        {
            step = what switch { 0 => opening.TimedOut(), 1 => opening.Received("/LGZ5\\2E650\r\n"u8), _ => opening.Received(octets) };
            Assert.Equal(step.Status == ModeEStatus.Failed, step.Error is not null);
        }
    });

    [Fact]
    public async Task TheDriverSetsTheLineAsTheMeterDoes()
    {
        var time = new FakeTimeProvider();
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair();
        var pipe = new ProbePipe(near);
        Task<string> opened = OpticalProbe.OpenAsync(pipe, new ModeEOpening(), time, Cancellation).AsTask();
        Assert.Equal("/?!\r\n"u8.ToArray(), (await far.Input.ReadExactlyAsync(5, Cancellation)).Select(octet => (byte)(octet & 0x7F)));
        Assert.Equal(SignOn, pipe.Line);
        await far.Output.WriteAsync("/LGZ5\\2E650\r\n"u8.ToArray(), Cancellation);
        byte[] acknowledgement = await Until(far.Input.ReadExactlyAsync(6, Cancellation), time);
        Assert.Equal(SignOn, pipe.Line);
        await far.Output.WriteAsync(acknowledgement, Cancellation);
        Assert.Equal("LGZ5\\2E650", await Until(opened, time));
        Assert.Equal([SignOn, new SerialLine(9600, 8, LineParity.None, 1)], pipe.Lines);
    }

    [Fact]
    public async Task ASilentMeterIsUnreachable()
    {
        var time = new FakeTimeProvider();
        (MemoryPipe near, MemoryPipe _) = MemoryPipe.CreatePair();
        Task<string> opened = OpticalProbe.OpenAsync(new ProbePipe(near), new ModeEOpening(), time, Cancellation).AsTask();
        LinkException silent = await Assert.ThrowsAsync<LinkException>(() => Until(opened, time));
        Assert.Equal(LinkFault.Unreachable, silent.Fault);
        Assert.Contains("did not answer the sign-on", silent.Message, StringComparison.Ordinal);
    }

    // Moves the clock in small steps until the task is done.
    private static async Task<T> Until<T>(Task<T> task, FakeTimeProvider time)
    {
        for (int turn = 0; turn < 100_000 && !task.IsCompleted; turn++)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
        return await task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    // Every character has even parity in its eighth bit.
    private static string Ascii(ModeEStep step)
    {
        Assert.All(step.Send.ToArray(), octet => Assert.True(int.IsEvenInteger(System.Numerics.BitOperations.PopCount(octet))));
        return Encoding.ASCII.GetString([.. step.Send.ToArray().Select(octet => (byte)(octet & 0x7F))]);
    }

    private sealed class ProbePipe(MemoryPipe pipe) : ISerialPipe
    {
        public List<SerialLine> Lines { get; } = [];

        public SerialLine Line => Lines[^1];

        public PipeReader Input => pipe.Input;

        public PipeWriter Output => pipe.Output;

        public string Remote => "serial:memory";

        public void SetLine(SerialLine line) => Lines.Add(line);

        public ValueTask DisposeAsync() => pipe.DisposeAsync();
    }
}
