using Praman.Metering;
using Praman.Server.People;
using Spectre.Console;

namespace Praman.Cli.Demo;

/// <summary>Example people, one of each role, and a consumer with a wallet where a home is prepaid; their passwords follow from the seed: they protect a demonstration, and nothing else.</summary>
internal sealed class DemoPeople
{
    private const int PasswordLength = 10;

    private readonly (string As, string Name, string Password)[] _signIns;

    private DemoPeople(PeopleList list, (string As, string Name, string Password)[] signIns)
    {
        List = list;
        _signIns = signIns;
    }

    public PeopleList List { get; }

    /// <summary>The first consumer lives in the home of the first bill, which is postpaid; on a street without bills in the first home.</summary>
    public static DemoPeople Of(DemoRun run, DemoResult result)
    {
        UsagePointId consumer = result.Bills.Sample is { } sample ? sample.UsagePoint : run.Street.Homes[0].UsagePoint.Id;
        string[] passwords = [Password(run, 0), Password(run, 1), Password(run, 2), Password(run, 3), Password(run, 4)];
        List<Person> people =
        [
            Person.Create("asha", "Asha Patel", Role.Consumer, passwords[0], consumer),
            Person.Create("om", "Om Desai", Role.Operator, passwords[1]),
            Person.Create("sunita", "Sunita Mehta", Role.Supervisor, passwords[4]),
            Person.Create("aditi", "Aditi Rao", Role.Auditor, passwords[2]),
        ];
        List<(string As, string Name, string Password)> signIns = [("a consumer", "asha", passwords[0]), ("an operator", "om", passwords[1]), ("a supervisor", "sunita", passwords[4]), ("an auditor", "aditi", passwords[2])];
        if (run.WalletHome is { } prepaid)
        {
            people.Insert(1, Person.Create("meera", "Meera Solanki", Role.Consumer, passwords[3], prepaid.UsagePoint.Id));
            signIns.Insert(1, ("a prepaid consumer", "meera", passwords[3]));
        }
        return new DemoPeople(new PeopleList([.. people]), [.. signIns]);
    }

    /// <summary>The only place where the passwords are said: the file keeps hashes.</summary>
    public void Write(IAnsiConsole console)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("sign in as").AddColumn("name").AddColumn("password");
        foreach ((string role, string name, string password) in _signIns) table.AddRow(role, name, password);
        console.Write(table);
    }

    private static string Password(DemoRun run, ulong number)
    {
        const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";
        byte[] octets = run.Street.DeriveKey("password", number);
        return string.Create(PasswordLength, octets, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = Letters[source[i] % Letters.Length];
        });
    }
}
