namespace Praman.Stores.Tests.Contract;

/// <summary>What every implementation must do. A class below it for each interface; a class below that for each engine.</summary>
public abstract class StoreContract(Func<Task<IStores>> open) : IAsyncLifetime
{
    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected IStores Stores { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Stores = await open();

    public async ValueTask DisposeAsync()
    {
        await Stores.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> rows)
    {
        var list = new List<T>();
        await foreach (T row in rows) list.Add(row);
        return list;
    }
}
