using Parquet;
using Parquet.Schema;

namespace Praman.Cli.Meters;

/// <summary>A table as a Parquet file: the row's instant and local time, then a column a captured attribute, numbers as exact decimals.</summary>
internal static class MeterTableParquet
{
    private const int Precision = 28;

    public static async Task WriteAsync(MeterTable table, Stream stream, CancellationToken cancellationToken)
    {
        var time = new DateTimeDataField("time", DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Millis, isNullable: true);
        var local = new DataField("localTime", typeof(string), isNullable: true);
        var fields = new List<DataField> { time, local };
        var kinds = new List<Type>();
        for (int i = 0; i < table.Columns.Count; i++)
        {
            Type kind = KindOf(table, i);
            kinds.Add(kind);
            string title = table.Columns[i].Title;
            fields.Add(kind == typeof(decimal) ? new DecimalDataField(title, Precision, table.Columns[i].Digits, isNullable: true) : new DataField(title, kind, isNullable: true));
        }
        ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync<DateTime>(time, table.Rows.Select(r => r.At?.ToInstant().ToDateTimeUtc()).ToArray(), cancellationToken: cancellationToken).ConfigureAwait(false);
            await WriteTextAsync(group, local, table.Rows.Select(r => r.At is { } at ? MeterSurveyor.Text(at) : null)).ConfigureAwait(false);
            for (int i = 0; i < table.Columns.Count; i++)
            {
                IEnumerable<object?> values = table.Rows.Select(r => r.Values[i]);
                DataField field = fields[i + 2];
                if (kinds[i] == typeof(decimal)) await group.WriteAsync<decimal>(field, values.Select(v => (decimal?)v).ToArray(), cancellationToken: cancellationToken).ConfigureAwait(false);
                else if (kinds[i] == typeof(bool)) await group.WriteAsync<bool>(field, values.Select(v => (bool?)v).ToArray(), cancellationToken: cancellationToken).ConfigureAwait(false);
                else await WriteTextAsync(group, field, values.Select(v => v is null ? null : MeterTableText.Text(v))).ConfigureAwait(false);
            }
        }
    }

    // The library takes null for an absent text, which its signature does not say.
    private static async Task WriteTextAsync(ParquetRowGroupWriter group, DataField field, IEnumerable<string?> values) =>
        await group.WriteAsync(field, values.Select(v => v!).ToArray()).ConfigureAwait(false);

    // One type for a whole column; text where a meter mixes them.
    private static Type KindOf(MeterTable table, int column)
    {
        Type? kind = null;
        foreach (MeterRow row in table.Rows)
        {
            Type? own = row.Values[column]?.GetType();
            if (own is null) continue;
            if (own != typeof(decimal) && own != typeof(bool)) return typeof(string);
            if (kind is not null && kind != own) return typeof(string);
            kind = own;
        }
        return kind ?? typeof(string);
    }
}
