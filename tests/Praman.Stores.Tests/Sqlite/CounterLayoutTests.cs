using Microsoft.Data.Sqlite;
using Praman.Metering;
using Praman.Storage;
using Praman.Storage.Sqlite;

namespace Praman.Stores.Tests.Sqlite;

/// <summary>A database that kept a counter a client goes on with one a meter, above all that was ever sent under the key in use.</summary>
public sealed class CounterLayoutTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheHighestCounterOfAMetersClientsIsKept()
    {
        MakeOld(
            """
            INSERT INTO invocation_counter VALUES ('A', 48, 0, 500), ('A', 32, 0, 900);
            INSERT INTO invocation_counter VALUES ('B', 48, 0, 7000), ('B', 48, 1, 60), ('B', 32, 0, 80);
            INSERT INTO invocation_counter VALUES ('C', 48, 0, 300), ('C', 48, 1, 0);
            INSERT INTO invocation_counter VALUES ('D', 48, 0, 11);
            """);
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, TestContext.Current.CancellationToken);
        Assert.Equal(900u, await NextAsync(store, "A"));
        Assert.Equal(80u, await NextAsync(store, "B")); // its client 32 came after the keys, at epoch 0; the 7,000 went out under the old key
        Assert.Null(await NextAsync(store, "C")); // new keys, and nothing sent yet: the meter is asked
        Assert.Equal(11u, await NextAsync(store, "D"));
        Assert.Equal(900u, await store.Counters.ReserveAsync(new EndDeviceId("A"), 0, 10, TestContext.Current.CancellationToken));
        Assert.Equal(80u, await store.Counters.ReserveAsync(new EndDeviceId("B"), 0, 10, TestContext.Current.CancellationToken));
        await store.Counters.RestartAsync(new EndDeviceId("B"), TestContext.Current.CancellationToken);
        Assert.Equal(0u, await store.Counters.ReserveAsync(new EndDeviceId("B"), 0, 10, TestContext.Current.CancellationToken));
    }

    private static ValueTask<uint?> NextAsync(PramanStore store, string serial) => store.Counters.FindNextAsync(new EndDeviceId(serial), TestContext.Current.CancellationToken);

    private void MakeOld(string rows)
    {
        int layout = Array.FindIndex(SqliteSchema.Steps, step => step.Contains("DROP TABLE client_counter", StringComparison.Ordinal));
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _folder.File(PramanStore.DatabaseName), Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // the test's own text
        command.CommandText = $"{string.Join(';', SqliteSchema.Steps[..layout])}; {rows} PRAGMA application_id = {SqliteDatabase.ApplicationId}; PRAGMA user_version = {layout};";
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
