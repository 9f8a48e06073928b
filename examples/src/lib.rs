//! The parts that the examples share.

pub mod server;
pub mod timeline;

use std::time::Duration;

/// The guide's chapter about OpenAPI. Its example checks a trait against this package's own document.
#[cfg(doctest)]
#[doc = include_str!("../../runtime/guide/openapi.md")]
pub struct OpenApiGuide;

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

/// Reads how long a token lives: `2s` or `500ms`, from 10 ms to an hour.
///
/// # Errors
///
/// A message for the user who wrote the text.
pub fn lifetime(text: &str) -> Result<Duration, String> {
    let range = Duration::from_millis(10)..=Duration::from_secs(3600);
    let lifetime = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    range
        .contains(&lifetime)
        .then_some(lifetime)
        .ok_or_else(|| "expected `10ms` to `1h`".to_owned())
}

/// Prints a line, as `println!` does, with colors only on a terminal that wants them. Ends the program
/// quietly when the reader of the output has closed it (`article | head -1`).
#[macro_export]
macro_rules! say {
    ($($what:tt)*) => { $crate::say_line(format_args!($($what)*)) };
}

/// The function behind [`say!`].
pub fn say_line(what: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    if writeln!(anstream::stdout(), "{what}").is_err() {
        std::process::exit(0);
    }
}
