namespace Praman.Metering;

/// <summary>Why bytes were refused: a value, never an exception.</summary>
/// <param name="Offset">Octets from the start of the input to the place of the fault.</param>
/// <param name="Reason">What was found there and what was expected, in words.</param>
/// <param name="Clause">The standard and clause that asks for it; null where none does.</param>
public readonly record struct DecodeError(int Offset, string Reason, string? Clause = null)
{
    public override string ToString() =>
        Clause is null ? $"at byte {Offset}: {Reason}" : $"at byte {Offset}: {Reason} ({Clause})";
}
