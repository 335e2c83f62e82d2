using CsCheck;
using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Server;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Association;

/// <summary>The client's state machine against servers that are late, wrong or hostile.</summary>
public class ClientTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 0, 0);
    private static readonly AttributeDescriptor Import = new(3, TestDevice.Import, 2);

    private static DlmsClientSettings Utility => new()
    {
        ClientSap = 48, Mechanism = AuthenticationMechanism.HlsGmac, IsCiphered = true, SystemTitle = TestDevice.ClientTitle, Guek = TestDevice.Guek, Gak = TestDevice.Gak,
    };

    [Fact]
    public void NothingIsAskedBeforeTheAssociationIsOpen()
    {
        using var client = new DlmsClient(new DlmsClientSettings());
        Assert.Equal(ClientErrorKind.NotAssociated, client.Get(Import).Error!.Kind);
        Assert.Equal(ClientErrorKind.NotAssociated, client.Release().Error!.Kind);
        Assert.Throws<ArgumentException>(() => new DlmsClient(Utility)); // a ciphered association needs counters
        Assert.Throws<ArgumentOutOfRangeException>(() => new CounterLease(uint.MaxValue, 1));
    }

    [Fact]
    public void RepeatedAndLateAnswersArePassedOver()
    {
        var (client, server) = Connected(Utility);
        byte[] first = server.Receive(client.Get(Import).Send.Span, Now).ToArray();
        Assert.True(client.Received(first).IsDone);
        // The same answer again, while another is awaited: its counter was used.
        ClientStep step = client.Get(new(8, new(0, 0, 1, 0, 0), 2));
        Assert.Equal(ClientStatus.Pending, client.Received(first).Status);
        byte[] second = server.Receive(step.Send.Span, Now).ToArray();
        Assert.True(client.Received(second).IsDone);
        Assert.True(client.TryGetValue(out CosemData clock, out _));
        Assert.Equal(CosemDataType.OctetString, clock.Type);

        // A host that gave up on an answer and asked for something else is not given the old answer.
        byte[] late = server.Receive(client.Get(Import).Send.Span, Now).ToArray();
        step = client.Get(new(8, new(0, 0, 1, 0, 0), 3));
        Assert.Equal(ClientStatus.Pending, client.Received(late).Status);
        Assert.True(client.Received(server.Receive(step.Send.Span, Now).Span).IsDone);
        Assert.True(client.TryGetValue(out CosemData zone, out _));
        Assert.Equal(CosemData.Long(330), zone);
    }

    [Fact]
    public void AnAnswerInPiecesIsPutTogether()
    {
        var (client, server) = Connected(Utility);
        byte[] answer = server.Receive(client.Get(Import).Send.Span, Now).ToArray();
        for (int i = 0; i < answer.Length - 1; i++) Assert.Equal(ClientStatus.Pending, client.Received(answer.AsSpan(i, 1)).Status);
        Assert.True(client.Received(answer.AsSpan(answer.Length - 1)).IsDone);
    }

    [Fact]
    public void APlainAnswerOnACipheredAssociationIsNotBelieved()
    {
        var (client, _) = Connected(Utility);
        client.Get(Import);
        ClientStep step = client.Received(ToClient(48, new GetResponseNormal(new(2), CosemData.DoubleLongUnsigned(1)).Encode()));
        Assert.Equal(ClientErrorKind.ServerNotAuthentic, step.Error!.Kind);
    }

    [Fact]
    public void AnAnswerUnderAnotherKeyIsNotBelieved()
    {
        var (client, server) = Connected(Utility);
        byte[] answer = server.Receive(client.Get(Import).Send.Span, Now).ToArray();
        answer[^1] ^= 1;
        Assert.Equal(ClientErrorKind.WrongKey, client.Received(answer).Error!.Kind);
    }

    [Fact]
    public void ExceptionsAreToldApart()
    {
        foreach ((ExceptionResponse exception, ClientErrorKind kind) in new[]
        {
            (new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.InvocationCounterError, 77), ClientErrorKind.WrongCounter),
            (new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.InvocationCounterError), ClientErrorKind.WrongCounter),
            (new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.DecipheringError), ClientErrorKind.WrongKey),
            (new ExceptionResponse(StateError.ServiceUnknown, ServiceError.ServiceNotSupported), ClientErrorKind.ServiceRefused),
        })
        {
            var (client, _) = Connected(Utility);
            client.Get(Import);
            ClientError error = client.Received(ToClient(48, exception.Encode())).Error!;
            Assert.Equal((kind, exception.InvocationCounter), (error.Kind, error.CounterExpected));
            if (exception.InvocationCounter is not null || kind != ClientErrorKind.WrongCounter) Assert.Equal(exception, error.Exception);
        }
    }

    [Fact]
    public void BlocksWithoutEndAreStopped()
    {
        using var client = new DlmsClient(new DlmsClientSettings { ResponseLengthMax = 10_000 });
        using var server = new DlmsServerAssociation(new TestDevice());
        Assert.True(client.Received(server.Receive(client.Connect().Send.Span, Now).Span).IsDone);
        ClientStep step = client.Get(Import);
        uint block = 0;
        while (step.Status == ClientStatus.Pending && block < 1_000)
            step = client.Received(ToClient(16, new GetResponseWithDatablock(new(1), false, ++block, new byte[900], DataAccessResult.Success).Encode()));
        Assert.Equal(ClientErrorKind.TooLong, step.Error!.Kind);
        Assert.Equal(12u, block);
        client.Get(Import);
        Assert.Equal(ClientErrorKind.Unexpected, client.Received(ToClient(16, new GetResponseWithDatablock(new(2), false, 5, new byte[9], DataAccessResult.Success).Encode())).Error!.Kind);
        client.Get(Import);
        Assert.Equal(ClientErrorKind.Malformed, client.Received(ToClient(16, new GetResponseWithDatablock(new(3), false, 1, default, DataAccessResult.Success).Encode())).Error!.Kind);
    }

    [Fact]
    public void HostileAnswersNeverThrow()
    {
        byte[][] answers =
        [
            new Aare { Diagnostic = AcseDiagnostic.AuthenticationRequired, AuthenticationValue = new byte[16], UserInformation = new InitiateResponse(Conformance.Get, 1024).Encode() }.Encode(),
            new GetResponseNormal(new(1), CosemData.Array(CosemData.Unsigned(1))).Encode(),
            new GetResponseWithDatablock(new(1), true, 1, new byte[] { 1, 0 }, DataAccessResult.Success).Encode(),
            new GetResponseWithList(new(1), [new(CosemData.Unsigned(1))]).Encode(),
            new SetResponseDatablock(new(1), 1).Encode(),
            new ActionResponseNormal(new(1), new ActionResponseItem(ActionResult.Success, CosemData.OctetString(new byte[17]))).Encode(),
            new ActionResponseWithBlock(new(1), new(true, 1, new byte[] { 0, 0 })).Encode(),
            new ExceptionResponse(StateError.ServiceUnknown, ServiceError.InvocationCounterError, 5).Encode(),
            new Rlre(0).Encode(),
            Convert.FromHexString("DB0850454500000000011A30000000032DFEE528DC63F53CDA69B50DF7D649AF3BF893719E"),
            Convert.FromHexString("CF2A3000000002A304EA85F9443FDF6B675D416409B8A676E419EF3A0EEF5126BC93D76B5603D1C0C902B17E"),
        ];
        Gen.Select(Gen.Int[0, 5], Gen.Bool, Gen.Select(Gen.Int[0, answers.Length - 1], Gen.Byte.Array[0, 3], Gen.Int[0, 10_000], Gen.Int[0, 3]).Array[1, 6]).Sample((what, ciphered, frames) =>
        {
            DlmsClientSettings settings = ciphered ? Utility : new DlmsClientSettings();
            (DlmsClient client, _) = what == 0 ? (new DlmsClient(settings, new CounterLease(1, 50)), null!) : Connected(settings);
            _ = what switch
            {
                0 => client.Connect(),
                1 => client.Get(Import),
                2 => client.GetWithList([new(Import)]),
                3 => client.Set(Import, CosemData.OctetString(new byte[3_000])),
                4 => client.Action(new(70, TestDevice.Relay, 1), CosemData.Integer(0)),
                _ => client.Release(),
            };
            foreach (var (which, bytes, at, how) in frames)
            {
                byte[] apdu = (byte[])answers[which].Clone();
                if (how != 0) foreach (byte value in bytes) apdu[(at + value) % apdu.Length] ^= value;
                if (how == 1) apdu = apdu[..(1 + (at % apdu.Length))];
                if (how == 2) apdu = [.. apdu, .. bytes];
                byte[] frame = ToClient(settings.ClientSap, apdu);
                if (how == 3 && bytes.Length > 0) frame[at % frame.Length] ^= bytes[0];
                client.Received(frame);
                client.TryGetValue(out _, out _);
            }
            client.Dispose();
        }, iter: 20_000, seed: "0N0XIzNsQ0O2");
    }

    private static (DlmsClient Client, DlmsServerAssociation Server) Connected(DlmsClientSettings settings)
    {
        var client = new DlmsClient(settings, new CounterLease(1, 1_000));
        var server = new DlmsServerAssociation(new TestDevice());
        ClientStep step = Walk(client, server, client.Connect(), Now);
        Assert.True(step.IsDone, step.Error?.ToString());
        return (client, server);
    }
}
