using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Tests.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Apdus;

/// <summary>APDUs of every kind, from a seed.</summary>
internal sealed class RandomApdus(Random random)
{
    private static readonly byte[] ServiceTags = [.. Enumerable.Range(0, 256).Select(i => (byte)i).Where(t => ServiceCiphering.IsGlobal(t) || ServiceCiphering.IsDedicated(t))];

    private static readonly Func<RandomApdus, Apdu>[] Kinds =
    [
        r => new GetRequestNormal(r.Invoke, r.Attribute, r.Access),
        r => new GetRequestNext(r.Invoke, r.UInt32),
        r => new GetRequestWithList(r.Invoke, r.Some(() => new AttributeSelection(r.Attribute, r.Access))),
        r => new GetResponseNormal(r.Invoke, r.Result),
        r => r.Bool ? new GetResponseWithDatablock(r.Invoke, r.Bool, r.UInt32, r.Octets(300), DataAccessResult.Success)
            : new GetResponseWithDatablock(r.Invoke, r.Bool, r.UInt32, default, r.Refusal),
        r => new GetResponseWithList(r.Invoke, r.Some(() => r.Result)),
        r => new SetRequestNormal(r.Invoke, r.Attribute, r.Access, r.Data),
        r => new SetRequestWithFirstDatablock(r.Invoke, r.Attribute, r.Access, r.Block),
        r => new SetRequestWithDatablock(r.Invoke, r.Block),
        r => new SetRequestWithList(r.Invoke, r.Some(() => new AttributeSelection(r.Attribute, r.Access)), r.Some(() => r.Data)),
        r => new SetRequestWithListAndFirstDatablock(r.Invoke, r.Some(() => new AttributeSelection(r.Attribute, r.Access)), r.Block),
        r => new SetResponseNormal(r.Invoke, r.Code),
        r => new SetResponseDatablock(r.Invoke, r.UInt32),
        r => new SetResponseLastDatablock(r.Invoke, r.Code, r.UInt32),
        r => new SetResponseLastDatablockWithList(r.Invoke, r.Some(() => r.Code), r.UInt32),
        r => new SetResponseWithList(r.Invoke, r.Some(() => r.Code)),
        r => new ActionRequestNormal(r.Invoke, r.Method, r.Bool ? r.Data : null),
        r => new ActionRequestNextBlock(r.Invoke, r.UInt32),
        r => new ActionRequestWithList(r.Invoke, r.Some(() => r.Method), r.Some(() => r.Data)),
        r => new ActionRequestWithFirstBlock(r.Invoke, r.Method, r.Block),
        r => new ActionRequestWithListAndFirstBlock(r.Invoke, r.Some(() => r.Method), r.Block),
        r => new ActionRequestWithBlock(r.Invoke, r.Block),
        r => new ActionResponseNormal(r.Invoke, r.Item),
        r => new ActionResponseWithBlock(r.Invoke, r.Block),
        r => new ActionResponseWithList(r.Invoke, r.Some(() => r.Item)),
        r => new ActionResponseNextBlock(r.Invoke, r.UInt32),
        r => new ReadRequest(r.AtLeastOne(() => r.Variable)),
        r => new ReadResponse(r.AtLeastOne(() => r.Read)),
        r => new WriteRequest(r.AtLeastOne(() => r.Variable), r.Some(() => r.Data)),
        r => new WriteResponse(r.AtLeastOne(() => r.Bool ? WriteResponseItem.Of(r.Code) : WriteResponseItem.Acknowledged(r.UInt16))),
        r => new UnconfirmedWriteRequest(r.AtLeastOne(() => r.Variable), r.Some(() => r.Data)),
        r => new InformationReport(r.Bool ? r.Octets(20) : default(ReadOnlyMemory<byte>?), r.AtLeastOne(() => r.Variable), r.Some(() => r.Data)),
        r => new DataNotification(r.UInt32, r.Moment, r.Data) { HasDateTimeTag = false },
        r => new DataNotificationConfirm(r.UInt32, r.Moment),
        r => new EventNotification(r.Moment, r.Attribute, r.Data),
        r => new ExceptionResponse(r.Bool ? StateError.ServiceNotAllowed : StateError.ServiceUnknown, ServiceError.InvocationCounterError, r.UInt32),
        r => new ExceptionResponse(StateError.ServiceUnknown, (ServiceError)(1 + (r.Byte % 5))),
        r => new ConfirmedServiceError(r.Byte, r.Byte, r.Byte),
        r => new AccessRequest(r.UInt32, r.Moment, r.Some(() => r.Specification), r.Some(() => r.Data)),
        r => new AccessResponse(r.UInt32, r.Moment, r.Bool ? r.Some(() => r.Specification) : null, r.Some(() => r.Data), r.Some(() => new AccessResult((AccessKind)(1 + (r.Byte % 3)), r.Code))),
        r => new GeneralBlockTransfer(r.Byte, r.UInt16, r.UInt16, r.Octets(300)),
        r => new GeneralGloCiphering(r.Octets(9), r.Protected),
        r => new GeneralDedCiphering(r.Octets(9), r.Protected),
        r => new GeneralCiphering(r.Head, r.Bool ? r.Key : null, r.Protected),
        r => new GeneralSigning(r.Head, r.Octets(300), r.Octets(97)),
        r => new ServiceCiphered(ServiceTags[r.Byte % ServiceTags.Length], r.Protected),
        r => new InitiateRequest((Conformance)(r.UInt32 & 0xFFFFFF), r.UInt16)
        {
            DedicatedKey = r.Bool ? r.Octets(33) : default(ReadOnlyMemory<byte>?), ResponseAllowed = r.Bool, QualityOfService = r.Bool ? (sbyte)r.Byte : null, DlmsVersion = r.Byte,
        },
        r => new InitiateResponse((Conformance)(r.UInt32 & 0xFFFFFF), r.UInt16) { QualityOfService = r.Bool ? (sbyte)r.Byte : null, DlmsVersion = r.Byte, VaaName = r.UInt16 },
        r => Aarq.Create((ApplicationContext)(1 + (r.Byte % 4)), r.Bool ? r.Octets(9) : default(ReadOnlyMemory<byte>?), (AuthenticationMechanism)(r.Byte % 8), new byte[1 + (r.Byte % 64)], new byte[1 + (r.Byte % 200)]),
        r => new Aare
        {
            Context = (ApplicationContext)(1 + (r.Byte % 4)), Result = (AssociationResult)(r.Byte % 3), Diagnostic = (AcseDiagnostic)(r.Byte % 15), RespondingApTitle = r.Bool ? new byte[8] : default(ReadOnlyMemory<byte>?),
            UserInformation = new byte[1 + (r.Byte % 200)],
        },
        r => new Rlrq(r.Bool ? r.Byte : null) { UserInformation = new byte[r.Byte % 100] },
        r => new Rlre(r.Bool ? r.Byte : null) { UserInformation = new byte[r.Byte % 100] },
    ];


