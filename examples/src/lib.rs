//! The parts that the examples share.

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
