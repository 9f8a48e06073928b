//! A command-line tool that saves its login between runs. Many copies of it may run at once.
//!
//! ```text
//! cargo run --bin cli -- serve --ttl 5s         # in one terminal; it prints its address
//! export SHOP=http://127.0.0.1:<port>
//! cargo run --bin cli -- login ann
//! cargo run --bin cli -- order 1                # again and again, also when the token has expired
//! cargo run --bin cli -- many --processes 8     # starts a server and eight copies of itself
//! ```

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use perennial::store::FileStore;
use perennial::{Event, EventKind, Result as ApiResult, Tokens, api_client};
use perennial_examples::server::{Options, Server};
use perennial_examples::{lifetime, say};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

/// A shop on the command line. The login is saved between runs.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where the shop is; the environment variable SHOP by default
    #[arg(long, global = true)]
    server: Option<String>,
    /// The file for the login; by default one for each shop, in `perennial-shop` in the platform's data
    /// directory
    #[arg(long, global = true)]
    file: Option<PathBuf>,
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Runs a shop to try the tool with, until it is interrupted
    Serve {
        /// How long a token lives: `5s` or `500ms`; from 10 ms to an hour
        #[arg(long, default_value = "5s", value_parser = lifetime)]
        ttl: Duration,
    },
    /// Signs in
    Login {
        /// The user's name
        name: String,
    },
    /// Signs out
    Logout,
    /// Shows an order, and renews the login if necessary
    Order {
        /// Its number
        id: u64,
    },
    /// Starts a shop, signs in, and runs this tool many times at once when the token has expired
    Many {
        /// How many times: 1 to 100
        #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=100))]
        processes: u64,
    },
}

/// Who signs in.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(Deserialize))]
struct Credentials {
    name: String,
    password: String,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
struct Order {
    id: u64,
    title: String,
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001)),
    serve = test
)]
trait Shop {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Credentials) -> ApiResult<Tokens>;

    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> ApiResult<Tokens>;

    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> ApiResult<Order>;
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    match &arguments.command {
        Task::Serve { ttl } => serve(*ttl).await,
        Task::Many { processes } => many(*processes).await,
        Task::Login { name } => {
            let who = Credentials { name: name.clone(), password: "secret".to_owned() };
            client(&arguments)?.login(&who).await?;
            say!("signed in as {name}");
            Ok(())
        }
        Task::Logout => {
            client(&arguments)?.session().logout().await?;
            say!("signed out");
            Ok(())
        }
        Task::Order { id } => {
            let order = client(&arguments)?.order(*id).await.map_err(|error| {
                if error.is_signed_out() {
                    "please sign in".into()
                } else {
                    Box::<dyn Error>::from(error)
                }
            })?;
            say!("order {}: {}", order.id, order.title);
            Ok(())
        }
    }
}

fn client(arguments: &Arguments) -> Result<ShopClient, Box<dyn Error>> {
    let server = arguments.server.clone().or_else(|| std::env::var("SHOP").ok());
    let server = server.ok_or("where is the shop? Give --server, or set SHOP")?;
    let store = match &arguments.file {
        Some(file) => FileStore::at(file),
        // Tokens belong to the server that issued them.
        None => FileStore::in_data_dir("perennial-shop")?.named(&server),
    };
    let client = ShopClient::builder(&server).store(store).on_event(warn).build()?;
    Ok(client)
}

/// Warns about a login that could not be saved. The call itself still works.
fn warn(event: &Event) {
    if let EventKind::StoreFailed { reason, .. } = &event.kind {
        eprintln!("warning: {reason}");
    }
}

async fn serve(ttl: Duration) -> Result<(), Box<dyn Error>> {
    let server = Server::start(Options { ttl, ..Options::default() }).await?;
    say!("export SHOP={}", server.url());
    tokio::signal::ctrl_c().await?;
    let counts = server.counts();
    say!("{} requests, {} of them refreshes", counts.requests, counts.refreshes);
    Ok(())
}

async fn many(processes: u64) -> Result<(), Box<dyn Error>> {
    let ttl = Duration::from_secs(2);
    say!("signing in, then starting {processes} processes when the token has expired");
    let server = Server::start(Options { ttl, ..Options::default() }).await?;
    let directory = std::env::temp_dir().join(format!("perennial-shop-{}", std::process::id()));
    let file = directory.join("tokens.json");
    let this = std::env::current_exe()?;
    let run = |words: &[&str]| {
        let mut command = Command::new(&this);
        command.arg("--server").arg(server.url()).arg("--file").arg(&file).args(words);
        command
    };
    if !run(&["login", "ann"]).status().await?.success() {
        return Err("the login failed".into());
    }
    tokio::time::sleep(ttl).await;
    let orders: Vec<_> = (1..=processes)
        .map(|id| run(&["order", &id.to_string()]).spawn())
        .collect::<Result<_, _>>()?;
    let mut failed = 0;
    for mut order in orders {
        failed += u64::from(!order.wait().await?.success());
    }
    let counts = server.counts();
    std::fs::remove_dir_all(&directory)?;
    say!(
        "{processes} processes, {failed} failed, {} expired, {} refreshed",
        counts.expiries,
        counts.refreshes
    );
    // On a slow machine all of them may take longer than one token lives, and then renew the next.
    if failed > 0 || counts.reuses > 0 || counts.refreshes != counts.expiries {
        return Err("the processes got in each other's way".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use perennial_test::Server;

    use super::*;

    struct FakeShop;

    impl Shop for FakeShop {
        async fn login(&self, _: &Credentials) -> ApiResult<Tokens> {
            Ok(Tokens::new("the server issues its own"))
        }

        async fn refresh(&self) -> ApiResult<Tokens> {
            Ok(Tokens::new("the server issues its own"))
        }

        async fn order(&self, id: u64) -> ApiResult<Order> {
            Ok(Order { id, title: "a pen".to_owned() })
        }
    }

    #[tokio::test]
    async fn an_order_is_shown_though_the_token_has_expired() -> Result<(), Box<dyn Error>> {
        let server = Server::serve::<ShopClient, _>(FakeShop);
        let shop = ShopClient::builder(server.origin()).build()?;
        shop.login(&Credentials { name: "ann".into(), password: "secret".into() }).await?;
        server.expire_all();
        assert_eq!(shop.order(7).await?.title, "a pen");
        server.assert_count("POST /refreshtoken", 1);
        Ok(())
    }

    perennial_test::drill!(ShopClient, FakeShop);
}
