using System.Globalization;
using System.Text;
using Praman.Dlms.Cosem;
using Praman.Testing;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Makes docs/reference/classes.md of the classes' tables, and fails where the page says otherwise.</summary>
public class ClassReferenceTests
{
    private const string Regenerate = "PRAMAN_WRITE_DOCS";

    [Fact]
    public void ThePageOfClassesIsWhatTheTablesSay()
    {
        string path = Path.Combine(TestFiles.Root, "docs", "reference", "classes.md"), made = Make();
        if (Environment.GetEnvironmentVariable(Regenerate) == "1") File.WriteAllText(path, made);
        Assert.True(File.Exists(path) && File.ReadAllText(path) == made,
            $"docs/reference/classes.md is not what the tables in src/Praman.Dlms/Cosem say. Make it anew: {Regenerate}=1 ./praman test Dlms");
    }

    private static string Make()
    {
        var page = new StringBuilder();
        page.Append("""
            # Interface classes
            The COSEM interface classes (IEC 62056-6-2) that are known here: what an object browser names attributes by, and what a server serves. This page is made from the
            tables in `src/Praman.Dlms/Cosem`; a test fails where it differs, and says how to make it anew.

            Classes marked *behaviour* act: they count, collect, switch, come due. All others are set-up data: values that have the shape given, kept in an `AttributeStore`; a method
            of theirs goes to the device's `Invoked`, and is refused as read-write-denied where there is none. A value of another shape is refused as type-unmatched. Access is what the
            class allows at most: an object's own rights may allow less. Attribute 1 of every class is the logical name. Version 3 of class 15 is a
            table for an object browser: no server of ours has it.

            A class of set-up data is added by a text in `src/Praman.Dlms/Cosem/Tables` and its vectors in `tests/vectors/cosem-classes.txt`; one with behaviour by a file and its line in
            `CosemClasses`.

            | class | version | name | kind |
            |---|---|---|---|

            """);
        foreach (CosemClass known in CosemClasses.All) page.Append(CultureInfo.InvariantCulture, $"| {known.ClassId} | {known.Version} | [{known.Words}](#{Anchor(known)}) | {Kind(known)} |\n");
        foreach (CosemClass known in CosemClasses.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {Title(known)}\n| attribute | name | access | | type |\n|---|---|---|---|---|\n");
            foreach (CosemAttribute attribute in known.Attributes.Skip(1))
            {
                string access = (attribute.IsReadable, attribute.IsWritable) switch { (true, true) => "read, write", (true, false) => "read", (false, true) => "write", _ => "none" };
                string selective = attribute.HasSelectiveAccess ? "; selective access" : "";
                page.Append(CultureInfo.InvariantCulture, $"| {attribute.Id} | `{attribute.Name}` | {access} | {(attribute.IsStatic ? "static" : "dynamic")} | {attribute.Shape}{selective} |\n");
            }
            if (known.Methods.Count == 0) continue;
            page.Append("\n| method | name | parameter |\n|---|---|---|\n");
            foreach (CosemMethod method in known.Methods)
                page.Append(CultureInfo.InvariantCulture, $"| {method.Id} | `{method.Name}` | {method.Parameter?.ToString() ?? "checked by the object"} |\n");
        }
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static string Title(CosemClass known) => string.Create(CultureInfo.InvariantCulture, $"{known.ClassId} {known.Words}, version {known.Version}");

    private static string Kind(CosemClass known) => known is CosemClass<AttributeStore> ? "set-up data" : "behaviour";

    // As headings are linked to: small letters, blanks to hyphens, other signs dropped.
    private static string Anchor(CosemClass known) =>
        string.Concat(Title(known).ToLowerInvariant().Replace(' ', '-').Where(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
}
