using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Praman.HeadEnd.Inventory;

/// <summary>The key that wraps all meters' keys: 256 bits. In a file for development; behind PKCS#11 elsewhere, with a later version.</summary>
public sealed partial class MasterKey : IDisposable
{
    /// <summary>Octets of a master key.</summary>
    public const int Length = 32;

    private readonly byte[] _octets;
    private readonly byte[] _sealing;

    /// <exception cref="ArgumentException">Not 32 octets.</exception>
    public MasterKey(ReadOnlySpan<byte> octets)
    {
        if (octets.Length != Length) throw new ArgumentException($"a master key has {Length} octets, not {octets.Length}", nameof(octets));
        _octets = octets.ToArray();
        // What is too long for a key wrap is sealed under a key of its own: one key serves one algorithm.
        _sealing = HKDF.DeriveKey(HashAlgorithmName.SHA256, _octets, Length, info: "praman master key: certificates"u8.ToArray());
        Id = Convert.ToHexStringLower(SHA256.HashData([.. "praman master key"u8, .. octets]).AsSpan(0, 8));
    }

    /// <summary>Names the key without telling it.</summary>
    public string Id { get; }

    internal ReadOnlySpan<byte> Octets => _octets;

    /// <summary>The key that seals public keys and certificates (AES-GCM).</summary>
    internal ReadOnlySpan<byte> Sealing => _sealing;

    /// <summary>Reads the key of a file, or makes one where there is no file; only its owner may read it.</summary>
    /// <exception cref="InvalidDataException">The file is not 64 hex digits, or others may read it.</exception>
    public static MasterKey OpenOrCreate(string path)
    {
        if (!File.Exists(path)) Create(path);
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            if ((File.GetUnixFileMode(path) & others) != 0) throw new InvalidDataException($"{path}: the master key can be read by others; expected mode 600");
        }
        string text = File.ReadAllText(path).Trim();
        byte[] octets = new byte[Length];
        if (text.Length != 2 * Length || Convert.FromHexString(text, octets, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            throw new InvalidDataException($"{path}: not a master key; expected {2 * Length} hex digits");
        }
        var key = new MasterKey(octets);
        CryptographicOperations.ZeroMemory(octets);
        return key;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_octets);
        CryptographicOperations.ZeroMemory(_sealing);
    }

    public override string ToString() => $"master key {Id}";

    // Written aside and renamed when it is on the disk, so that no torn key ever stands at the path. The folder itself is not
    // flushed (.NET has no call for it, and the one of Praman.Storage is out of reach here): a power cut within seconds may still lose the whole file.
    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string aside = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.new";
        try
        {
            Write(aside);
            PutInPlace(aside, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first: its key stands, and is the one that is read.
        }
        finally
        {
            File.Delete(aside);
        }
    }

    // A move that may not overwrite looks for the file first and then renames: of two who look at once the later takes the place of
    // the earlier, whose key is then in use and in no file. A second name for the file is given only where there is none. Where
    // the file system has no second names, the move is what there is.
    private static void PutInPlace(string aside, string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(aside, path) == 0) return;
            if (File.Exists(path)) throw new IOException($"{path}: is there already");
        }
        File.Move(aside, path, overwrite: false);
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    private static void Write(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToHexString(RandomNumberGenerator.GetBytes(Length)) + "\n"));
        file.Flush(flushToDisk: true);
    }
}
