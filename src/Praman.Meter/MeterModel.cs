using NodaTime;
using Praman.Dlms.Security;

namespace Praman.Meter;

/// <summary>What all meters of one make, type and firmware share: names, periods, layouts. One instance serves any number of meters.</summary>
public sealed record MeterModel
{
    private const byte AuthenticatedEncryptedV0 = 0x03, AuthenticatedEncryptedV1 = 0x6C;

    private readonly byte? _securityPolicy;

    /// <summary>Maker, three FLAG letters; the first octets of every system title.</summary>
    public string FlagId { get; init; } = "PRM";

    public string Maker { get; init; } = "Praman virtual meters";

    public string Firmware { get; init; } = "1.0.0";

    /// <summary>IS 15959 category: D1 is a single-phase smart meter.</summary>
    public string Category { get; init; } = "D1";

    /// <summary>Phases: 1 or 3.</summary>
    public int PhaseCount { get; init; } = 1;

    /// <summary>Nominal voltage to neutral, 50 to 300 V.</summary>
    public int NominalVolts { get; init; } = 230;

    /// <summary>By how much a simulated home's load is multiplied: a workshop or a substation from a home.</summary>
    public int LoadFactor { get; init; } = 1;

    public string CurrentRating { get; init; } = "5-30 A";

    public ushort YearOfManufacture { get; init; } = 2026;

    /// <summary>Local time of the meter's profiles.</summary>
    public DateTimeZone Zone { get; init; } = DateTimeZone.ForOffset(Offset.FromHoursAndMinutes(5, 30));

    /// <summary>Whether times say their deviation; where they do not, a reader has to know the zone.</summary>
    public bool WritesDeviation { get; init; } = true;

    /// <summary>Seconds of a block load interval: 900, 1800 or 3600.</summary>
    public int CapturePeriodSeconds { get; init; } = 1800;

    /// <summary>Days of block load kept; IS 15959 asks for 35.</summary>
    public int BlockLoadDays { get; init; } = 46;

    /// <summary>Daily rows kept.</summary>
    public int DailyLoadDays { get; init; } = 46;

    /// <summary>Closed billing periods kept.</summary>
    public int BillingPeriodCount { get; init; } = 12;

    /// <summary>Whether the billing profile ends with a row of the period that is still open, its date the moment of reading.</summary>
    public bool HasOpenBillingRow { get; init; }

    /// <summary>Registers are in 10^this Wh: 0 or 1.</summary>
    public sbyte EnergyScaler { get; init; }

    /// <summary>Longest APDU that the meter takes and sends, in octets.</summary>
    public ushort PduSizeMax { get; init; } = 1024;

    /// <summary>The security suite: 0, 1 or 2.</summary>
    public int SecuritySuite { get; init; }

    /// <summary>Version of class 64 that the meter has: 0 in suite 0, as Indian meters have it; 1, with key pairs and certificates, in the others.</summary>
    public int SecuritySetupVersion => SecuritySuite == 0 ? 0 : 1;

    /// <summary>
    /// Least protection that the ciphered associations ask for (class 64, attribute 2): of version 0 in suite 0, else of version 1. Authenticated and
    /// encrypted, both ways, unless set.
    /// </summary>
    public byte SecurityPolicy
    {
        get => _securityPolicy ?? (SecuritySuite == 0 ? AuthenticatedEncryptedV0 : AuthenticatedEncryptedV1);
        init => _securityPolicy = value;
    }

    /// <summary>In what envelope its clients are to put ciphered APDUs; the meter itself answers in the one it is asked in.</summary>
    public Protection Envelope { get; init; }

    /// <summary>Whether it is made with certificates of its keys, which <c>export_certificate</c> gives.</summary>
    public bool HasCertificates { get; init; }

    /// <summary>How the utility's client proves itself: 2 (AES-128 of the challenge), 3 (MD5), 4 (SHA-1), 5 (GMAC), 6 (SHA-256) or, in suites 1 and 2, 7 (ECDSA).</summary>
    public byte UtilityMechanism { get; init; } = 5;

    /// <summary>Whether the meter reader's association is ciphered too.</summary>
    public bool MeterReaderCiphered { get; init; }

    /// <summary>Wait until a relay that overload opened closes again.</summary>
    public Duration OverloadLockout { get; init; } = Duration.FromMinutes(30);

    /// <summary>The maker's public key, both coordinates of P-256: images that its owner signed are taken (class 18). Empty for none.</summary>
    public ReadOnlyMemory<byte> FirmwareKey { get; init; }

    /// <summary>The number of the firmware that meters come with: no image of a lower one is taken.</summary>
    public uint FirmwareNumber { get; init; }

    /// <exception cref="ArgumentException">A member is out of its range, by name.</exception>
    public MeterModel Checked()
    {
        if (FlagId.Length != 3) throw new ArgumentException("FlagId has three letters");
        if (CapturePeriodSeconds is not (900 or 1800 or 3600)) throw new ArgumentException("CapturePeriodSeconds is 900, 1800 or 3600");
        if (BlockLoadDays is < 35 or > 400) throw new ArgumentException("BlockLoadDays is 35 to 400");
        if (DailyLoadDays is < 35 or > 400) throw new ArgumentException("DailyLoadDays is 35 to 400");
        if (BillingPeriodCount is < 1 or > 24) throw new ArgumentException("BillingPeriodCount is 1 to 24");
        if (EnergyScaler is < 0 or > 1) throw new ArgumentException("EnergyScaler is 0 or 1");
        if (PduSizeMax < 64) throw new ArgumentException("PduSizeMax is 64 or more");
        if (SecuritySuite is < 0 or > Dlms.Security.SecuritySuite.Max) throw new ArgumentException($"SecuritySuite is 0 to {Dlms.Security.SecuritySuite.Max}");
        if (!RequiredProtection.IsValid(SecuritySetupVersion, SecurityPolicy, SecuritySuite))
            throw new ArgumentException(SecuritySuite == 0 ? "SecurityPolicy is 0 to 3" : "SecurityPolicy is of class 64 version 1 in suites 1 and 2: bits 2 to 7, a multiple of 4");
        if (UtilityMechanism is < 2 or > 7) throw new ArgumentException("UtilityMechanism is 2 to 7");
        if (SecuritySuite == 0 && (UtilityMechanism == 7 || HasCertificates || Envelope is Protection.GeneralOnePass or Protection.GeneralStatic))
            throw new ArgumentException("UtilityMechanism 7, certificates and agreed keys need SecuritySuite 1 or 2");
        if (FirmwareKey.Length is not (0 or Meter.Firmware.FirmwareImage.KeyLength)) throw new ArgumentException($"FirmwareKey has {Meter.Firmware.FirmwareImage.KeyLength} octets");
        if (PhaseCount is not (1 or 3)) throw new ArgumentException("PhaseCount is 1 or 3");
        if (NominalVolts is < 50 or > 300) throw new ArgumentException("NominalVolts is 50 to 300");
        if (LoadFactor is < 1 or > Load.ScaledLoad.FactorMax) throw new ArgumentException($"LoadFactor is 1 to {Load.ScaledLoad.FactorMax}");
        return this;
    }
}
