using CsCheck;
using NodaTime;
using Praman.Dlms.Framing;
using Praman.Dlms.Tests.Axdr;

namespace Praman.Dlms.Tests.Framing;

/// <summary>
/// Both sides of the link over a line that loses, repeats, swaps, cuts and alters frames: what arrives is what was sent, in order and once, or the
/// link ends and says so. A failing case prints its seed. On a line that keeps the order (loss, repetition, altered and missing octets), modulo-8
/// numbers tell old frames and old acknowledgements from new ones with every window. Where frames overtake each other they do only while two
/// windows and the overtaking together are less than 8: so frames are swapped up to a window of 3, and come once more with the next burst up to 2.
/// </summary>
public class HdlcFaultTests
{
    private int _done, _failed;

    [Fact]
    public void TheSameOctetsOrACleanFailure()
    {
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[1, 7], Gen.Int[8, 300], Gen.Int[0, 3]).Sample(
            (seed, window, length, severity) => Count(new Line(seed, window, length, severity * 0.06).Run()), iter: 3_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"{_done} runs came to their end, {_failed} failed");
        Assert.True(_done > _failed, $"{_done} runs came to their end, {_failed} failed");
    }

    [Fact]
    public void AFaultlessLineNeverFails()
    {
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[1, 7], Gen.Int[8, 300]).Sample((seed, window, length) => Count(new Line(seed, window, length, 0).Run()), iter: 500);
        Assert.Equal(0, _failed);
    }

    private void Count(bool done)
    {
        if (done) Interlocked.Increment(ref _done);
        else Interlocked.Increment(ref _failed);
    }

    private sealed class Line(int seed, int window, int length, double faults)
    {
        private readonly Random _random = new(seed);
        private readonly HdlcClientLink _client = new(new HdlcSettings { Offer = HdlcParameters.Of(length, window), RepeatCountMax = 8, UsesReject = seed % 2 == 0 }, 16);
        private readonly HdlcServerLink _server = new(new HdlcSettings { Offer = HdlcParameters.Of(length, window), UsesReject = seed % 3 == 0 });
        private readonly List<byte[]> _lateToServer = [], _lateToClient = [];
        private Instant _now = Instant.FromUtc(2026, 3, 3, 0, 0);
        private byte[] _request = [];
        private int _served;

        /// <summary>True where all messages came; false where the link ended.</summary>
        public bool Run()
        {
            const int messages = 12;
            int got = 0, steps = 0;
            _client.Connect(_now);
            HdlcEvent what = HdlcEvent.None;
            while (got < messages && what != HdlcEvent.Failed)
            {
                Assert.True(++steps < 20_000, "the link does not come to an end");
                byte[] toServer = Spoil(_client.TakeOutput().ToArray(), _lateToServer);
                byte[] toClient = Spoil(Serve(toServer), _lateToClient);
                what = HdlcEvent.None;
                foreach (byte[] piece in Pieces(toClient))
                {
                    _client.Append(piece, _now);
                    while (_client.Read(out ReadOnlySpan<byte> apdu) is var next && next != HdlcEvent.None)
                    {
                        what = next;
                        if (next == HdlcEvent.Apdu)
                        {
                            Assert.Equal(AnswerTo(_request), apdu.ToArray());
                            Assert.Equal(++got, _served); // each request was served once, before its answer came
                        }
                        if (next is HdlcEvent.Connected or HdlcEvent.Apdu)
                        {
                            _request = RandomData.Octets(_random, _random.Next(1, 1_500));
                            Assert.True(_client.TrySend(_request, _now));
                        }
                        if (next == HdlcEvent.Failed) break;
                    }
                }
                if (what != HdlcEvent.Failed && toClient.Length == 0)
                {
                    _now = (_client.Due ?? _now) + Duration.FromMilliseconds(_random.Next(0, 50));
                    what = _client.Advance(_now);
                }
                _now += Duration.FromMilliseconds(_random.Next(0, 5));
            }
            if (what == HdlcEvent.Failed)
            {
                Assert.NotEqual(HdlcFault.None, _client.Fault);
                Assert.False(_client.TrySend(_request, _now));
            }
            return what != HdlcEvent.Failed;
        }

        private byte[] Serve(byte[] octets)
        {
            var sent = new List<byte>();
            foreach (byte[] piece in Pieces(octets))
            {
                _server.Append(piece, _now);
                while (_server.Read(out ReadOnlySpan<byte> apdu) is var what && what != HdlcEvent.None)
                {
                    if (what != HdlcEvent.Apdu) continue;
                    Assert.Equal(_request, apdu.ToArray());
                    _served++;
                    _server.Send(AnswerTo(_request));
                }
                sent.AddRange(_server.TakeOutput().Span);
            }
            return [.. sent];
        }

        private static byte[] AnswerTo(byte[] request) => [(byte)request.Length, .. request.Reverse(), .. request[..(request.Length / 2)]];

        private byte[] Spoil(byte[] octets, List<byte[]> late)
        {
            if (faults == 0) return octets;
            List<byte[]> frames = HdlcWire.Split(octets);
            for (int at = 0; at + 1 < frames.Count && window <= 3; at += 2)
            {
                if (_random.NextDouble() < faults) (frames[at], frames[at + 1]) = (frames[at + 1], frames[at]);
            }
            var line = new List<byte>();
            foreach (byte[] frame in late) line.AddRange(frame);
            late.Clear();
            foreach (byte[] frame in frames)
            {
                if (_random.NextDouble() < faults) continue;
                if (window <= 2 && _random.NextDouble() < faults) late.Add(frame); // comes once more with the next burst
                byte[] sent = [.. frame];
                if (_random.NextDouble() < faults)
                {
                    for (int flips = _random.Next(1, 4); flips > 0; flips--) sent[_random.Next(sent.Length)] ^= (byte)(1 << _random.Next(8));
                }
                line.AddRange(sent);
                if (_random.NextDouble() < faults) line.AddRange(frame);
                if (_random.NextDouble() < faults) line.AddRange(RandomData.Octets(_random, _random.Next(1, 20)));
            }
            return [.. line];
        }

        private IEnumerable<byte[]> Pieces(byte[] octets)
        {
            for (int at = 0; at < octets.Length;)
            {
                int count = Math.Min(octets.Length - at, _random.Next(1, _random.Next(2) == 0 ? 8 : 500));
                yield return octets[at..(at + count)];
                at += count;
            }
        }
    }
}
