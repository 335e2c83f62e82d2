using System.Security.Cryptography;
using System.Text;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Notes;

namespace Praman.Storage.Logs;

/// <summary>
/// What a witness keeps: its private key in <c>witness.key</c>, and the last head that it cosigned of each log below <c>heads</c>, as the log signed
/// it. The folder belongs to one process; a head is durable before it is signed.
/// </summary>
public sealed class WitnessFolder : IDisposable
{
    /// <summary>File name of the private key (skey, C2SP signed-note).</summary>
    public const string KeyName = "witness.key";

    private readonly FolderLock _lock;
    private readonly string _heads;

    private WitnessFolder(FolderLock folderLock, string heads, NoteSigningKey key)
    {
        _lock = folderLock;
        _heads = heads;
        Key = key;
    }

    /// <summary>The witness's key; disposed with the folder.</summary>
    public NoteSigningKey Key { get; }

    /// <summary>Takes a folder; makes a key where there is none.</summary>
    /// <param name="folder">The folder; made where it is not there.</param>
    /// <param name="name">The witness's name, such as <c>consumers.example/w1</c>. Needed for a new key; must be the key's own where there is one.</param>
    /// <exception cref="InvalidDataException">A new key has no name, or the key is another's or damaged.</exception>
    /// <exception cref="StoreException">The folder is another process's, or cannot be written.</exception>
    public static WitnessFolder Open(string folder, string? name)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        FolderLock folderLock = FolderLock.Take(folder);
        try
        {
            string heads = Path.Combine(folder, "heads");
            Directory.CreateDirectory(heads);
            DurableFile.FlushFolder(folder);
            return new(folderLock, heads, ReadOrMakeKey(folder, name));
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>The heads of these logs that were cosigned last.</summary>
    /// <exception cref="InvalidDataException">A file is not a head that its log has signed: a witness that has lost its memory must not sign.</exception>
    public IReadOnlyList<WitnessHead> ReadHeads(IEnumerable<NoteVerifierKey> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        var heads = new List<WitnessHead>();
        foreach (NoteVerifierKey log in logs)
        {
            string path = PathOf(log.Name);
            if (!File.Exists(path)) continue;
            if (!SignedCheckpoint.TryParse(File.ReadAllBytes(path), out SignedCheckpoint? head, out DecodeError error)) throw new InvalidDataException($"{path}: {error}");
            if (head.CheckLog(log) != SignatureCheck.Valid) throw new InvalidDataException($"{path}: it is not a head that {log.Name} has signed with the key {log}");
            heads.Add(new(head.Checkpoint.Origin, head.Size, head.Root));
        }
        return heads;
    }

    /// <summary>Keeps a head in place of the one before; durable on return.</summary>
    /// <exception cref="StoreException">The disk refuses.</exception>
    public void Keep(SignedCheckpoint head)
    {
        ArgumentNullException.ThrowIfNull(head);
        DurableFile.Replace(PathOf(head.Checkpoint.Origin), head.Note.Octets);
        DurableFile.FlushFolder(_heads);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Key.Dispose();
        _lock.Dispose();
    }

    /// <summary>An origin may hold any character, a file name not.</summary>
    private string PathOf(string origin) => Path.Combine(_heads, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin))));

    private static NoteSigningKey ReadOrMakeKey(string folder, string? name)
    {
        string path = Path.Combine(folder, KeyName);
        if (File.Exists(path))
        {
            if (!NoteSigningKey.TryParse(File.ReadAllText(path), out NoteSigningKey? key, out DecodeError error)) throw new InvalidDataException($"{path}: {error}");
            if (key.VerifierKey.Type == NoteKeyType.CosignatureV1 && (name is null || name == key.Name)) return key;
            string reason = key.VerifierKey.Type == NoteKeyType.CosignatureV1 ? $"the witness here is named {key.Name}, not {name}" : "it is no key of a witness (type 0x04)";
            key.Dispose();
            throw new InvalidDataException($"{path}: {reason}");
        }
        if (string.IsNullOrEmpty(name)) throw new InvalidDataException($"{path}: there is no key yet; expected a name for a new one, such as consumers.example/w1");
        NoteSigningKey made;
        try
        {
            made = NoteSigningKey.Create(name, NoteKeyType.CosignatureV1);
        }
        catch (ArgumentException fault)
        {
            throw new InvalidDataException(fault.Message, fault);
        }
        DurableFile.Replace(path, Encoding.UTF8.GetBytes(made.ToSecretText() + "\n"), ownerOnly: true);
        DurableFile.FlushFolder(folder);
        return made;
    }
}
