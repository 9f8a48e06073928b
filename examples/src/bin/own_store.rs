//! A token store of your own, on an embedded database.
//!
//! ```text
//! cargo run --bin own_store
//! ```

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use perennial::store::{StoreError, Stored, TokenStore, Version};
use perennial::{BoxFuture, Tokens, api_client};
use perennial_examples::say;
use perennial_examples::server::{Options, Server};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

/// By the name of the user: the version, and the record as JSON.
const TOKENS: TableDefinition<&str, (&str, &str)> = TableDefinition::new("tokens");

/// The tokens of one user, in a table that many users share.
struct TableStore {
    database: Arc<Database>,
    user: String,
}

impl TableStore {
    fn row(&self) -> Result<Option<Stored>, Box<dyn Error + Send + Sync>> {
        let rows = self.database.begin_read()?.open_table(TOKENS)?;
        let Some(row) = rows.get(&*self.user)? else { return Ok(None) };
        let (_, record) = row.value();
        Ok(Some(serde_json::from_str(record)?))
    }

    /// Replaces or removes the row, if it has the expected version. It is one transaction; a conflict drops
    /// it, which undoes it.
    fn set_row(
        &self,
        expected: Option<Version>,
        next: Option<&Stored>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let transaction = self.database.begin_write()?;
        {
            let mut rows = transaction.open_table(TOKENS)?;
            let version = rows.get(&*self.user)?.map(|row| row.value().0.to_owned());
            if version != expected.map(|version| version.to_string()) {
                return Err(StoreError::Conflict.into());
            }
            match next {
                Some(next) => {
                    let (version, record) =
                        (next.version.to_string(), serde_json::to_string(next)?);
                    rows.insert(&*self.user, (&*version, &*record))?;
                }
                None => drop(rows.remove(&*self.user)?),
            }
        }
        Ok(transaction.commit()?)
    }
}

/// Databases with an async driver need only an `async` block here; this one blocks for a few milliseconds.
impl TokenStore for TableStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async { self.row().map_err(store_error) })
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.set_row(expected, Some(next)).map_err(store_error) })
    }

    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.set_row(Some(expected), None).map_err(store_error) })
    }

    fn location(&self) -> Option<String> {
        Some(format!("table:{:p}:{}", Arc::as_ptr(&self.database), self.user))
    }
}

fn store_error(error: Box<dyn Error + Send + Sync>) -> StoreError {
    match error.downcast::<StoreError>() {
        Ok(error) => *error,
        Err(error) => StoreError::failed(error),
    }
}

#[derive(Debug, Serialize)]
struct Credentials {
    name: &'static str,
    password: &'static str,
}

#[derive(Debug, Deserialize)]
struct Order {
    id: u64,
    title: String,
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001))
)]
trait Shop {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Credentials) -> perennial::Result<Tokens>;

    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> perennial::Result<Tokens>;

    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> perennial::Result<Order>;
}

fn client(server: &Server, path: &Path) -> Result<ShopClient, Box<dyn Error>> {
    let database = Database::create(path)?;
    // The table exists from the first transaction on.
    let transaction = database.begin_write()?;
    transaction.open_table(TOKENS)?;
    transaction.commit()?;
    let store = TableStore { database: Arc::new(database), user: "ann".to_owned() };
    Ok(ShopClient::builder(server.url()).store(store).build()?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let ttl = Duration::from_millis(200);
    let server = Server::start(Options { ttl, ..Options::default() }).await?;
    let path =
        std::env::temp_dir().join(format!("perennial-own-store-{}.redb", std::process::id()));
    {
        let shop = client(&server, &path)?;
        shop.login(&Credentials { name: "ann", password: "secret" }).await?;
        say!("signed in; the tokens are in {}", path.display());
    }
    tokio::time::sleep(ttl).await;
    {
        // As after a restart of the program.
        let shop = client(&server, &path)?;
        let order = shop.order(1).await?;
        say!("order {}: {}, with {} refresh", order.id, order.title, server.counts().refreshes);
        shop.session().logout().await?;
    }
    let shop = client(&server, &path)?;
    if !shop.order(1).await.is_err_and(|error| error.is_signed_out()) {
        return Err("a call was sent after the sign-out".into());
    }
    say!("signed out");
    std::fs::remove_file(path)?;
    Ok(())
}
