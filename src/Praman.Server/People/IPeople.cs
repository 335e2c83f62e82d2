namespace Praman.Server.People;

/// <summary>Who may sign in.</summary>
public interface IPeople
{
    /// <summary>The person of that name, in any case; null where there is none.</summary>
    ValueTask<Person?> FindAsync(string name, CancellationToken cancellationToken);
}
