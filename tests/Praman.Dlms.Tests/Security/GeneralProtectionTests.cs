using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Tests.Security;

/// <summary>General-ciphering under each kind of key, and general-signing, between two contexts of each suite.</summary>
public class GeneralProtectionTests
{
    private static readonly byte[] Request = new GetRequestNormal(new InvokeIdAndPriority(1), new(3, ObisCode.Parse("1-0:1.8.0.255"), 2)).Encode();

    public static TheoryData<Protection, int, byte, bool> Envelopes
    {
        get
        {
            var data = new TheoryData<Protection, int, byte, bool>();
            for (int suite = 0; suite <= SecuritySuite.Max; suite++)
            {
                foreach (Protection protection in Enum.GetValues<Protection>())
                {
                    if (protection is Protection.ServiceDedicated or Protection.GeneralDedicated) continue;
                    if (suite == 0 && protection is Protection.GeneralOnePass or Protection.GeneralStatic or Protection.SignatureOnly) continue;
                    foreach (byte control in protection == Protection.SignatureOnly ? (byte[])[0] : IsOnce(protection) ? [0x10, 0x30] : [0x10, 0x20, 0x30])
                    {
                        data.Add(protection, suite, control, false);
                        if (suite > 0) data.Add(protection, suite, control, true);
                    }
                }
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Envelopes))]
    public void ARequestAndItsAnswerAreOpenedByTheOtherSideOnce(Protection protection, int suite, byte control, bool sign)
    {
        var kind = new SecurityControl((byte)(control | suite));
        using SecurityContext client = Client(kind, sign), meter = Meter(kind, sign);
        for (int round = 0; round < 3; round++)
        {
            byte[] request = Protect(client, protection, kind, sign);
            Assert.Equal(SecurityOutcome.Success, Open(meter, request, out byte[] plain));
            Assert.Equal(Request, plain);
            Assert.Equal(sign || protection == Protection.SignatureOnly, meter.Opened.IsSigned);
            Assert.Equal(SecurityOutcome.CounterReplayed, Open(meter, request, out _));
            Assert.Equal(SecurityOutcome.Success, Open(meter, Protect(client, protection, kind, sign), out _));
            byte[] answer = Protect(meter, protection, kind, sign);
            Assert.Equal(SecurityOutcome.Success, Open(client, answer, out plain));
            Assert.Equal(Request, plain);
            Assert.Equal(SecurityOutcome.CounterReplayed, Open(client, answer, out _));
            Assert.True(Apdu.TryDecode(request, out Apdu? decoded, out _));
            Assert.Equal(request, decoded.Encode());
        }
    }

    public static TheoryData<Protection, int, bool> EnvelopesByTransaction => new()
    {
        { Protection.GeneralWrapped, 0, false }, { Protection.GeneralWrapped, 1, true }, { Protection.GeneralOnePass, 1, false }, { Protection.GeneralOnePass, 2, true },
        { Protection.GeneralStatic, 1, false }, { Protection.GeneralStatic, 2, true }, { Protection.SignatureOnly, 1, true }, { Protection.SignatureOnly, 2, true },
    };

    [Theory, MemberData(nameof(EnvelopesByTransaction))]
    public void TheLastTransactionIdIsTakenOnce(Protection protection, int suite, bool sign)
    {
        var kind = new SecurityControl((byte)((protection == Protection.SignatureOnly ? 0 : 0x30) | suite));
        using SecurityContext client = Client(kind, sign), meter = Meter(kind, sign);
        bool signedInside = sign && protection != Protection.SignatureOnly; // then the one before is the signature's
        (client.TransactionNext, meter.TransactionMin) = (ulong.MaxValue - (signedInside ? 1ul : 0ul), ulong.MaxValue - 1);
        byte[] request = Protect(client, protection, kind, sign);
        Assert.Equal(SecurityOutcome.Success, Open(meter, request, out _));
        var keys = new Server.KeySet(SuiteDevice.Key(suite, 0x10), SuiteDevice.Key(suite, 0x40), 1, suite);
        keys.AcceptTransactionsBelow(0, meter.TransactionMin); // a device keeps it from association to association
        using SecurityContext next = Meter(kind, sign);
        next.TransactionMin = keys.TransactionMin(0);
        Assert.Equal((SecurityOutcome.CounterReplayed, SecurityOutcome.CounterReplayed), (Open(meter, request, out _), Open(next, request, out _)));
    }

