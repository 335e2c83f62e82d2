using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>Control state of a relay (IEC 62056-6-2, class 70, attribute 3).</summary>
public enum ControlState : byte
{
    Disconnected = 0,
    Connected = 1,
    ReadyForReconnection = 2,
}

/// <summary>What a disconnect control acts on.</summary>
public sealed record DisconnectBinding(Func<CosemContext, ControlState> State, Func<CosemContext, bool, ActionResult> Switch, byte ControlMode)
{
    /// <summary>The control mode in force; <see cref="ControlMode"/> always where null.</summary>
    public Func<CosemContext, byte>? Mode { get; init; }

    /// <summary>Takes another control mode; read-write-denied where null.</summary>
    public Func<CosemContext, byte, DataAccessResult>? SetMode { get; init; }
}

/// <summary>DisconnectControl, class_id 70, version 0 (IEC 62056-6-2): the supply relay.</summary>
public sealed class DisconnectControl(ObisCode logicalName, DisconnectBinding binding) : CosemObject(logicalName)
{
    private readonly DisconnectBinding _binding = binding;

    public static CosemClass<DisconnectControl> Table { get; } = new(70, 0, "DisconnectControl",
        [
            new(2, "output_state", CosemDataType.Boolean, (d, c) => CosemData.Boolean(d._binding.State(c) == ControlState.Connected)),
            new(3, "control_state", "enum[0..2]", (d, c) => CosemData.Enumeration((byte)d._binding.State(c))),
            new(4, "control_mode", "enum[0..6]", (d, c) => CosemData.Enumeration(d._binding.Mode?.Invoke(c) ?? d._binding.ControlMode),
                (d, c, v) => d._binding.SetMode?.Invoke(c, (byte)v.ToNumber()) ?? DataAccessResult.ReadWriteDenied),
        ],
        [
            new(1, "remote_disconnect", (DisconnectControl d, CosemContext c, CosemData p, out CosemData r) => d.Switch(c, p, false, out r), "integer | null-data"),
            new(2, "remote_reconnect", (DisconnectControl d, CosemContext c, CosemData p, out CosemData r) => d.Switch(c, p, true, out r), "integer | null-data"),
        ]);

    public override CosemClass Class => Table;

    private ActionResult Switch(CosemContext context, in CosemData parameters, bool connect, out CosemData returned)
    {
        returned = default;
        if (!parameters.IsNull && parameters.Type != CosemDataType.Integer) return ActionResult.TypeUnmatched;
        return _binding.Switch(context, connect);
    }
}
