using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>Where the channels stand in the rows of a model's block load, and how they are scaled.</summary>
public sealed class BlockLoadLayout
{
    private static readonly Dictionary<ObisCode, ReadingType> Known = new()
    {
        [new(1, 0, 1, 29, 0)] = ReadingType.ImportEnergy,
        [new(1, 0, 2, 29, 0)] = ReadingType.ExportEnergy,
        [new(1, 0, 9, 29, 0)] = ReadingType.ImportApparentEnergy,
        [new(1, 0, 10, 29, 0)] = ReadingType.ExportApparentEnergy,
        [new(1, 0, 5, 29, 0)] = ReadingType.ReactiveEnergyQ1,
        [new(1, 0, 6, 29, 0)] = ReadingType.ReactiveEnergyQ2,
        [new(1, 0, 7, 29, 0)] = ReadingType.ReactiveEnergyQ3,
        [new(1, 0, 8, 29, 0)] = ReadingType.ReactiveEnergyQ4,
        [new(1, 0, 12, 27, 0)] = ReadingType.AverageVoltage,
        [new(1, 0, 11, 27, 0)] = ReadingType.AverageCurrent,
    };

    private BlockLoadLayout(BlockLoadChannel[] channels, int statusColumn, int columnCount, int periodSeconds)
    {
        Channels = channels;
        StatusColumn = statusColumn;
        ColumnCount = columnCount;
        PeriodSeconds = periodSeconds;
    }

    public IReadOnlyList<BlockLoadChannel> Channels { get; }

    /// <summary>Column of the status octet 0-0:96.10.1; −1 where the model has none.</summary>
    public int StatusColumn { get; }

    public int ColumnCount { get; }

    /// <summary>Seconds of an interval, a divisor of a day in whole minutes.</summary>
    public int PeriodSeconds { get; }

    /// <summary>Makes a layout of what a meter told of its profile.</summary>
    /// <param name="captureObjects">Attribute 3 of the block load.</param>
    /// <param name="scalers">Scalers and units by logical name, from the scaler profile or the registers.</param>
    /// <param name="periodSeconds">Attribute 4.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="error">Why the profile cannot be used.</param>
    public static bool TryCreate(
        IReadOnlyList<CaptureObject> captureObjects, IReadOnlyDictionary<ObisCode, ScalerUnit> scalers, long periodSeconds,
        [NotNullWhen(true)] out BlockLoadLayout? layout, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(captureObjects);
        ArgumentNullException.ThrowIfNull(scalers);
        layout = null;
        error = null;
        if (periodSeconds is < 60 or > 86_400 || periodSeconds % 60 != 0 || 86_400 % periodSeconds != 0) return Fail($"a capture period of {periodSeconds} s does not divide a day into minutes", out error);
        if (captureObjects.Count is 0 or > ProfileRowReader.ColumnCountMax) return Fail($"{captureObjects.Count} columns in the block load", out error);
        if (captureObjects[0].LogicalName != IndianObjects.Clock) return Fail($"the block load's first column is {captureObjects[0].LogicalName}, not the clock", out error);
        int statusColumn = -1;
        var channels = new List<BlockLoadChannel>();
        for (int column = 1; column < captureObjects.Count; column++)
        {
            CaptureObject capture = captureObjects[column];
            if (capture.LogicalName == IndianObjects.IntervalStatus) statusColumn = column;
            if (capture.AttributeId != 2 || !Known.TryGetValue(capture.LogicalName, out ReadingType type)) continue;
            if (!scalers.TryGetValue(capture.LogicalName, out ScalerUnit scaler)) return Fail($"no scaler is known for {capture.LogicalName}", out error);
            if (scaler.Unit != type.Unit()) return Fail($"{capture.LogicalName} is in {scaler.Unit}, not in {type.Unit()}", out error);
            if (scaler.Scaler is < -6 or > 6) return Fail($"{capture.LogicalName} has the scaler {scaler.Scaler}: expected -6 to 6", out error);
            channels.Add(new BlockLoadChannel(type, column, scaler.Scaler));
        }
        if (channels.Count == 0) return Fail("the block load has no channel that is known", out error);
        layout = new BlockLoadLayout([.. channels], statusColumn, captureObjects.Count, (int)periodSeconds);
        return true;
    }

    private static bool Fail(string reason, out string error)
    {
        error = reason;
        return false;
    }
}

/// <summary>One channel of a block load.</summary>
public readonly record struct BlockLoadChannel(ReadingType Type, int Column, sbyte Scaler);
