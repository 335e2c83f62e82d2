using System.Buffers.Binary;
using System.Globalization;

namespace Praman.Storage.Sqlite;

public sealed partial class SqliteDatabase
{
    /// <summary>Stands at octet 68 of every file that Praman makes: <c>PRMN</c>.</summary>
    public const int ApplicationId = 0x50524D4E;

    private const int HeaderLength = 100;

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    /// <summary>Opens the file, or makes it; brings an older layout up to date. The check is cheap: header, length, layout.</summary>
    /// <exception cref="StoreException">The file is foreign, newer or damaged, or the disk refuses: said by name.</exception>
    public static SqliteDatabase Open(string path)
    {
        CheckHeader(path);
        OwnerOnly.CloseToOthers(path, create: true); // before SQLite: it gives its files beside the database the same mode
        OwnerOnly.CloseToOthers(path + "-wal");
        OwnerOnly.CloseToOthers(path + "-shm");
        SqliteSession session = SqliteSession.Open(path, create: true);
        try
        {
            Prepare(session, path);
            return new SqliteDatabase(path, session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void Prepare(SqliteSession session, string path)
    {
        int version = CheckLayout(session, path);
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA page_size = {SqliteSchema.PageSize}; PRAGMA journal_mode = WAL"));
        session.Execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA fullfsync = ON;
            PRAGMA secure_delete = ON;
            PRAGMA foreign_keys = ON;
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -65536;
            PRAGMA wal_autocheckpoint = 4096;
            """);
        if (session.Scalar("PRAGMA synchronous") != 2) throw new StoreException(StoreFault.InputOutput, $"'{path}': durable writes could not be turned on");
        Migrate(session, version);
    }

    /// <summary>Refuses what is not a Praman database before SQLite touches it. The log file may hold a newer header: the layout is asked for again later.</summary>
    private static void CheckHeader(string path)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        long length;
        int read;
        try
        {
            if (!File.Exists(path)) return;
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            length = file.Length;
            read = file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.InputOutput, $"'{path}' cannot be read: {fault.Message}", fault);
        }
        if (length == 0) return; // made, and cut off before its first page: nothing was ever acknowledged
        if (read < HeaderLength || !header.StartsWith(Magic))
        {
            throw new StoreException(StoreFault.Foreign, $"'{path}' is not a Praman database: expected it to begin with 'SQLite format 3', and it does not");
        }
        int application = BinaryPrimitives.ReadInt32BigEndian(header[68..]);
        if (application is not (0 or ApplicationId)) throw Foreign(path, application);
        int pageSize = BinaryPrimitives.ReadUInt16BigEndian(header[16..]);
        long pages = BinaryPrimitives.ReadUInt32BigEndian(header[28..]);
        long expected = pages * (pageSize == 1 ? 65_536 : pageSize);
        bool hasLog = File.Exists(path + "-wal") && new FileInfo(path + "-wal").Length > 0;
        if (length < expected && !hasLog)
        {
            throw new StoreException(StoreFault.Damaged, $"'{path}' is cut short: its header says {expected} octets, it has {length}; restore a copy, and keep this file");
        }
    }

    private static int CheckLayout(SqliteSession session, string path)
    {
        int application = (int)session.Scalar("PRAGMA application_id");
        long version = session.Scalar("PRAGMA user_version");
        if (application == 0 && version == 0 && session.Scalar("SELECT count(*) FROM sqlite_schema") == 0) return 0;
        if (application != ApplicationId) throw Foreign(path, application);
        if (version > SqliteSchema.Version)
        {
            throw new StoreException(StoreFault.Newer, $"'{path}' has layout {version}; this program knows layouts up to {SqliteSchema.Version}: expected a newer program");
        }
        return (int)version;
    }

    private static void Migrate(SqliteSession session, int from)
    {
        if (from == SqliteSchema.Version) return;
        session.Execute("BEGIN IMMEDIATE");
        for (int version = from; version < SqliteSchema.Version; version++) session.Execute(SqliteSchema.Steps[version]);
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {SqliteSchema.Version}; COMMIT"));
    }

    private static StoreException Foreign(string path, int application) =>
        new(StoreFault.Foreign, $"'{path}' is a SQLite database of another program (application id 0x{application:X8}); expected 0x{ApplicationId:X8}");
}
