namespace Praman.Proof.Experimental.Pedersen;

/// <summary>What marks the privacy-preserving option as experimental and keeps it off.</summary>
internal static class PedersenOption
{
    /// <summary>The compiler refuses code that names the option's types until it says, by this id, that it means to (docs/reference/pedersen.md).</summary>
    internal const string DiagnosticId = "PRAMAN001";
}
