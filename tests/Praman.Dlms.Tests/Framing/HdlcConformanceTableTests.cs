using System.Reflection;
using Praman.Dlms.Tests.Association;
using Praman.Testing;

namespace Praman.Dlms.Tests.Framing;

/// <summary>The table of HDLC cases in docs/conformance says nothing that is not there.</summary>
public class HdlcConformanceTableTests
{
    [Fact]
    public void EveryCaseOfTheTableHasItsTestsAndEveryTestItsCase()
    {
        string[] server = NamesOf(typeof(HdlcConformanceTests)), client = [.. NamesOf(typeof(HdlcClientLinkTests)), .. NamesOf(typeof(HdlcAssociationTests))];
        var cases = new List<string>();
        foreach (string line in File.ReadLines(TestFiles.InRepository("docs", "conformance", "dlms.md")))
        {
            string[] cells = [.. line.Split('|').Select(cell => cell.Trim())];
            if (cells.Length < 5 || !cells[1].StartsWith("HDLC_", StringComparison.Ordinal)) continue;
            cases.Add(cells[1]);
            Assert.Single(server, name => name.StartsWith(cells[1] + "_", StringComparison.Ordinal));
            Assert.Contains(cells[3].Trim('`'), client);
        }
        Assert.Equal(22, cases.Distinct().Count());
        Assert.Equal(22, server.Length);
    }

    private static string[] NamesOf(Type type) => [.. type.GetMethods().Where(m => m.GetCustomAttributes<FactAttribute>().Any()).Select(m => m.Name)];
}
