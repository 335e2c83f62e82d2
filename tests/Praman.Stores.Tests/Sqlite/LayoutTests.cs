using System.Text;
using Microsoft.Data.Sqlite;
using NodaTime;
using Praman.Billing.Stores;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage;
using Praman.Storage.Sqlite;

namespace Praman.Stores.Tests.Sqlite;

/// <summary>A database of an earlier layout is brought to this one with what it holds; and what is only appended to, no later hand changes.</summary>
public sealed class LayoutTests : IDisposable
{
    private static readonly UsagePointId One = new(1);
    private static readonly DateInterval April = new(new LocalDate(2026, 4, 1), new LocalDate(2026, 4, 30));
    private readonly TempFolder _folder = new();

    public static TheoryData<int> EarlierLayouts => [.. Enumerable.Range(1, SqliteSchema.Version - 1)];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(EarlierLayouts))]
    public async Task AnEarlierLayoutKeepsItsBillsAndTakesEditsAndReleases(int layout)
    {
        Execute(
            $"PRAGMA page_size = {SqliteSchema.PageSize}; PRAGMA journal_mode = WAL; {string.Join(';', SqliteSchema.Steps[..layout])}; "
            + "INSERT INTO bill (bill_no, usage_point, first_day, last_day, issued, currency, total_minor, energy_wh, estimated_wh, provisional, log_entry, bill, proof, evidence) "
            + "VALUES ('B-1', 1, 9587, 9616, 9618, 'INR', 123456, 210500, 1200, 0, 7, x'7b7d', x'70', x'7b7d'); "
            + $"PRAGMA application_id = {SqliteDatabase.ApplicationId}; PRAGMA user_version = {layout}");
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, TestContext.Current.CancellationToken);
        IssuedBill bill = (await store.Bills.FindAsync("B-1", TestContext.Current.CancellationToken))!;
        Assert.Equal(new BillFacts("B-1", One, April, new LocalDate(2026, 5, 2), "INR", 123_456, 210_500, 1_200, false, 7), bill.Facts);
        Assert.Equal(("{}", "p", "{}"), (Encoding.UTF8.GetString(bill.Bill.Span), Encoding.UTF8.GetString(bill.Proof.Span), Encoding.UTF8.GetString(bill.Evidence.Span)));
        var edit = new ReadingEdit(One, ReadingType.ImportEnergy, Samples.Day(0), null, 1, "anil", "seen on the display") { Evidence = new EditEvidence("photograph 4711", null) };
        await store.Readings.AppendAsync(Samples.Batch(Samples.Block(1, 0), Samples.Block(1, 0, version: 1)) with { Edits = [edit] }, TestContext.Current.CancellationToken);
        EditRelease release = await ReleaseAsync(store);
        Assert.Equal(release, await store.Releases.FindAsync(One, April, release.BlocksSha256, TestContext.Current.CancellationToken));
        IReadOnlyList<UsagePointEvidence> evidence = await store.Readings.ReadEvidenceAsync([new EvidenceQuery(One, Samples.Day(0), Samples.Day(1), Instant.MaxValue)], TestContext.Current.CancellationToken);
        Assert.Equal([edit], evidence[0].Edits);
    }

    [Theory]
    [InlineData("UPDATE edit_release SET supervisor = 'anil'")]
    [InlineData("DELETE FROM edit_release")]
    [InlineData("UPDATE reading_edit SET editor = 'nobody'")]
    [InlineData("DELETE FROM reading_edit")]
    public async Task NoHandChangesWhoEditedAndWhoReleased(string sql)
    {
        await using (PramanStore store = await PramanStore.OpenAsync(_folder.Path, TestContext.Current.CancellationToken))
        {
            await ReleaseAsync(store);
            await store.Readings.AppendAsync(
                Samples.Batch(Samples.Block(1, 0)) with { Edits = [new ReadingEdit(One, ReadingType.ImportEnergy, Samples.Day(0), null, 0, "anil", "seen on the display")] }, TestContext.Current.CancellationToken);
        }
        Assert.Contains("never changed", Assert.Throws<SqliteException>(() => Execute(sql)).Message, StringComparison.Ordinal);
    }

    private static async Task<EditRelease> ReleaseAsync(PramanStore store)
    {
        var release = new EditRelease(One, April, new string('a', 64), "sunita", "the photograph agrees", Samples.Recorded);
        await store.Releases.AddAsync(release, CancellationToken.None);
        return release;
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _folder.File(PramanStore.DatabaseName), Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // the test's own text
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
