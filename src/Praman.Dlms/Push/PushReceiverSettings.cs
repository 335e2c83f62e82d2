using System.Buffers;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;

namespace Praman.Dlms.Push;

/// <summary>Finds keys, counters and policy of a meter by its system title; null for one that is not known. The host keeps them.</summary>
public delegate SecurityContext? SecurityFinder(ReadOnlyMemory<byte> systemTitle);

/// <summary>
/// Opens a General-Ciphering or General-Signing APDU, which name their key themselves, and writes the APDU that it carries.
/// <paramref name="originator"/> is its system title.
/// </summary>
public delegate SecurityOutcome GeneralOpener(ReadOnlySpan<byte> apdu, ReadOnlyMemory<byte> originator, IBufferWriter<byte> plain);

/// <summary>Finds the push_object_list of a meter (class 40, attribute 2), where its pushes carry bare values; null where it is not known.</summary>
public delegate IReadOnlyList<CaptureObject>? TemplateFinder(ReadOnlyMemory<byte> systemTitle, int valueCount);

/// <summary>What a <see cref="PushReceiver"/> knows of the meters that push.</summary>
public sealed record PushReceiverSettings
{
    /// <summary>Keys by system title; ciphered pushes cannot be read without.</summary>
    public SecurityFinder? FindSecurity { get; init; }

    /// <summary>Opens general-ciphering and general-signing; without it they are refused by name.</summary>
    public GeneralOpener? OpenGeneral { get; init; }

    /// <summary>What bare values stand for.</summary>
    public TemplateFinder? FindTemplate { get; init; }

    /// <summary>The sender, where neither APDU nor envelope says it; empty where not known.</summary>
    public ReadOnlyMemory<byte> SystemTitle { get; init; }

    /// <summary>True where a push that nobody has authenticated is refused.</summary>
    public bool RequiresAuthentication { get; init; }

    /// <summary>Octets of the longest push.</summary>
    public int LengthMax { get; init; } = 1 << 16;
}
