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

/// Waiting connections; a test that makes thousands of calls at once must not wait for SYNs to be sent again.
const BACKLOG: u32 = 4096;

/// Concurrent requests on one HTTP/2 connection.
const STREAMS: u32 = 100_000;

/// Everything that runs for a server ends with this.
pub(crate) type Stop = watch::Sender<()>;

/// A runtime of the kit's own, on a thread that lasts as long as the process, where the test runs in none.
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
            // The caller waits for it.
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

/// Serves one connection. A request is processed on a task of its own: a real server goes on with what it
/// began when the client hangs up, and a client that counts on the contrary must be found out.
async fn serve(stream: TcpStream, shared: Arc<Shared>, stopped: watch::Receiver<()>) {
    // Without it a response of two writes waits for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let (shared, stopped) = (Arc::clone(&shared), stopped.clone());
        let (response, responded) = tokio::sync::oneshot::channel();
        spawn_until(stopped, async move {
            // A client that has gone does not want the response.
            let _ = response.send(conduct(&shared, request.map(Body::new)).await);
        });
        async move { responded.await.unwrap_or(Err(Closed)) }
    });
    // An error here is a client that hung up, or a connection that the test closes.
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
