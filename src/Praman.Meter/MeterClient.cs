namespace Praman.Meter;

/// <summary>Client SAPs of IS 15959.</summary>
public static class MeterClient
{
    public const ushort Public = 16, MeterReader = 32, UtilitySetting = 48;
}
