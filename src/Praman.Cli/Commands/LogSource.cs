using System.Net;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;
using Praman.Storage.Logs;

namespace Praman.Cli.Commands;

/// <summary>The public files of a log, in a folder or below an address.</summary>
internal abstract class LogSource : ITileReader, IDisposable
{
    /// <summary>Opens a source by what the user wrote.</summary>
    /// <exception cref="InvalidDataException">It is neither an address nor a folder that is there.</exception>
    public static LogSource Open(string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https") return new Web(address);
        return Directory.Exists(text)
            ? new Disk(new LogFolder(text))
            : throw new InvalidDataException($"{text}: there is no such folder; expected a folder with {LogFolder.CheckpointName} and tile/, or the address of one, http(s)://…");
    }

    /// <summary>The signed head; null where there is none.</summary>
    public abstract byte[]? ReadCheckpoint();

    /// <inheritdoc/>
    public abstract bool TryRead(TilePath path, out ReadOnlyMemory<byte> octets);

    public virtual void Dispose()
    {
    }

    private sealed class Disk(LogFolder folder) : LogSource
    {
        public override byte[]? ReadCheckpoint() => folder.ReadCheckpoint();

        public override bool TryRead(TilePath path, out ReadOnlyMemory<byte> octets) => folder.TryRead(path, out octets);
    }

    private sealed class Web : LogSource
    {
        /// <summary>256 entries of 65,535 octets, each after its length.</summary>
        private const int TileLengthMax = TilePath.FullWidth * (2 + EntryBundle.EntryLengthMax);

        private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

        private readonly HttpClient _client = new() { Timeout = Timeout };
        private readonly string _prefix;

        public Web(Uri address) => _prefix = address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/";

        public override byte[]? ReadCheckpoint() => Get(LogFolder.CheckpointName, SignedNote.LengthMax);

        public override bool TryRead(TilePath path, out ReadOnlyMemory<byte> octets)
        {
            byte[]? read = Get(path.ToString(), path.IsEntries ? TileLengthMax : path.Width * Proof.Digest.Length);
            octets = read;
            return read is not null;
        }

        public override void Dispose()
        {
            _client.Dispose();
            base.Dispose();
        }

        /// <summary>Null where it is not there, or longer than it may be.</summary>
        /// <exception cref="HttpRequestException">The server does not answer, or answers with an error of its own.</exception>
        private byte[]? Get(string path, int lengthMax)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _prefix + path);
            try
            {
                using HttpResponseMessage response = _client.Send(request, HttpCompletionOption.ResponseHeadersRead);
                if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone) return null;
                response.EnsureSuccessStatusCode();
                using Stream stream = response.Content.ReadAsStream();
                using var read = new MemoryStream();
                byte[] part = new byte[8192];
                for (int count; (count = stream.Read(part)) > 0;)
                {
                    if (read.Length + count > lengthMax) return null;
                    read.Write(part, 0, count);
                }
                return read.ToArray();
            }
            catch (OperationCanceledException fault)
            {
                throw new HttpRequestException($"{_prefix}{path}: no answer in {Timeout.TotalSeconds:0} s", fault);
            }
            catch (IOException fault)
            {
                throw new HttpRequestException($"{_prefix}{path}: {fault.Message}", fault);
            }
        }
    }
}