    [Theory, MemberData(nameof(Envelopes))]
    public void EveryAlteredOctetAndEveryTruncationIsRefusedAndMovesNothing(Protection protection, int suite, byte control, bool sign)
    {
        if ((control & 0x10) == 0 && !sign && protection != Protection.SignatureOnly) return; // without tag or signature there is nothing that notices
        var kind = new SecurityControl((byte)(control | suite));
        using SecurityContext client = Client(kind, sign), meter = Meter(kind, sign);
        byte[] apdu = Protect(client, protection, kind, sign);
        for (int at = 0; at < apdu.Length; at++)
        {
            byte[] altered = [.. apdu];
            altered[at] ^= 0x08;
            using SecurityContext fresh = Meter(kind, sign);
            // Encrypted and signed inside, the fields outside are under neither tag nor signature: an altered one changes nothing that is delivered.
            if (Open(fresh, altered, out byte[] plain) == SecurityOutcome.Success) Assert.True((control & 0x10) == 0 && sign && protection >= Protection.GeneralIdentified && plain.SequenceEqual(Request));
            Assert.NotEqual(SecurityOutcome.Success, Open(fresh, apdu[..at], out _));
            if ((control & 0x10) != 0) Assert.Equal((0ul, UInt128.Zero), (fresh.ReceiveCounterMin, fresh.TransactionMin));
        }
        Assert.Equal(SecurityOutcome.Success, Open(meter, apdu, out _));
    }

    [Fact]
    public void EachFaultHasItsOwnName()
    {
        var kind = new SecurityControl(0x31);
        using SecurityContext client = Client(kind, false);
        byte[] wrapped = Protect(client, Protection.GeneralWrapped, kind, false), onePass = Protect(client, Protection.GeneralOnePass, kind, false),
            fixedKeys = Protect(client, Protection.GeneralStatic, kind, false), identified = Protect(client, Protection.GeneralIdentified, kind, false);
        using EllipticKeys stranger = EllipticKeys.Generate(1);

        Fails(SecurityOutcome.KeyNotUnwrapped, wrapped, meter => meter.SetKeyEncryptionKey(SuiteDevice.Key(1, 0xB0)));
        Fails(SecurityOutcome.MissingKey, wrapped, meter => meter.SetKeyEncryptionKey(default));
        Fails(SecurityOutcome.SignatureMismatch, onePass, meter => meter.SetPeerKeys(stranger, false));
        Fails(SecurityOutcome.TagMismatch, onePass, meter => meter.OwnKeys = stranger);
        Fails(SecurityOutcome.MissingKey, onePass, meter => meter.OwnKeys = null);
        Fails(SecurityOutcome.TagMismatch, fixedKeys, meter => meter.SetPeerKeys(stranger, false));
        Fails(SecurityOutcome.MissingKey, fixedKeys, meter => meter.SetPeerKeys(null, false));
        Fails(SecurityOutcome.CounterReplayed, identified, meter => meter.ReceiveCounterMin = 1_000_000);
        Fails(SecurityOutcome.CounterReplayed, onePass, meter => meter.TransactionMin = 1_000_000);
        Fails(SecurityOutcome.UnexpectedSystemTitle, identified, meter => meter.SetPeerSystemTitle(new byte[8]));

        // Meant for another meter, though under keys that this one holds.
        client.SetPeerSystemTitle("PEE\0\0\0\0\u0009"u8);
        Fails(SecurityOutcome.UnexpectedSystemTitle, Protect(client, Protection.GeneralIdentified, kind, false), _ => { });
        Fails(SecurityOutcome.UnexpectedSystemTitle, Protect(client, Protection.SignatureOnly, new(0x01), true), _ => { }, new(0x01), sign: true);

        // A compressed content is refused by name, in every envelope; and nothing is sent so.
        foreach (Protection protection in (Protection[])[Protection.ServiceGlobal, Protection.GeneralGlobal, Protection.GeneralIdentified, Protection.GeneralWrapped])
        {
            using SecurityContext other = Client(kind, false);
            byte[] apdu = Protect(other, protection, kind, false);
            ref byte control = ref apdu[^(SecurityHeader.Length + Request.Length + GcmCipher.TagLength)]; // a wrapped key before it may hold any octet
            Assert.Equal(0x31, control);
            control |= 0x80;
            Fails(SecurityOutcome.CompressionNotSupported, apdu, _ => { });
            var writer = new AxdrWriter(new byte[1024]);
            Assert.Equal(SecurityOutcome.CompressionNotSupported, other.Protect(protection, new(0xB1), Request, ref writer));
            Assert.Equal(0, writer.Length);
        }

        // Without a tag nothing proves a transaction-id: a key for one APDU is not used so.
        var encryptedOnly = new SecurityControl(0x21);
        using SecurityContext careless = Client(encryptedOnly, false);
        var refused = new AxdrWriter(new byte[1024]);
        Assert.Equal(SecurityOutcome.PolicyNotMet, careless.Protect(Protection.GeneralWrapped, encryptedOnly, Request, ref refused));

        void Fails(SecurityOutcome expected, byte[] apdu, Action<SecurityContext> change, SecurityControl? policy = null, bool sign = false)
        {
            using SecurityContext meter = Meter(policy ?? kind, sign);
            change(meter);
            Assert.Equal(expected, Open(meter, apdu, out _));
        }
    }

