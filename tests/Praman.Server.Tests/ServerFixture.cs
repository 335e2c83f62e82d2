namespace Praman.Server.Testing;

/// <summary>One server for the tests that do not disturb one another.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    internal SampleServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await SampleServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    internal TestClient Stranger() => new(Server);

    internal Task<TestClient> AsAsync(string name) => new TestClient(Server).SignInAsync(name);
}
