namespace Praman.Server.Queries;

/// <summary>For a server on which nothing is billed.</summary>
internal sealed class NoRebills : IRebills
{
    public ValueTask<RebillPage> ReadAsync(int skip, int count, CancellationToken cancellationToken) => new(new RebillPage([], 0, false));
}
