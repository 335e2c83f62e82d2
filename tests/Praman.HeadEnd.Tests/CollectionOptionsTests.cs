using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Praman.HeadEnd.Collection;

namespace Praman.HeadEnd.Tests;

public class CollectionOptionsTests
{
    [Fact]
    public void TheDefaultsAreValidAndSettingsAreRead()
    {
        CollectionOptions options = Bind(("SessionCountMax", "7"), ("ReplyTimeout", "00:00:05"));
        Assert.Equal((7, TimeSpan.FromSeconds(5), 6), (options.SessionCountMax, options.ReplyTimeout, options.AttemptCountMax));
        Assert.Equal("Asia/Kolkata", options.Zone().Id);
    }

    [Theory]
    [InlineData("SessionCountMax", "0")]
    [InlineData("ReplyTimeout", "00:00:00")]
    [InlineData("ClientTitle", "12")]
    [InlineData("AttemptCountMax", "101")]
    [InlineData("TimeZone", "")]
    public void AValueOutOfRangeIsRefusedByName(string name, string value) =>
        Assert.Contains(name, Assert.Throws<OptionsValidationException>(() => Bind((name, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void AZoneThatDoesNotExistIsSaid() =>
        Assert.Contains("Asia/Nowhere", Assert.Throws<InvalidDataException>(() => Bind(("TimeZone", "Asia/Nowhere")).Zone()).Message, StringComparison.Ordinal);

    private static CollectionOptions Bind(params (string Name, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(s => new KeyValuePair<string, string?>($"HeadEnd:Collection:{s.Name}", s.Value))).Build();
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        CollectionOptions.Register(services);
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<CollectionOptions>>().Value;
    }
}
