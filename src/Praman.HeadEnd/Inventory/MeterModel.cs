namespace Praman.HeadEnd.Inventory;

/// <summary>What decides how a meter's profiles look: maker, type and firmware. What is learned of one meter of a model holds for all of it.</summary>
public readonly record struct MeterModel(string Maker, string MeterType, string Firmware)
{
    public override string ToString() => $"{Maker} {MeterType} {Firmware}";
}
