//! The server of the quick start: the shop of the article on a fixed port.
//!
//! `cargo run --bin shop` serves `http://127.0.0.1:8080` until it is interrupted; `--port` takes another
//! port, and `--ttl` sets the lifetime of a token in seconds.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::Parser;
use perennial_examples::server::{Options, Server};

#[derive(Parser)]
#[command(about = "Serves the shop's API on the loopback")]
struct Arguments {
    /// Port on the loopback; 0 takes any free port.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Lifetime of a token, in seconds.
    #[arg(long, default_value_t = 2.0)]
    ttl: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { port, ttl } = Arguments::parse();
    let options = Options { ttl: Duration::try_from_secs_f64(ttl)?, ..Options::default() };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let server = Server::start_at(address, options)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}; try --port 8081"))?;
    println!("listening on {}; press Ctrl-C to stop", server.url());
    tokio::signal::ctrl_c().await?;
    let counts = server.counts();
    println!("{} requests, {} refreshes", counts.requests, counts.refreshes);
    Ok(())
}
