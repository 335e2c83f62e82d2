using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>A device of the objects under test, at UTC+5:30, with one association that may do everything.</summary>
internal sealed class ObjectsDevice : LogicalDevice
{
    public static readonly Offset India = Offset.FromHoursAndMinutes(5, 30);

    public ObjectsDevice(params CosemObject[] objects)
    {
        Associations = [new(16, 0, new(0, 0, 40, 0, 1), AssociationLevel.UtilitySetting, AuthenticationMechanism.None, false)];
        Objects = new([new AssociationLogicalName(new(0, 0, 40, 0, 1), _ => Associations[0]), .. objects]);
        Security = new(new byte[8], new KeySet(new byte[16], new byte[16], 1), new byte[16], new byte[1], new byte[16]);
    }

    public override ObjectList Objects { get; }

    public override IReadOnlyList<AssociationSettings> Associations { get; }

    public override DeviceSecurity Security { get; }

    public override byte SecurityPolicy => 0;

    public override Offset OffsetAt(Instant at) => India;

    public override bool TryActivatePolicy(ObisCode setup, byte policy) => false;

    public CosemContext At(Instant now) => new(this) { Now = now };

    /// <summary>A date-time of the device in twelve octets.</summary>
    public static CosemData Stamp(int year, int month, int day, int hour = 0, int minute = 0) =>
        CosemData.DateTimeOctets(CosemDateTime.From(new LocalDateTime(year, month, day, hour, minute), India));
}

/// <summary>A client associated with a device over memory: real APDUs both ways.</summary>
internal sealed class Session : IDisposable
{
    private readonly DlmsClient _client = new(new DlmsClientSettings());
    private readonly DlmsServerAssociation _server;

    public Session(ObjectsDevice device, Instant now)
    {
        (_server, Now) = (new(device), now);
        ClientStep step = Walk(_client.Connect());
        Assert.True(step.IsDone, step.Error?.ToString());
    }

    public Instant Now { get; set; }

    public CosemData Get(CosemObject of, int attribute, SelectiveAccess? selection = null)
    {
        ClientStep step = Walk(_client.Get(Attribute(of, attribute), selection));
        Assert.True(step.IsDone, $"{of.Class.Name} {attribute}: {step.Error}");
        Assert.True(_client.TryGetValue(out CosemData value, out DecodeError error), error.ToString());
        return value;
    }

    public DataAccessResult GetResult(CosemObject of, int attribute, SelectiveAccess? selection = null) => Result(Walk(_client.Get(Attribute(of, attribute), selection)));

    public DataAccessResult Set(CosemObject of, int attribute, CosemData value) => Result(Walk(_client.Set(Attribute(of, attribute), value)));

    public ActionResult Invoke(CosemObject of, int method, CosemData? parameters = null) => Invoke(of, method, parameters, out _);

    public ActionResult Invoke(CosemObject of, int method, CosemData? parameters, out CosemData returned)
    {
        ClientStep step = Walk(_client.Action(new(of.Class.ClassId, of.LogicalName, (sbyte)method), parameters ?? CosemData.Integer(0)));
        returned = step.IsDone ? _client.Returned : default;
        return step.IsDone ? ActionResult.Success : step.Error?.Action ?? throw new InvalidOperationException(step.Error?.ToString());
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    private static AttributeDescriptor Attribute(CosemObject of, int attribute) => new(of.Class.ClassId, of.LogicalName, (sbyte)attribute);

    private static DataAccessResult Result(ClientStep step) =>
        step.IsDone ? DataAccessResult.Success : step.Error?.Access ?? throw new InvalidOperationException(step.Error?.ToString());

    private ClientStep Walk(ClientStep step) => Wire.Walk(_client, _server, step, Now);
}
