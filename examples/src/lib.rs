//! The parts that the examples share.

pub mod amount;
pub mod lifetime;
pub mod server;
pub mod timeline;

/// Serves an API on a free port of the loopback until the program ends, and says where.
///
/// # Errors
///
/// If the loopback has no free port.
pub async fn serve(router: axum::Router) -> std::io::Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://{address}"))
}

/// Prints a line, as `println!` does. When whoever read the output has gone away (`article | head -1`),
/// the program ends quietly, since nobody is left to be told anything.
#[macro_export]
macro_rules! say {
    ($($what:tt)*) => { $crate::say_line(format_args!($($what)*)) };
}

/// What [`say!`] stands for.
pub fn say_line(what: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    if writeln!(std::io::stdout(), "{what}").is_err() {
        std::process::exit(0);
    }
}
