using Praman.Metering;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>What became of one input: read or refused, and what tells it from others.</summary>
/// <param name="Shape">Of what was read: kind, size; inputs of a shape not met before are kept and changed further.</param>
/// <param name="Error">Of what was refused: its place and reason tell it from others.</param>
internal readonly record struct FuzzOutcome(bool IsRead, int Shape, DecodeError Error)
{
    public static FuzzOutcome Read(int shape) => new(true, shape, default);

    public static FuzzOutcome Refused(DecodeError error) => new(false, 0, error);

    public static FuzzOutcome Of(bool read, int shape, DecodeError error) => read ? Read(shape) : Refused(error);
}

/// <summary>An entry point that takes octets from a stranger.</summary>
internal abstract class FuzzTarget(string name) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>Octets that may be allocated for each octet of the input.</summary>
    public virtual int AllocatedPerOctet => 16;

    /// <summary>Octets that may be allocated besides: an error's words, the records of what was read.</summary>
    public virtual int AllocatedConstant => 4_096;

    /// <summary>Milliseconds that an input of this length may take.</summary>
    public virtual double SlowMs(int length) => 100;

    /// <summary>Inputs of a session: what they do may follow from those before. 1 where each stands alone.</summary>
    public virtual int SessionLength => 1;

    /// <summary>True where the offset of an error is one in the input.</summary>
    public virtual bool OffsetIsOfInput => true;

    /// <summary>Inputs to begin with, made by our own encoder.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Long inputs made to cost as much as they can for each octet; they are not changed further.</summary>
    public virtual IEnumerable<byte[]> Dear() => [];

    /// <summary>Layers of the shared vectors whose octets are inputs too.</summary>
    public virtual IReadOnlyList<string> VectorLayers => [];

    /// <summary>Hands the input to the entry point. Time and allocation are measured.</summary>
    public abstract FuzzOutcome Parse(ReadOnlyMemory<byte> input);

    /// <summary>Does with the outcome what its receiver would: encodes it again, asks for its text. It must not throw either.</summary>
    public virtual void Use()
    {
    }

    /// <summary>Sets right what would have most inputs refused at the door: lengths, check sequences. Returns the length.</summary>
    public virtual int Repair(Span<byte> buffer, int length, ref FuzzRandom random) => length;

    /// <summary>Begins a session.</summary>
    public virtual void Restart(FuzzRandom random)
    {
    }

    public void Dispose() => Close();

    /// <summary>Gives up what it holds.</summary>
    protected virtual void Close()
    {
    }

    public override string ToString() => Name;
}
