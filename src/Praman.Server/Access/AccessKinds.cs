namespace Praman.Server.Access;

/// <summary>What can be opened, and what can be done, in the words of the access log.</summary>
public static class AccessKinds
{
    private static readonly string[] Deeds = [SaltsErased, EditsReleased, ReadingsEdited];

    public const string HalfHours = "half-hours", Evidence = "evidence", Wallet = "wallet", SaltsErased = "salts-erased", EditsReleased = "edits-released", ReadingsEdited = "readings-edited";

    /// <summary>Whether a record says that something was looked at; the others say that something was done.</summary>
    public static bool IsLook(string what) => !Deeds.Contains(what, StringComparer.Ordinal);
}
