using Praman.Stores.Tests.Contract;

namespace Praman.Stores.Tests.Sqlite;

public sealed class SqliteReadingStoreTests() : ReadingStoreContract(SqliteStores.OpenAsync);

public sealed class SqliteReadingFactsTests() : ReadingFactsContract(SqliteStores.OpenAsync);

public sealed class SqliteEvidenceTests() : EvidenceContract(SqliteStores.OpenAsync);

public sealed class SqliteMeterStoreTests() : MeterStoreContract(SqliteStores.OpenAsync);

public sealed class SqliteInvocationCounterTests() : InvocationCounterContract(SqliteStores.OpenAsync);

public sealed class SqliteCollectionStoreTests() : CollectionStoreContract(SqliteStores.OpenAsync);

public sealed class SqliteBillStoreTests() : BillStoreContract(SqliteStores.OpenAsync);

public sealed class SqliteReleaseTests() : ReleaseContract(SqliteStores.OpenAsync);

public sealed class SqliteProofStoreTests() : ProofStoreContract(SqliteStores.OpenAsync);

public sealed class SqliteLedgerTests() : LedgerContract(SqliteStores.OpenAsync);

public sealed class SqliteWalletTests() : WalletContract(SqliteStores.OpenAsync);
