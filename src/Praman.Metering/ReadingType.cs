namespace Praman.Metering;

/// <summary>
/// What a block measures (IEC 61968-9 ReadingType). The low five bits name the quantity; the high bits say whether the values are
/// intervals, a register at an instant, or a register where a meter was removed or installed. The codes stand in hashed bytes: they never change.
/// </summary>
public enum ReadingType : byte
{
    /// <summary>Active energy, import (+A), per interval, Wh.</summary>
    ImportEnergy = 0x01,

    /// <summary>Active energy, export (−A), per interval, Wh.</summary>
    ExportEnergy = 0x02,

    /// <summary>Apparent energy, import, per interval, VAh.</summary>
    ImportApparentEnergy = 0x03,

    /// <summary>Apparent energy, export, per interval, VAh.</summary>
    ExportApparentEnergy = 0x04,
    ReactiveEnergyQ1 = 0x05,
    ReactiveEnergyQ2 = 0x06,
    ReactiveEnergyQ3 = 0x07,
    ReactiveEnergyQ4 = 0x08,

    /// <summary>Average voltage in the interval, in V × 10^scaler of the block.</summary>
    AverageVoltage = 0x09,

    /// <summary>Average current in the interval, in A × 10^scaler of the block.</summary>
    AverageCurrent = 0x0A,

    /// <summary>Active energy import register at the block's start, Wh; the block has one value.</summary>
    ImportRegister = 0x21,
    ExportRegister = 0x22,
    ImportApparentRegister = 0x23,
    ExportApparentRegister = 0x24,

    /// <summary>Import register of a meter at the moment it was removed.</summary>
    ImportRegisterAtRemoval = 0x41,
    ExportRegisterAtRemoval = 0x42,

    /// <summary>Import register of a meter at the moment it was installed.</summary>
    ImportRegisterAtInstallation = 0x61,
    ExportRegisterAtInstallation = 0x62,
}

/// <summary>The table behind <see cref="ReadingType"/>.</summary>
public static class ReadingTypes
{
    private static readonly ReadingType[] Defined = Enum.GetValues<ReadingType>();

    /// <summary>True for a code that this version knows.</summary>
    public static bool IsDefined(this ReadingType type) => Array.IndexOf(Defined, type) >= 0;

    /// <summary>True where the block holds one register value at an instant, not energy per interval.</summary>
    public static bool IsRegister(this ReadingType type) => (byte)type >= 0x20;

    /// <summary>True where values are energy that may be summed over intervals.</summary>
    public static bool IsIntervalEnergy(this ReadingType type) => (byte)type is >= 0x01 and <= 0x08;

    /// <summary>The register that an interval channel must add up to; null where there is none.</summary>
    public static ReadingType? Register(this ReadingType type) => (byte)type is >= 0x01 and <= 0x04 ? (ReadingType)((byte)type | 0x20) : null;

    public static Unit Unit(this ReadingType type) => ((byte)type & 0x1F) switch
    {
        1 or 2 => Metering.Unit.WattHour,
        3 or 4 => Metering.Unit.VoltAmpereHour,
        >= 5 and <= 8 => Metering.Unit.VarHour,
        9 => Metering.Unit.Volt,
        10 => Metering.Unit.Ampere,
        _ => Metering.Unit.Unknown,
    };

    /// <summary>OBIS code: D = 29 for intervals, 8 for registers, 27 for averages (IEC 62056-6-1; IS 15959).</summary>
    public static ObisCode Obis(this ReadingType type)
    {
        byte d = type.IsRegister() ? (byte)8 : (byte)29;
        return ((byte)type & 0x1F) switch
        {
            1 => new ObisCode(1, 0, 1, d, 0),
            2 => new ObisCode(1, 0, 2, d, 0),
            3 => new ObisCode(1, 0, 9, d, 0),
            4 => new ObisCode(1, 0, 10, d, 0),
            5 => new ObisCode(1, 0, 5, d, 0),
            6 => new ObisCode(1, 0, 6, d, 0),
            7 => new ObisCode(1, 0, 7, d, 0),
            8 => new ObisCode(1, 0, 8, d, 0),
            9 => new ObisCode(1, 0, 12, 27, 0),
            10 => new ObisCode(1, 0, 11, 27, 0),
            _ => default,
        };
    }

    /// <summary>A stable name for files and addresses: <c>import-energy</c>, <c>import-register</c>.</summary>
    public static string Name(this ReadingType type) => type switch
    {
        ReadingType.ImportEnergy => "import-energy",
        ReadingType.ExportEnergy => "export-energy",
        ReadingType.ImportApparentEnergy => "import-apparent-energy",
        ReadingType.ExportApparentEnergy => "export-apparent-energy",
        ReadingType.ReactiveEnergyQ1 => "reactive-energy-q1",
        ReadingType.ReactiveEnergyQ2 => "reactive-energy-q2",
        ReadingType.ReactiveEnergyQ3 => "reactive-energy-q3",
        ReadingType.ReactiveEnergyQ4 => "reactive-energy-q4",
        ReadingType.AverageVoltage => "average-voltage",
        ReadingType.AverageCurrent => "average-current",
        ReadingType.ImportRegister => "import-register",
        ReadingType.ExportRegister => "export-register",
        ReadingType.ImportApparentRegister => "import-apparent-register",
        ReadingType.ExportApparentRegister => "export-apparent-register",
        ReadingType.ImportRegisterAtRemoval => "import-register-at-removal",
        ReadingType.ExportRegisterAtRemoval => "export-register-at-removal",
        ReadingType.ImportRegisterAtInstallation => "import-register-at-installation",
        ReadingType.ExportRegisterAtInstallation => "export-register-at-installation",
        _ => $"type-{(byte)type}",
    };
}