    /// <summary>How many kinds there are.</summary>
    public static int KindCount => Kinds.Length;

    public Apdu Next(int kind) => Kinds[kind](this);

    private bool Bool => random.Next(2) == 0;

    private byte Byte => (byte)random.Next(256);

    private ushort UInt16 => (ushort)random.Next(65_536);

    private uint UInt32 => (uint)random.NextInt64(1L << 32);

    private InvokeIdAndPriority Invoke => new(Byte);

    private DataAccessResult Code => (DataAccessResult)Byte;

    private DataAccessResult Refusal => (DataAccessResult)random.Next(1, 256);

    private CosemData Data => RandomData.Next(random, depth: 2);

    private CosemDateTime? Moment => Bool ? RandomData.DateTime(random) : null;

    private AttributeDescriptor Attribute => new(UInt16, ObisCode.FromOctets(RandomData.Octets(random, 6))!.Value, (sbyte)Byte);

    private MethodDescriptor Method => new(UInt16, ObisCode.FromOctets(RandomData.Octets(random, 6))!.Value, (sbyte)Byte);

    private SelectiveAccess? Access => random.Next(3) == 0 ? new(Byte, Data) : null;

    private GetDataResult Result => Bool ? new(Data) : new(Refusal);

    private ActionResponseItem Item => Bool ? new((ActionResult)Byte) : new((ActionResult)Byte, true, Result);

    private DataBlock Block => new(Bool, UInt32, Octets(300));

    private ReadOnlyMemory<byte> Protected => RandomData.Octets(random, random.Next(17, 200));

    private GeneralHead Head => new(Octets(9), Octets(9), Octets(9), Moment, Octets(9));

    private KeyInfo Key => (Byte % 3) switch
    {
        0 => new(KeyInfo.Identified, Byte, default, default),
        1 => new(KeyInfo.Wrapped, Byte, default, Octets(41)),
        _ => new(KeyInfo.Agreed, 0, Octets(4), Octets(100)),
    };

    private VariableAccess Variable => (Byte % 5) switch
    {
        0 => VariableAccess.Name(UInt16),
        1 => VariableAccess.Parameterized(UInt16, new(Byte, Data)),
        2 => VariableAccess.Block(UInt16),
        3 => VariableAccess.ReadBlock(Bool, UInt16, Octets(50)),
        _ => VariableAccess.WriteBlock(Bool, UInt16),
    };

    private ReadResponseItem Read => (Byte % 4) switch
    {
        0 => ReadResponseItem.Value(Data),
        1 => ReadResponseItem.Refusal(Code),
        2 => ReadResponseItem.Block(Bool, UInt16, RandomData.Octets(random, random.Next(50))),
        _ => ReadResponseItem.Acknowledged(UInt16),
    };

    private AccessSpecification Specification => (Byte % 5) switch
    {
        0 => new(AccessKind.GetWithSelection, Attribute, new(Byte, Data)),
        1 => new(AccessKind.SetWithSelection, Attribute, new(Byte, Data)),
        int other => new((AccessKind)(other - 1), Attribute),
    };

    private ReadOnlyMemory<byte> Octets(int lengthMax) => RandomData.Octets(random, random.Next(lengthMax));

    private T[] Some<T>(Func<T> make) => [.. Enumerable.Range(0, random.Next(6)).Select(_ => make())];

    private T[] AtLeastOne<T>(Func<T> make) => [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => make())];
}
