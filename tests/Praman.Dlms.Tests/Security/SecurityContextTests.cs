using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Security;
using Praman.Dlms.Tests.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Security;

public class SecurityContextTests
{
    private static readonly byte[] ClientTitle = "MMM\0\0\0\0\u0001"u8.ToArray();
    private static readonly byte[] MeterTitle = "PEE\0\0\0\0\u0001"u8.ToArray();
    private static readonly byte[] Guek = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");
    private static readonly byte[] Gak = Convert.FromHexString("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    private static readonly byte[] Dedicated = Convert.FromHexString("00112233445566778899AABBCCDDEEFF");
    private static readonly byte[] Request = new GetRequestNormal(new InvokeIdAndPriority(1), new(3, ObisCode.Parse("1-0:1.8.0.255"), 2)).Encode();

    private static SecurityContext Client(SecurityControl? policy = null) => Context(ClientTitle, MeterTitle, policy);

    private static SecurityContext Meter(SecurityControl? policy = null) => Context(MeterTitle, ClientTitle, policy);

    private static SecurityContext Context(byte[] own, byte[] peer, SecurityControl? policy, byte[]? guek = null, byte[]? gak = null)
    {
        var context = new SecurityContext(policy ?? SecurityControl.AuthenticatedEncryption, own, guek ?? Guek, gak ?? Gak) { SendCounter = 100 };
        context.SetPeerSystemTitle(peer);
        return context;
    }

    private static byte[] Protect(SecurityContext context, Protection protection = Protection.ServiceGlobal, SecurityControl? control = null)
    {
        var writer = new AxdrWriter(new byte[256]);
        Assert.Equal(SecurityOutcome.Success, context.Protect(protection, control ?? context.Policy, Request, ref writer));
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

    public static TheoryData<Protection, byte> Envelopes
    {
        get
        {
            var data = new TheoryData<Protection, byte>();
            foreach (Protection protection in (Protection[])[Protection.ServiceGlobal, Protection.ServiceDedicated, Protection.GeneralGlobal, Protection.GeneralDedicated, Protection.GeneralIdentified])
            {
                foreach (byte control in (byte[])[0x10, 0x20, 0x30]) data.Add(protection, control);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Envelopes))]
    public void OpensWhatThePeerProtectsInEveryEnvelope(Protection protection, byte control)
    {
        using SecurityContext client = Client(new(control)), meter = Meter(new(control));
        client.SetDedicatedKey(Dedicated);
        meter.SetDedicatedKey(Dedicated);
        for (uint round = 0; round < 3; round++)
        {
            byte[] apdu = Protect(client, protection);
            Assert.Equal(SecurityOutcome.Success, Open(meter, apdu, out byte[] plain));
            Assert.Equal(Request, plain);
            Assert.Equal(101 + round, client.SendCounter);
            bool dedicated = protection is Protection.ServiceDedicated or Protection.GeneralDedicated;
            Assert.Equal(101 + round, dedicated ? meter.DedicatedReceiveCounterMin : meter.ReceiveCounterMin);
            Assert.True(Apdu.TryDecode(apdu, out Apdu? decoded, out _));
            Assert.Equal(apdu, decoded.Encode());
        }
    }

    [Theory, MemberData(nameof(Envelopes))]
    public void RefusesEveryAlteredOctetAndEveryTruncation(Protection protection, byte control)
    {
        if ((control & 0x10) == 0) return; // without a tag there is nothing that notices
        using SecurityContext client = Client(new(control)), meter = Meter(new(control));
        client.SetDedicatedKey(Dedicated);
        meter.SetDedicatedKey(Dedicated);
        byte[] apdu = Protect(client, protection);
        for (int at = 0; at < apdu.Length; at++)
        {
            byte[] altered = [.. apdu];
            altered[at] ^= 0x08;
            Assert.NotEqual(SecurityOutcome.Success, Open(meter, altered, out _));
            Assert.NotEqual(SecurityOutcome.Success, Open(meter, apdu[..at], out _));
        }
        Assert.Equal(0ul, meter.ReceiveCounterMin); // no counter has moved
        Assert.Equal(0ul, meter.DedicatedReceiveCounterMin);
        Assert.Equal(SecurityOutcome.Success, Open(meter, apdu, out _));
    }

    [Fact]
    public void EachFaultHasItsOwnName()
    {
        using SecurityContext client = Client();
        byte[] apdu = Protect(client), general = Protect(client, Protection.GeneralGlobal);

        using (SecurityContext wrongKey = Context(MeterTitle, ClientTitle, null, guek: Dedicated)) Assert.Equal(SecurityOutcome.TagMismatch, Open(wrongKey, apdu, out _));
        using (SecurityContext wrongGak = Context(MeterTitle, ClientTitle, null, gak: Dedicated)) Assert.Equal(SecurityOutcome.TagMismatch, Open(wrongGak, apdu, out _));
        using (SecurityContext wrongTitle = Context(MeterTitle, MeterTitle, null))
        {
            Assert.Equal(SecurityOutcome.TagMismatch, Open(wrongTitle, apdu, out _));
            Assert.Equal(SecurityOutcome.UnexpectedSystemTitle, Open(wrongTitle, general, out _));
        }
        using (var noKey = new SecurityContext(SecurityControl.AuthenticatedEncryption, MeterTitle, [], Gak))
        {
            noKey.SetPeerSystemTitle(ClientTitle);
            Assert.Equal(SecurityOutcome.MissingKey, Open(noKey, apdu, out _));
        }
        using (var noGak = new SecurityContext(SecurityControl.AuthenticatedEncryption, MeterTitle, Guek, []))
        {
            noGak.SetPeerSystemTitle(ClientTitle);
            Assert.Equal(SecurityOutcome.MissingAuthenticationKey, Open(noGak, apdu, out _));
        }
        using (var noTitle = new SecurityContext(SecurityControl.AuthenticatedEncryption, MeterTitle, Guek, Gak))
        {
            Assert.Equal(SecurityOutcome.MissingSystemTitle, Open(noTitle, apdu, out _));
            Assert.Equal(SecurityOutcome.Success, Open(noTitle, general, out _)); // it names its sender, and the tag proves it
            Assert.True(noTitle.PeerSystemTitle.SequenceEqual(ClientTitle));
        }
        using SecurityContext meter = Meter();
        Assert.Equal(SecurityOutcome.PolicyNotMet, Open(meter, Protect(Client(), control: SecurityControl.EncryptionOnly), out _));
        Assert.Equal(SecurityOutcome.PolicyNotMet, Open(meter, Protect(Client(), control: SecurityControl.AuthenticationOnly), out _));
        Assert.Equal(SecurityOutcome.SuiteNotSupported, Open(meter, Protect(Client(), control: new(1, true, true)), out _));
        Assert.Equal(SecurityOutcome.MissingKey, Open(meter, Protect(WithDedicated(Client()), Protection.ServiceDedicated), out _));
        Assert.Equal(SecurityOutcome.NotCiphered, Open(meter, Request, out _));
        Assert.Equal(SecurityOutcome.Malformed, Open(meter, [.. apdu, 0], out _));
        Assert.Equal(SecurityOutcome.Malformed, Open(meter, [0xC8, 0x05, 0x30, 0, 0, 0, 1], out _));
        Assert.Equal(SecurityOutcome.Malformed, meter.Unprotect(apdu, new byte[3], out _));
        Assert.Equal(SecurityOutcome.Success, Open(meter, apdu, out _));
        Assert.Equal(SecurityOutcome.CounterReplayed, Open(meter, apdu, out _));
        Assert.Equal(SecurityOutcome.Success, Open(meter, general, out _)); // its counter is the next
    }

    [Fact]
    public void WithoutATagAWrongKeyShowsInTheContent()
    {
        using SecurityContext client = Client(SecurityControl.EncryptionOnly);
        byte[] apdu = Protect(client);
        using SecurityContext wrong = Context(MeterTitle, ClientTitle, SecurityControl.EncryptionOnly, guek: Dedicated);
        Assert.Equal(SecurityOutcome.ContentMismatch, Open(wrong, apdu, out _));
        Assert.Equal(0ul, wrong.ReceiveCounterMin);
    }

    [Theory, InlineData(Protection.ServiceGlobal), InlineData(Protection.GeneralGlobal)]
    public void WhatIsNeitherAuthenticatedNorEncryptedIsRefusedWhateverThePolicy(Protection protection)
    {
        using SecurityContext client = Client(new(0)), meter = Meter(new(0));
        Assert.Equal(SecurityOutcome.PolicyNotMet, Open(meter, Protect(client, protection), out _));
        Assert.Equal(0ul, meter.ReceiveCounterMin);
    }

    [Fact]
    public void WithoutATagACounterIsBelievedUpToABound()
    {
        using SecurityContext client = Client(SecurityControl.EncryptionOnly), meter = Meter(SecurityControl.EncryptionOnly);
        meter.UnverifiedCounterJumpMax = 1000;
        client.SendCounter = 1001;
        Assert.Equal(SecurityOutcome.CounterTooFar, Open(meter, Protect(client), out _));
        Assert.Equal(0ul, meter.ReceiveCounterMin);
        client.SendCounter = 1000;
        Assert.Equal(SecurityOutcome.Success, Open(meter, Protect(client), out _));
        client.SendCounter = 1_000_000;
        Assert.Equal(SecurityOutcome.Success, Open(meter, Protect(client, control: SecurityControl.AuthenticatedEncryption), out _)); // a tag proves any
        Assert.Equal(1_000_001ul, meter.ReceiveCounterMin);
    }

    [Fact]
    public void TheLastCounterIsNeverUsedAndThenNothingIsSent()
    {
        using SecurityContext client = Client();
        client.SendCounter = uint.MaxValue - 1;
        Protect(client);
        var writer = new AxdrWriter(new byte[256]);
        Assert.Equal(SecurityOutcome.CounterExhausted, client.Protect(Protection.ServiceGlobal, Request, ref writer));
        Assert.Equal(0, writer.Length);
    }

    [Fact]
    public void AnAnswerToADedicatedKeyInADedicatedEnvelopeUnderTheGlobalKeyIsAccepted()
    {
        byte[] response = new InitiateResponse(Conformance.Get, 1024).Encode();
        using SecurityContext meter = Meter();
        meter.SetDedicatedKey(Guek); // what the server in the field does: the envelope says dedicated, the key is the global one
        var writer = new AxdrWriter(new byte[256]);
        Assert.Equal(SecurityOutcome.Success, meter.Protect(Protection.GeneralDedicated, response, ref writer));
        using SecurityContext client = WithDedicated(Client());
        Assert.Equal(SecurityOutcome.Success, Open(client, writer.Written.ToArray(), out byte[] plain));
        Assert.Equal(response, plain);
        Assert.Equal(SecurityOutcome.TagMismatch, Open(client, Protect(meter, Protection.GeneralDedicated), out _)); // but nothing else
    }

    [Fact]
    public void ProtectingAndOpeningAllocateNothing()
    {
        byte[] apdu = new byte[2048], plain = new byte[2048], large = [GetResponse.Tag, .. new byte[1500]];
        foreach (byte control in (byte[])[0x30, 0x20, 0x10])
        {
            using SecurityContext client = Client(new(control)), meter = Meter(new(control));
            int bad = 0;
            Assert.Equal(0, Allocation.Least(() =>
            {
                for (int round = 0; round < 100; round++) bad += RoundTrip(client, meter, apdu, plain, large) ? 0 : 1;
            }));
            Assert.Equal(0, bad);
        }
    }

    private static bool RoundTrip(SecurityContext sender, SecurityContext receiver, byte[] apdu, byte[] plain, byte[] text)
    {
        var writer = new AxdrWriter(apdu);
        return sender.Protect(Protection.GeneralGlobal, text, ref writer) == SecurityOutcome.Success
            && receiver.Unprotect(writer.Written, plain, out int written) == SecurityOutcome.Success && plain.AsSpan(0, written).SequenceEqual(text);
    }

    private static SecurityContext WithDedicated(SecurityContext context)
    {
        context.SetDedicatedKey(Dedicated);
        return context;
    }
}
