namespace Praman.Storage.Sqlite;

/// <summary>
/// Rows in key order, a page at a time: between pages no session is held and no snapshot stands in the way of the log's checkpoint,
/// however slow the reader is. Rows that are added meanwhile behind the place reached are seen, those before it are not.
/// </summary>
/// <param name="next">The page after a row (null: the first); an empty page ends the stream.</param>
internal sealed class PagedRows<TRow>(SqliteDatabase database, Func<SqliteSession, TRow?, IReadOnlyList<TRow>> next) : IAsyncEnumerable<TRow>
    where TRow : class
{
    /// <inheritdoc/>
    public IAsyncEnumerator<TRow> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new Rows(database, next, cancellationToken);

    private sealed class Rows(SqliteDatabase database, Func<SqliteSession, TRow?, IReadOnlyList<TRow>> next, CancellationToken cancellationToken)
        : IAsyncEnumerator<TRow>
    {
        private IReadOnlyList<TRow> _page = [];
        private int _index = -1;
        private TRow? _last;

        public TRow Current => _page[_index];

        public ValueTask<bool> MoveNextAsync()
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++_index < _page.Count) return new(true);
            if (_page.Count > 0) _last = _page[^1];
            _page = database.Read(static (session, rows) => rows.Next(session), this);
            _index = 0;
            return new(_page.Count > 0);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private IReadOnlyList<TRow> Next(SqliteSession session) => next(session, _last);
    }
}
