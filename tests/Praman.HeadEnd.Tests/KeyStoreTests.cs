using System.Security.Cryptography;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Stores;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Metering;

namespace Praman.HeadEnd.Tests;

public sealed class KeyStoreTests : IDisposable
{
    private static readonly EndDeviceId Meter = new("M1");
    private readonly MemoryStores _stores = new();
    private readonly MasterKey _master = new(SHA256.HashData("one"u8));
    private readonly string _folder = Directory.CreateTempSubdirectory("praman-keys-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(16, 16, 16, 16)]
    [InlineData(16, 16, 0, 0)]
    [InlineData(0, 0, 0, 8)]
    [InlineData(0, 0, 16, 1)]
    [InlineData(16, 16, 1, 16)]
    [InlineData(16, 16, 17, 0)]
    [InlineData(16, 16, 64, 16)]
    [InlineData(0, 0, 0, 0)]
    public async Task KeysComeBackAsTheyWerePut(int encryption, int authentication, int high, int low)
    {
        byte[] octets = RandomNumberGenerator.GetBytes(112);
        using var keys = new MeterKeys(octets.AsSpan(0, encryption), octets.AsSpan(16, authentication), octets.AsSpan(48, high), octets.AsSpan(32, low));
        await new KeyStore(_master, _stores).PutAsync([(Meter, keys)], Cancellation);
        using MeterKeys? back = await new KeyStore(_master, _stores).OpenAsync(Meter, Cancellation);
        Assert.NotNull(back);
        Assert.Equal(keys.Encryption.ToArray(), back.Encryption.ToArray());
        Assert.Equal(keys.Authentication.ToArray(), back.Authentication.ToArray());
        Assert.Equal(keys.HighSecret.ToArray(), back.HighSecret.ToArray());
        Assert.Equal(keys.LowSecret.ToArray(), back.LowSecret.ToArray());
    }

    [Fact]
    public async Task WhatIsKeptHoldsNoKeyAndAnyChangedOctetOpensNothing()
    {
        byte[] octets = RandomNumberGenerator.GetBytes(32);
        using var keys = new MeterKeys(octets.AsSpan(0, 16), octets.AsSpan(16));
        var store = new KeyStore(_master, _stores);
        await store.PutAsync([(Meter, keys)], Cancellation);
        WrappedMeterKeys kept = (await ((IWrappedKeys)_stores).FindAsync(Meter, Cancellation))!;
        Assert.Equal(-1, kept.Wrapped.Span.IndexOf(octets.AsSpan(0, 8)));
        for (int i = 0; i < kept.Wrapped.Length; i++)
        {
            byte[] changed = kept.Wrapped.ToArray();
            changed[i] ^= 0x10;
            await ((IWrappedKeys)_stores).PutAsync([kept with { Wrapped = changed }], Cancellation);
            Assert.Null(await store.OpenAsync(Meter, Cancellation));
            await ((IWrappedKeys)_stores).PutAsync([kept with { Wrapped = kept.Wrapped[..i] }], Cancellation);
            using MeterKeys? cut = await store.OpenAsync(Meter, Cancellation);
            Assert.True(cut is null || i % 26 == 0); // a list that ends between two keys is a shorter list
        }
    }

    [Theory, InlineData(32, 64), InlineData(48, 96), InlineData(32, 2048)]
    public async Task KeyPairsAndCertificatesComeBackAndAnyChangedOctetOpensNothing(int length, int publicLength)
    {
        byte[] octets = RandomNumberGenerator.GetBytes(2048);
        using var pairs = new MeterKeyPairs(octets.AsSpan(0, length), octets.AsSpan(100, length), octets.AsSpan(0, publicLength), octets.AsSpan(0, publicLength / 2), octets.AsSpan(7, 300));
        using var keys = new MeterKeys(octets.AsSpan(0, 32), octets.AsSpan(32, 32), pairs: pairs);
        var store = new KeyStore(_master, _stores);
        await store.PutAsync([(Meter, keys)], Cancellation);
        WrappedMeterKeys kept = (await ((IWrappedKeys)_stores).FindAsync(Meter, Cancellation))!;
        for (int at = 0; at + 8 <= length; at += 8) Assert.Equal(-1, kept.Wrapped.Span.IndexOf(octets.AsSpan(at, 8)));
        using (MeterKeys? back = await new KeyStore(_master, _stores).OpenAsync(Meter, Cancellation))
        {
            Assert.Equal(octets[..32], back!.Encryption.ToArray());
            Assert.Equal(pairs.Signature.ToArray(), back.Pairs!.Signature.ToArray());
            Assert.Equal(pairs.Agreement.ToArray(), back.Pairs.Agreement.ToArray());
            Assert.Equal(pairs.MeterSignature.ToArray(), back.Pairs.MeterSignature.ToArray());
            Assert.Equal(pairs.MeterAgreement.ToArray(), back.Pairs.MeterAgreement.ToArray());
            Assert.Equal(pairs.Authority.ToArray(), back.Pairs.Authority.ToArray());
            ReadOnlyMemory<byte> view = back.Pairs.Signature;
            back.Dispose();
            Assert.Equal(new byte[length], view.ToArray());
        }
        for (int i = 0; i < kept.Wrapped.Length; i += 1 + (i / 200))
        {
            byte[] changed = kept.Wrapped.ToArray();
            changed[i] ^= 0x10;
            await ((IWrappedKeys)_stores).PutAsync([kept with { Wrapped = changed }], Cancellation);
            Assert.Null(await store.OpenAsync(Meter, Cancellation));
        }
        // What is sealed for one meter is no other's.
        var other = new EndDeviceId("M2");
        await ((IWrappedKeys)_stores).PutAsync([kept with { EndDevice = other }], Cancellation);
        Assert.Null(await store.OpenAsync(other, Cancellation));
    }

    [Fact]
    public void AKeyPairOfAnotherLengthIsRefusedWithoutAnOctetOfIt()
    {
        byte[] octets = SHA512.HashData("pair"u8);
        ArgumentException wrong = Assert.Throws<ArgumentException>(() => new MeterKeyPairs(octets.AsSpan(0, 31), default, default, default));
        Assert.Contains("32 octets in suite 1 and 48 in suite 2, not 31", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(octets.AsSpan(0, 4)), wrong.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("at most 2048", Assert.Throws<ArgumentException>(() => new MeterKeyPairs(default, default, new byte[2049], default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASecretOfAnyLengthIsKeptAndALengthThatIsNoneOpensNothing()
    {
        byte[] octets = RandomNumberGenerator.GetBytes(MeterKeys.HighSecretLengthMax);
        using var keys = new MeterKeys(default, default, octets);
        var store = new KeyStore(_master, _stores);
        await store.PutAsync([(Meter, keys)], Cancellation);
        WrappedMeterKeys kept = (await ((IWrappedKeys)_stores).FindAsync(Meter, Cancellation))!;
        for (int length = 0; length < 256; length++)
        {
            // Within the same padding the length is in clear; the wrapped octets say which paddings are right.
            byte[] changed = kept.Wrapped.ToArray();
            changed[1] = (byte)length;
            await ((IWrappedKeys)_stores).PutAsync([kept with { Wrapped = changed }], Cancellation);
            using MeterKeys? back = await store.OpenAsync(Meter, Cancellation);
            Assert.Equal(length is > 48 and <= MeterKeys.HighSecretLengthMax, back is not null);
        }
        Assert.Contains("at most 64", Assert.Throws<ArgumentException>(() => new MeterKeys(default, default, new byte[65])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherMasterKeyOpensNothing()
    {
        using var keys = new MeterKeys(new byte[16], new byte[16]);
        await new KeyStore(_master, _stores).PutAsync([(Meter, keys)], Cancellation);
        using var other = new MasterKey(SHA256.HashData("two"u8));
        Assert.Null(await new KeyStore(other, _stores).OpenAsync(Meter, Cancellation));
        Assert.Null(await new KeyStore(_master, _stores).OpenAsync(new EndDeviceId("M2"), Cancellation));
    }

    [Fact]
    public void TextsHoldNoKey()
    {
        byte[] octets = SHA256.HashData("secret"u8);
        using var keys = new MeterKeys(octets.AsSpan(0, 16), octets.AsSpan(16));
        using var master = new MasterKey(octets);
        string text = $"{keys} {master} {master.Id}";
        for (int i = 0; i + 4 <= octets.Length; i++) Assert.DoesNotContain(Convert.ToHexString(octets.AsSpan(i, 4)), text, StringComparison.OrdinalIgnoreCase);
        ArgumentException wrong = Assert.Throws<ArgumentException>(() => new MeterKeys(octets.AsSpan(0, 31), octets.AsSpan(16)));
        Assert.DoesNotContain(Convert.ToHexString(octets.AsSpan(0, 4)), wrong.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void DisposedKeysAreWiped()
    {
        var keys = new MeterKeys(SHA256.HashData("x"u8).AsSpan(0, 16), new byte[16]);
        ReadOnlyMemory<byte> view = keys.Encryption;
        keys.Dispose();
        Assert.Equal(new byte[16], view.ToArray());
    }

    [Fact]
    public void AMasterKeyFileIsMadeOnceForItsOwnerOnly()
    {
        string path = Path.Combine(_folder, "keys", "master.key");
        using MasterKey made = MasterKey.OpenOrCreate(path);
        using MasterKey again = MasterKey.OpenOrCreate(path);
        Assert.Equal(made.Id, again.Id);
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("read by others", Assert.Throws<InvalidDataException>(() => MasterKey.OpenOrCreate(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyWhoMakeTheKeyAtOnceHaveOneAndNothingElseIsLeft()
    {
        // Many rounds of threads that start together: of one round alone, one in some hundred shows a race.
        const int makers = 8;
        for (int round = 0; round < 200; round++)
        {
            string folder = Path.Combine(_folder, $"many-{round}"), path = Path.Combine(folder, "master.key");
            using var start = new Barrier(makers);
            string[] ids = await Task.WhenAll(Enumerable.Range(0, makers).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(Cancellation);
                    using MasterKey key = MasterKey.OpenOrCreate(path);
                    return key.Id;
                },
                Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Assert.Single(ids.Distinct());
            Assert.Equal([path], Directory.GetFiles(folder));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("zz0102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f")]
    public void AFileThatIsNoMasterKeyIsRefused(string content)
    {
        string path = Path.Combine(_folder, "bad.key");
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => MasterKey.OpenOrCreate(path));
        Assert.Contains("64 hex digits", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _master.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
