using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Explain;
using Praman.HeadEnd.Sessions;
using Praman.Metering;

namespace Praman.Cli.Meters;

/// <summary>Reads what a meter without a profile of its present values measures: the registers of its object list, those of M-Bus channels among them.</summary>
internal sealed class RegisterReader(List<MeterValue> values)
{
    private const int RegistersMax = 40;
    private const int RegistersPerRequest = 4; // two attributes each: an answer that any meter can give in one piece

    /// <summary>Registers that the list has and that were not read.</summary>
    public int LeftOut { get; private set; }

    public async ValueTask<SessionError?> ReadAsync(MeterSession session, CancellationToken cancellationToken)
    {
        var list = new ObjectListReader(ObjectNames.Usual);
        if (await list.ReadAsync(session, cancellationToken).ConfigureAwait(false) is { } unlisted) return session.ClientError?.Access is null ? unlisted : null;
        ListedObject[] registers = [.. list.Objects.Where(o => o.ClassId is 3 or 4 or 5 && (o.Readable.Count == 0 || o.Readable.Contains(2)))];
        LeftOut = Math.Max(0, registers.Length - RegistersMax);
        foreach (ListedObject[] some in registers.Take(RegistersMax).Chunk(RegistersPerRequest))
        {
            AttributeDescriptor[] attributes = [.. some.SelectMany(o => (AttributeDescriptor[])[new(o.ClassId, o.LogicalName, 2), new(o.ClassId, o.LogicalName, Scaler(o))])];
            if (await session.GetListAsync(attributes, cancellationToken).ConfigureAwait(false) is { } error)
            {
                if (session.ClientError?.Access is null) return error;
                LeftOut += some.Length;
                continue;
            }
            for (int i = 0; i < some.Length; i++) Add(some[i], session.Results[2 * i], session.Results[(2 * i) + 1]);
        }
        return null;
    }

    private static sbyte Scaler(ListedObject one) => (sbyte)(one.ClassId == 5 ? 4 : 3); // a demand register has its last average between

    // What the meter does not give this client is left out; a register that it empties is shown as empty.
    private void Add(ListedObject one, GetDataResult value, GetDataResult scaler)
    {
        if (!value.IsSuccess) return;
        ScalerUnit? unit = scaler.IsSuccess && scaler.Data.TryGetScalerUnit(out ScalerUnit own) ? own : null;
        string name = ObisNames.Describe(one.LogicalName) ?? one.LogicalName.ToString();
        values.Add(new MeterValue(one.LogicalName.ToString(), 2, name, MeterSurveyor.Text(MeterValues.Of(value.Data, 2, unit)), unit?.Unit.Symbol() ?? ""));
    }
}
