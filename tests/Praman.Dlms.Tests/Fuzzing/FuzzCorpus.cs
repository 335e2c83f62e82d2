using Praman.Dlms.Tests.Explain;
using Praman.Testing;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>Inputs that are kept: <c>tests/corpus/TARGET.hex</c>, one a line, what it is for after a hash; and the shared vectors, where they are.</summary>
internal static class FuzzCorpus
{
    public static string Folder => TestFiles.InRepository("tests", "corpus");

    /// <summary>Everything that a target begins with.</summary>
    public static IReadOnlyList<byte[]> Of(FuzzTarget target) =>
    [
        .. target.Seeds(),
        .. Load(target.Name),
        .. Vectors.All.Where(vector => target.VectorLayers.Contains(vector.Layer)).Select(vector => vector.Bytes).Where(octets => octets.Length <= FuzzMutator.LengthMax),
    ];

    /// <summary>An element many times over.</summary>
    public static byte[] Repeat(int count, params byte[] element) => [.. Enumerable.Repeat(element, count).SelectMany(octets => octets)];

    public static IEnumerable<byte[]> Load(string name)
    {
        string path = Path.Combine(Folder, name + ".hex");
        if (!File.Exists(path)) return [];
        return File.ReadLines(path).Select(line => line.Split('#')[0].Trim()).Where(hex => hex.Length > 0).Select(Convert.FromHexString);
    }
}
