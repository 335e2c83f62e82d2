namespace Praman.MeterData.Validation;

/// <summary>One meter's registers at both ends of a stretch of time.</summary>
/// <param name="Opening">Register at the start, Wh, as the meter showed it.</param>
/// <param name="Closing">Register at the end, Wh.</param>
/// <param name="Digits">Digits of the register before the point, in kWh: it rolls over at 10^digits kWh.</param>
/// <param name="Resolution">Smallest step of the register, Wh.</param>
/// <param name="Multiplier">CT ratio × PT ratio × meter constant.</param>
/// <param name="MaximumWh">Most that can have passed through the meter in that time, before the multiplier.</param>
public readonly record struct RegisterPart(long Opening, long Closing, int Digits, int Resolution, int Multiplier, long MaximumWh);

/// <summary>Energy between two registers (V15).</summary>
public static class RegisterUsage
{
    /// <summary>Usage in Wh after the multiplier; a closing register below the opening one is a rollover where that is physically possible.</summary>
    /// <returns>False where the registers go back and no rollover explains it.</returns>
    public static bool TryCompute(in RegisterPart part, out long usageWh, out bool rolledOver)
    {
        long difference = part.Closing - part.Opening;
        rolledOver = difference < 0;
        if (rolledOver) difference += ModulusWh(part.Digits);
        usageWh = difference * part.Multiplier;
        return !rolledOver || (difference >= 0 && difference <= part.MaximumWh);
    }

    /// <summary>Wh at which a register of so many digits in kWh starts again from 0.</summary>
    public static long ModulusWh(int digits)
    {
        long modulus = 1_000;
        for (int i = 0; i < digits && i < 12; i++) modulus *= 10;
        return modulus;
    }
}
