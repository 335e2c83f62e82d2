using System.Buffers;
using System.Text;
using CsCheck;
using Praman.Metering;
using Praman.Proof.Canonical;

namespace Praman.Proof.Tests.Canonical;

public class CanonicalJsonWriterTests
{
    private static void Write(CanonicalJsonWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.Null(); break;
            case bool flag: writer.Boolean(flag); break;
            case long number: writer.Integer(number); break;
            case string text when text.Length % 2 == 0: writer.String(text); break;
            case string text: writer.String(Encoding.UTF8.GetBytes(text)); break;
            case object?[] items:
                writer.StartArray();
                foreach (object? item in items) Write(writer, item);
                writer.EndArray();
                break;
            case List<KeyValuePair<string, object?>> members:
                writer.StartObject();
                foreach ((string key, object? member) in members.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    writer.Name(key);
                    Write(writer, member);
                }
                writer.EndObject();
                break;
        }
    }

    [Fact]
    public void WritesWhatTheCanonicalFormIs() =>
        JsonSamples.Value.Sample((value, _) =>
        {
            var output = new ArrayBufferWriter<byte>();
            var writer = new CanonicalJsonWriter(output);
            Write(writer, value);
            Assert.True(writer.IsComplete);
            Assert.Equal(JsonSamples.Reference(value), Encoding.UTF8.GetString(output.WrittenSpan));
        }, iter: 2000);

    [Fact]
    public void ReadsBackWhatWasWritten()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new CanonicalJsonWriter(output);
        writer.StartObject();
        writer.MemberBase64("b64"u8, [1, 2, 3, 4]);
        writer.MemberHex("hex"u8, [0xAB, 0x01]);
        writer.Member("int"u8, -42);
        writer.Member("text"u8, "a\nü");
        writer.Member("yes"u8, true);
        writer.EndObject();
        Assert.Equal("{\"b64\":\"AQIDBA==\",\"hex\":\"ab01\",\"int\":-42,\"text\":\"a\\nü\",\"yes\":true}", Encoding.UTF8.GetString(output.WrittenSpan));

        var reader = new CanonicalJsonReader(output.WrittenSpan);
        Assert.True(reader.Read() && reader.Token == CanonicalJsonToken.StartObject);
        Assert.True(reader.Read() && reader.Token == CanonicalJsonToken.Name && reader.GetString() == "b64" && reader.Skip());
        Assert.True(reader.Read() && reader.Raw.SequenceEqual("hex"u8) && reader.Read() && reader.Token == CanonicalJsonToken.String && reader.GetString() == "ab01");
        Assert.True(reader.Read() && reader.Read() && reader.Token == CanonicalJsonToken.Integer && reader.Integer == -42);
        Assert.True(reader.Read() && reader.Read() && reader.HasEscapes && reader.GetString() == "a\nü");
        Assert.True(reader.Read() && reader.Read() && reader.Token == CanonicalJsonToken.True);
        Assert.True(reader.Read() && reader.Token == CanonicalJsonToken.EndObject);
        Assert.False(reader.Read());
        Assert.Equal(CanonicalJsonToken.End, reader.Token);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4_090)]
    [InlineData(4_094)]
    [InlineData(4_096)]
    [InlineData(9_000)]
    public void DocumentsLongerThanARunComeOutWholeAndDroppedOnesNotAtAll(int length)
    {
        string text = new('x', length), umlauts = new('ü', length);
        var output = new ArrayBufferWriter<byte>();
        var writer = new CanonicalJsonWriter(output);
        writer.StartObject();
        writer.Member("left"u8, "in the middle");
        output.ResetWrittenCount();
        writer.Reset(output);
        writer.StartArray();
        writer.String(text);
        writer.String(Encoding.UTF8.GetBytes(text));
        writer.String(umlauts);
        writer.String("\n" + text);
        writer.Raw(Encoding.UTF8.GetBytes($"\"{umlauts}\""));
        for (int i = 0; i < length; i++) writer.Integer(i);
        writer.EndArray();
        Assert.True(writer.IsComplete);
        string numbers = string.Concat(Enumerable.Range(0, length).Select(i => $",{i}"));
        Assert.Equal($"[\"{text}\",\"{text}\",\"{umlauts}\",\"\\n{text}\",\"{umlauts}\"{numbers}]", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    /// <summary>An output that is asked for each octet costs more than the octet.</summary>
    [Fact]
    public void TheOutputIsAskedOnceForADocumentOfARun()
    {
        var output = new CountingOutput();
        var writer = new CanonicalJsonWriter(output);
        writer.StartObject();
        for (int i = 0; i < 100; i++) writer.Member(Encoding.ASCII.GetBytes($"n{i:D3}"), i);
        Assert.Equal(0, output.Advances);
        writer.EndObject();
        Assert.Equal(1, output.Advances);
    }

    private sealed class CountingOutput : IBufferWriter<byte>
    {
        private readonly byte[] _octets = new byte[8_192];

        public int Advances { get; private set; }

        public void Advance(int count) => Advances++;

        public Memory<byte> GetMemory(int sizeHint = 0) => _octets;

        public Span<byte> GetSpan(int sizeHint = 0) => _octets;
    }

    [Fact]
    public void NamesOutOfOrderAndTwiceAreTheCallersBug()
    {
        foreach ((string first, string second) in (ReadOnlySpan<(string, string)>)[("b", "a"), ("a", "a"), ("\ufb33", "😀")])
        {
            var writer = new CanonicalJsonWriter(new ArrayBufferWriter<byte>());
            writer.StartObject();
            writer.Name(first);
            writer.StartObject();
            writer.Member("z"u8, 1);
            writer.EndObject();
            Assert.Throws<InvalidOperationException>(() => writer.Name(second));
        }
    }

    [Fact]
    public void WhatHasNoPlaceThrows()
    {
        var writer = new CanonicalJsonWriter(new ArrayBufferWriter<byte>());
        Assert.Throws<InvalidOperationException>(() => writer.Name("a"));
        writer.StartObject();
        Assert.Throws<InvalidOperationException>(() => writer.Integer(1));
        Assert.Throws<InvalidOperationException>(writer.EndArray);
        writer.Name("a");
        Assert.Throws<InvalidOperationException>(writer.EndObject);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Integer(CanonicalJson.IntegerMax + 1));
        Assert.Throws<ArgumentException>(() => writer.String("\ud800"));
        writer.Reset(new ArrayBufferWriter<byte>());
        writer.Null();
        Assert.Throws<InvalidOperationException>(writer.Null);
    }

    [Fact]
    public void WritingAllocatesNothing()
    {
        var output = new ArrayBufferWriter<byte>(4096);
        var writer = new CanonicalJsonWriter(output);
        byte[] hash = new byte[32];
        void Once()
        {
            output.ResetWrittenCount();
            writer.Reset(output);
            writer.StartObject();
            writer.Member("a"u8, 123456);
            writer.Name("b"u8);
            writer.StartArray();
            for (int i = 0; i < 10; i++) writer.Integer(i);
            writer.EndArray();
            writer.MemberHex("c"u8, hash);
            writer.MemberBase64("d"u8, hash);
            writer.Member("e"u8, "text with a \"quote\"");
            writer.EndObject();
        }
        Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void KeysCompareAsUtf16Does() =>
        Gen.Select(Gen.String[0, 4], Gen.String[0, 4]).Where((a, b) => IsPaired(a) && IsPaired(b)).Sample((a, b) =>
            Assert.Equal(Math.Sign(string.CompareOrdinal(a, b)), Math.Sign(CanonicalJson.CompareKeys(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b)))), iter: 20_000);

    private static bool IsPaired(string text) => text.EnumerateRunes().All(rune => rune.Value != 0xFFFD);

    [Fact]
    public void AnErrorOfTheReaderStaysAndEndsIt()
    {
        var reader = new CanonicalJsonReader("[1, 2]"u8);
        Assert.True(reader.Read());
        Assert.True(reader.Read());
        Assert.False(reader.Read());
        DecodeError error = reader.Error;
        Assert.Equal(3, error.Offset);
        Assert.False(reader.Read());
        Assert.Equal(CanonicalJsonToken.None, reader.Token);
    }
}
