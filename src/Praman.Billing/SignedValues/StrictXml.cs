using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Praman.Metering;

namespace Praman.Billing.SignedValues;

/// <summary>XML from strangers: no document type, no entity, no address followed, and a limit on everything.</summary>
internal static class StrictXml
{
    /// <summary>Octets of a file, at most: a year of quarter hours has less.</summary>
    public const int LengthMax = 16 << 20;

    private const int DepthMax = 32, NodeCountMax = 2_000_000;

    /// <summary>Whether octets begin as XML does, and this tag stands near their beginning.</summary>
    public static bool Begins(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> tag)
    {
        ReadOnlySpan<byte> head = octets[..Math.Min(octets.Length, 4096)].TrimStart("\uFEFF \t\r\n"u8);
        return head.StartsWith("<"u8) && head.IndexOf(tag) >= 0;
    }

    /// <summary>Reads a document; false where it is not well-formed or goes beyond a limit.</summary>
    public static bool TryLoad(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out XDocument? document, out DecodeError error)
    {
        document = null;
        error = default;
        if (octets.Length > LengthMax)
        {
            error = new(LengthMax, $"more than {LengthMax} octets");
            return false;
        }
        byte[] copy = octets.ToArray();
        try
        {
            using (XmlReader reader = Open(copy))
            {
                for (int count = 0; reader.Read(); count++)
                {
                    if (reader.Depth <= DepthMax && count <= NodeCountMax) continue;
                    error = new(0, $"elements more than {DepthMax} deep, or more than {NodeCountMax} nodes");
                    return false;
                }
            }
            using XmlReader again = Open(copy);
            document = XDocument.Load(again);
            return true;
        }
        catch (Exception fault) when (fault is XmlException or ArgumentException) // an encoding that is not known is an ArgumentException
        {
            error = new(0, $"not XML: {fault.Message}");
            return false;
        }
    }

    /// <summary>Children of this local name, whatever their namespace.</summary>
    public static IEnumerable<XElement> Named(this XElement element, string name) => element.Elements().Where(child => child.Name.LocalName == name);

    /// <summary>The text of the only child of this name; null where there is none, or more than one.</summary>
    public static string? Text(this XElement element, string name)
    {
        XElement? found = null;
        foreach (XElement child in element.Named(name))
        {
            if (found is not null) return null;
            found = child;
        }
        return found?.Value.Trim();
    }

    /// <summary>The only child of this name as a whole number from <paramref name="min"/> to <paramref name="max"/>; null where it is not.</summary>
    public static long? Number(this XElement element, string name, long min, long max) =>
        long.TryParse(element.Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max ? value : null;

    private static XmlReader Open(byte[] octets) => XmlReader.Create(
        new MemoryStream(octets, writable: false),
        new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = LengthMax, MaxCharactersFromEntities = 1, CloseInput = true,
            IgnoreComments = true, IgnoreProcessingInstructions = true,
        });
}
