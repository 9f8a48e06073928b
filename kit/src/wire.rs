//! The socket: connections that can be closed in the middle of a response.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;

use axum::body::Body;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Builder, EnterGuard, Handle};
use tokio::sync::watch;

use crate::conduct::{Closed, conduct};
use crate::server::Shared;

/// The backlog of connections: a test that makes thousands of calls at once must not wait for SYNs to be retransmitted.
const BACKLOG: u32 = 4096;

/// Concurrent requests on one HTTP/2 connection.
const STREAMS: u32 = 100_000;

/// Dropping this ends everything that runs for a server.
pub(crate) type Stop = watch::Sender<()>;

/// A separate runtime, on a thread that lasts as long as the process, for tests that run in none.
pub(crate) fn entered() -> Option<EnterGuard<'static>> {
    static OWN: OnceLock<Handle> = OnceLock::new();
    if Handle::try_current().is_ok() {
        return None;
    }
    let own = OWN.get_or_init(|| {
        let (started, handle) = mpsc::sync_channel(1);
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("the system allows a runtime");
            // The caller blocks on it.
            let _ = started.send(runtime.handle().clone());
            runtime.block_on(std::future::pending::<()>());
        });
        handle.recv().expect("the thread has a runtime")
    });
    Some(own.enter())
}

/// Listens at an address; port 0 takes a free one.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts connections until the sender is dropped or sends.
pub(crate) fn accept(listener: TcpListener, shared: Arc<Shared>) -> Stop {
    let (stop, stopped) = watch::channel(());
    let stopping = stopped.clone();
    spawn_until(stopped, async move {
        while let Ok((stream, _)) = listener.accept().await {
            let serving = serve(stream, Arc::clone(&shared), stopping.clone());
            spawn_until(stopping.clone(), serving);
        }
    });
    stop
}

/// Serves one connection. A request is processed on its own task: a real server continues after the client hangs
/// up, and a client that relies on the opposite must be detected.
async fn serve(stream: TcpStream, shared: Arc<Shared>, stopped: watch::Receiver<()>) {
    // Without it, a response in two writes waits for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let (shared, stopped) = (Arc::clone(&shared), stopped.clone());
        let (response, responded) = tokio::sync::oneshot::channel();
        spawn_until(stopped, async move {
            // A client that is gone does not need the response.
            let _ = response.send(conduct(&shared, request.map(Body::new)).await);
        });
        async move { responded.await.unwrap_or(Err(Closed)) }
    });
    // An error here means that the client hung up, or that the test closed the connection.
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().header_read_timeout(None);
    builder.http2().max_concurrent_streams(STREAMS);
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

fn spawn_until(mut stopped: watch::Receiver<()>, work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(async move {
        tokio::select! {
            biased;
            _ = stopped.changed() => {}
            () = work => {}
        }
    });
}
