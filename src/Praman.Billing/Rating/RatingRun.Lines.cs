using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Lines in the making, and what is made of them: the lines of a bill, or their amounts alone.</summary>
internal sealed partial class RatingRun
{
    /// <summary>Stands for a component that has no line on this bill.</summary>
    private const int None = -1;

    private int[] _components = [];
    private Line[] _lines = new Line[8];
    private int _lineCount;

    /// <summary>Parts of all lines one after the other; from <see cref="_openParts"/> on, those of the line in the making.</summary>
    private readonly List<RatedPart> _parts = [];
    private int _openParts;

    /// <summary>What a <see cref="RatedLine"/> is made of.</summary>
    private struct Line
    {
        public string Id, Label, Unit;
        public ChargeGroup Group;
        public LineKind Kind;
        public ExactFraction Quantity;
        public decimal? Rate;
        public decimal Amount;
        public int FirstPart, PartCount;
        public IReadOnlyList<string> Sources;
        public ExactFraction? Average;
        public bool IsOpen;
    }

    /// <summary>Net of the bill; null where a line that is not waived is open.</summary>
    public decimal? Net
    {
        get
        {
            decimal net = 0;
            bool open = false;
            for (int i = 0; i < _lineCount; i++)
            {
                open |= _lines[i].IsOpen;
                net += _lines[i].Amount;
            }
            return open && !_openIsWaived ? null : net;
        }
    }

    public int LineCount => _lineCount;

    /// <summary>What a line charges.</summary>
    public Prepayment.PostingLine AmountOf(int line) => new(_lines[line].Id, _lines[line].Group, _lines[line].Amount);

    /// <summary>Id of the first line that is open; null: none is.</summary>
    public string? FirstOpen
    {
        get
        {
            for (int i = 0; i < _lineCount; i++)
            {
                if (_lines[i].IsOpen) return _lines[i].Id;
            }
            return null;
        }
    }

    /// <returns>Where the line stands.</returns>
    private int AddLine(CompiledComponent component, LineKind kind, in ExactFraction quantity, string unit, bool isOpen = false, ExactFraction? average = null)
    {
        TariffComponent source = component.Source;
        IReadOnlyList<string> sources = component.SourcesOf(_points);
        _points.Clear();
        int line = MakeLine(source.Id, source.Label, source.Group, kind, quantity, unit, sources, isOpen, average);
        _components[component.Index] = line;
        return line;
    }

    /// <summary>Closes the parts gathered so far into a line.</summary>
    /// <returns>Where it stands.</returns>
    private int MakeLine(string id, string label, ChargeGroup group, LineKind kind, in ExactFraction quantity, string unit, IReadOnlyList<string> sources, bool isOpen = false, ExactFraction? average = null)
    {
        decimal amount = 0;
        ReadOnlySpan<RatedPart> parts = PartsFrom(_openParts, _parts.Count - _openParts);
        decimal? rate = parts.Length > 0 ? parts[0].Rate : null;
        foreach (ref readonly RatedPart part in parts)
        {
            amount += part.Amount;
            if (rate is { } one && part.Rate != one) rate = null;
        }
        if (_lineCount == _lines.Length) Array.Resize(ref _lines, 2 * _lineCount);
        ref Line line = ref _lines[_lineCount];
        (line.Id, line.Label, line.Unit, line.Group, line.Kind, line.Sources, line.IsOpen) = (id, label, unit, group, kind, sources, isOpen);
        (line.Quantity, line.Rate, line.Amount, line.Average) = (quantity, rate, amount, average);
        (line.FirstPart, line.PartCount) = (_openParts, parts.Length);
        _openParts = _parts.Count;
        return _lineCount++;
    }

    /// <summary>The line of an earlier component; false where it does not apply.</summary>
    private bool TryLineOf(int component, out int line)
    {
        line = _components[component];
        return line != None;
    }

    private ReadOnlySpan<RatedPart> PartsFrom(int first, int count) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_parts).Slice(first, count);

    /// <summary>Sum of the parts gathered so far; they are dropped: no line is made of them.</summary>
    private decimal TakeSum()
    {
        decimal sum = SumOfParts();
        _parts.RemoveRange(_openParts, _parts.Count - _openParts);
        return sum;
    }

    private decimal SumOfParts()
    {
        decimal sum = 0;
        foreach (ref readonly RatedPart part in PartsFrom(_openParts, _parts.Count - _openParts)) sum += part.Amount;
        return sum;
    }

    private RatedLine[] MakeLines()
    {
        RatedLine[] lines = new RatedLine[_lineCount];
        for (int i = 0; i < lines.Length; i++) lines[i] = Made(i);
        return lines;
    }

    private RatedLine Made(int index)
    {
        ref readonly Line line = ref _lines[index];
        return new()
        {
            Id = line.Id,
            Label = line.Label,
            Group = line.Group,
            Kind = line.Kind,
            Quantity = line.Quantity,
            Unit = line.Unit,
            Rate = line.Rate,
            Amount = line.Amount,
            Parts = PartsFrom(line.FirstPart, line.PartCount).ToArray(),
            Sources = line.Sources,
            Rounding = _rules.LineRounding,
            IsOpen = line.IsOpen,
            Average = line.Average,
        };
    }
}
