using System.Diagnostics;
using System.IO.Pipelines;
using Praman.Testing;
using Praman.Transports.Serial;

namespace Praman.Transports.Tests;

/// <summary>Serial devices, over pseudo-terminals.</summary>
public class SerialPipeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OctetsGoBothWaysUnchanged()
    {
        await using SerialPair pair = await SerialPair.OpenOrSkipAsync(Cancellation);
        await using SerialPipe near = SerialPipe.Open(pair.Near, SerialLine.Default), far = SerialPipe.Open(pair.Far, SerialLine.Default);
        Assert.Equal($"serial://{pair.Near}", near.Remote);
        byte[] all = [.. Enumerable.Range(0, 256).Select(octet => (byte)octet)]; // none is taken for a sign of the line
        Task<byte[]> reading = far.Input.ReadExactlyAsync(all.Length, Cancellation);
        await near.Output.WriteAsync(all, Cancellation);
        Assert.Equal(all, await reading);
        byte[] big = Pipes.Frame(3, 20_000);
        reading = near.Input.ReadExactlyAsync(big.Length, Cancellation);
        await far.Output.WriteAsync(big, Cancellation);
        Assert.Equal(big, await reading);
    }

    [Fact]
    public async Task ReadingIsGivenUpWithoutLosingOctets()
    {
        await using SerialPair pair = await SerialPair.OpenOrSkipAsync(Cancellation);
        await using SerialPipe near = SerialPipe.Open(pair.Near, SerialLine.Default), far = SerialPipe.Open(pair.Far, SerialLine.Default);
        ValueTask<ReadResult> waiting = near.Input.ReadAsync(Cancellation);
        near.Input.CancelPendingRead();
        ReadResult cancelled = await waiting;
        Assert.True(cancelled.IsCanceled);
        near.Input.AdvanceTo(cancelled.Buffer.End);
        await far.Output.WriteAsync(new byte[] { 1, 2, 3 }, Cancellation);
        Assert.Equal([1, 2, 3], await near.Input.ReadExactlyAsync(3, Cancellation));
    }

    [Fact]
    public async Task TheLineIsChangedWhileItIsOpen()
    {
        await using SerialPair pair = await SerialPair.OpenOrSkipAsync(Cancellation);
        await using SerialPipe near = SerialPipe.Open(pair.Near, new SerialLine(300, 8, LineParity.None, 1)), far = SerialPipe.Open(pair.Far, SerialLine.Default);
        near.SetLine(SerialLine.Default);
        Assert.Equal(SerialLine.Default, near.Line);
        await near.Output.WriteAsync(new byte[] { 0x7E, 0x11, 0x13 }, Cancellation);
        Assert.Equal([0x7E, 0x11, 0x13], await far.Input.ReadExactlyAsync(3, Cancellation));
    }

    [Fact]
    public void ADeviceThatIsNotThereIsUnreachable()
    {
        LinkException absent = Assert.Throws<LinkException>(() => SerialPipe.Open("/dev/no-such-device", SerialLine.Default));
        Assert.Equal(LinkFault.Unreachable, absent.Fault);
        Assert.Equal("the serial device /dev/no-such-device: there is no such device", absent.Message);
    }

    [Fact]
    public async Task ADeviceThatAnotherProgramHasIsToldWithThatProgram()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the system tells what a program has open on Linux only");
        await using SerialPair pair = await SerialPair.OpenOrSkipAsync(Cancellation);
        Assert.DoesNotContain(SerialDevice.OtherHolders(pair.Near), holder => holder.StartsWith("sleep", StringComparison.Ordinal));
        using Process other = Process.Start("/bin/sh", ["-c", $"exec sleep 60 < {pair.Near}"]);
        try
        {
            string expected = $"sleep ({other.Id})";
            for (int tries = 0; tries < 200 && !SerialDevice.OtherHolders(pair.Near).Contains(expected); tries++) await Task.Delay(50, Cancellation);
            Assert.Contains(expected, SerialDevice.OtherHolders(pair.Near));
            string link = Path.Combine(Path.GetTempPath(), $"praman-serial-{other.Id}");
            File.CreateSymbolicLink(link, pair.Near);
            try
            {
                Assert.Contains(expected, SerialDevice.OtherHolders(link));
            }
            finally
            {
                File.Delete(link);
            }
        }
        finally
        {
            other.Kill();
            await other.WaitForExitAsync(Cancellation);
        }
    }

    [Theory]
    [InlineData("8N1", 8, LineParity.None, 1)]
    [InlineData("7E1", 7, LineParity.Even, 1)]
    [InlineData("8O2", 8, LineParity.Odd, 2)]
    public void TheFormOfCharactersIsReadAndWritten(string text, int dataBits, LineParity parity, int stopBits)
    {
        Assert.True(SerialLine.TryParseFormat(text, 1200, out SerialLine line));
        Assert.Equal(new(1200, dataBits, parity, stopBits), line);
        Assert.Equal(text, line.Format);
    }
}