    [Fact]
    public void AnUnsignedApduIsRefusedWhereSignaturesAreAskedFor()
    {
        var kind = new SecurityControl(0x31);
        using SecurityContext client = Client(kind, false), meter = Meter(kind, sign: true);
        Assert.Equal(SecurityOutcome.PolicyNotMet, Open(meter, Protect(client, Protection.GeneralGlobal, kind, false), out _));
        Assert.Equal(SecurityOutcome.PolicyNotMet, Open(meter, Protect(client, Protection.SignatureOnly, kind, true), out _)); // signed, but in clear
        Assert.Equal(SecurityOutcome.Success, Open(meter, Protect(client, Protection.GeneralGlobal, kind, true), out _));
    }

    [Fact]
    public void ASignatureAroundACipheredApduIsTakenToo()
    {
        var kind = new SecurityControl(0x31);
        using SecurityContext client = Client(kind, false), meter = Meter(kind, sign: true);
        byte[] ciphered = Protect(client, Protection.ServiceGlobal, kind, false);
        var writer = new AxdrWriter(new byte[1024]);
        Assert.Equal(SecurityOutcome.Success, client.Sign(ciphered, ref writer));
        Assert.Equal(SecurityOutcome.Success, Open(meter, writer.Written.ToArray(), out byte[] plain));
        Assert.Equal(Request, plain);
        Assert.True(meter.Opened.IsSigned);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void EveryKeyHasItsOwnCounter(int suite)
    {
        var kind = new SecurityControl((byte)(0x30 | suite));
        using SecurityContext client = Client(kind, false), meter = Meter(kind, false);
        client.SetDedicatedKey(SuiteDevice.Key(suite, 0xC0));
        meter.SetDedicatedKey(SuiteDevice.Key(suite, 0xC0));
        client.SendCounter = 500;
        byte[] unicast = Protect(client, Protection.ServiceGlobal, kind, false);
        client.SendCounter = 10;
        byte[] broadcast = Protect(client, Protection.ServiceGlobal, new((byte)(kind.Octet | 0x40)), false);
        client.SendCounter = 5;
        byte[] dedicated = Protect(client, Protection.ServiceDedicated, kind, false);
        foreach (byte[] apdu in (byte[][])[unicast, broadcast, dedicated])
        {
            Assert.Equal(SecurityOutcome.Success, Open(meter, apdu, out _));
            Assert.Equal(SecurityOutcome.CounterReplayed, Open(meter, apdu, out _));
        }
        Assert.Equal((501ul, 11ul, 6ul), (meter.ReceiveCounterMin, meter.BroadcastReceiveCounterMin, meter.DedicatedReceiveCounterMin));
        client.SendCounter = 11;
        Assert.Equal(SecurityOutcome.Success, Open(meter, Protect(client, Protection.GeneralIdentified, new((byte)(kind.Octet | 0x40)), false), out _));
        Assert.True(meter.Opened.IsBroadcast);
        Assert.Equal(12ul, meter.BroadcastReceiveCounterMin);
    }

    private static bool IsOnce(Protection protection) => protection is Protection.GeneralWrapped or Protection.GeneralOnePass or Protection.GeneralStatic;

    private static SecurityContext Client(SecurityControl policy, bool sign) => Context(policy, sign, SuiteDevice.ClientTitle, SuiteDevice.Title, client: true);

    private static SecurityContext Meter(SecurityControl policy, bool sign) => Context(policy, sign, SuiteDevice.Title, SuiteDevice.ClientTitle, client: false);

    private static SecurityContext Context(SecurityControl policy, bool sign, byte[] own, byte[] peer, bool client)
    {
        int suite = policy.Suite;
        var context = new SecurityContext(policy, own, SuiteDevice.Key(suite, 0x10), SuiteDevice.Key(suite, 0x40)) { SendCounter = 100, IsResponder = !client, RequiresSignature = sign };
        context.SetPeerSystemTitle(peer);
        context.SetBroadcastKey(SuiteDevice.Key(suite, 0x70));
        context.SetKeyEncryptionKey(SuiteDevice.Key(suite, 0xA0));
        if (suite == 0) return context;
        context.OwnKeys = client ? SuiteDevice.ClientKeys(suite) : SuiteDevice.MeterKeys(suite);
        context.SetPeerKeys(client ? SuiteDevice.MeterKeys(suite) : SuiteDevice.ClientKeys(suite), owned: false);
        return context;
    }

    private static byte[] Protect(SecurityContext context, Protection protection, SecurityControl control, bool sign)
    {
        var writer = new AxdrWriter(new byte[2048]);
        Assert.Equal(SecurityOutcome.Success, context.Protect(protection, control, sign, Request, ref writer));
        return writer.Written.ToArray();
    }

    private static SecurityOutcome Open(SecurityContext context, byte[] apdu, out byte[] plain)
    {
        byte[] buffer = new byte[apdu.Length];
        SecurityOutcome outcome = context.Unprotect(apdu, buffer, out int written);
        plain = buffer[..written];
        if (outcome != SecurityOutcome.Success) Assert.True(written == 0 && buffer.All(octet => octet == 0), "nothing of a refused APDU is delivered");
        return outcome;
    }
}
