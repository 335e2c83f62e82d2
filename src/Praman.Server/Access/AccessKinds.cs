namespace Praman.Server.Access;

/// <summary>What can be opened, and what can be done, in the words of the access log.</summary>
public static class AccessKinds
{
    public const string HalfHours = "half-hours", Evidence = "evidence", Wallet = "wallet", SaltsErased = "salts-erased", EditsReleased = "edits-released";
}
