//! Receives the redirect of a browser on the loopback (RFC 8252, section 7.3).
//!
//! huskarl has such a listener too, but its future ends only when the browser has also fetched a second page, or ten
//! seconds later, and a slow connection delays all others.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, Write as _};
use std::net::Shutdown;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::ports::BoxFuture;

/// How long a connection may stay silent.
const READING: Duration = Duration::from_secs(60);

/// How many connections are read at the same time. A browser opens a few in advance. If there are more, the oldest of
/// those that have sent no request is closed.
const CONNECTIONS: usize = 64;

/// The largest head, and the largest form, in bytes.
const MOST: usize = 16 * 1024;

/// A redirect, and the connection on which the browser waits for a page.
pub(super) struct Redirect {
    /// The parameters of the server, as a query.
    pub(super) query: String,
    browser: TcpStream,
}

/// Waits for a request to the path of the redirect URI with the `state` of the sign-in. The response to any other
/// request is an error: every page that the user visits can send one (RFC 8252, section 8.9).
pub(super) async fn redirect(
    listener: &TcpListener,
    path: &str,
    state: &str,
) -> io::Result<Redirect> {
    let mut connections = VecDeque::<BoxFuture<'_, (TcpStream, Option<String>)>>::new();
    loop {
        let next = poll_fn(|cx| {
            loop {
                // All of them, so that none is closed whose request has arrived.
                for at in 0..connections.len() {
                    if let Poll::Ready(read) = connections[at].poll_unpin(cx) {
                        connections.remove(at);
                        return Poll::Ready(io::Result::Ok(read));
                    }
                }
                let accepted = std::task::ready!(listener.poll_accept(cx));
                if connections.len() == CONNECTIONS {
                    connections.pop_front();
                }
                connections.push_back(Box::pin(read(accepted?.0)));
            }
        });
        let (browser, target) = next.await?;
        let Some(target) = target else {
            respond(browser, "400 Bad Request", "Bad request");
            continue;
        };
        match target.split_once('?').unwrap_or((&target, "")) {
            (requested, query) if requested == path && has_state(query, state) => {
                return Ok(Redirect { query: query.to_owned(), browser });
            }
            (requested, _) if requested == path => {
                respond(browser, "400 Bad Request", "Not part of this sign-in");
            }
            _ => respond(browser, "404 Not Found", "Not found"),
        }
    }
}

/// Whether a query has this `state`. Each comparison takes the same time, since a page may try as often as it wants.
fn has_state(query: &str, state: &str) -> bool {
    let is_same = |value: &str| {
        let differing = value.bytes().zip(state.bytes()).fold(0, |found, (a, b)| found | (a ^ b));
        value.len() == state.len() && differing == 0
    };
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state");
    values.any(|(_, value)| is_same(&value))
}

impl Redirect {
    /// Shows the final page.
    pub(super) fn show(self, is_signed_in: bool) {
        let text = if is_signed_in { "Signed in" } else { "Not signed in" };
        respond(self.browser, "200 OK", text);
    }
}

/// The connection, and the target of its request with a form that was posted as the query. `None` if it is not a
/// request.
async fn read(mut browser: TcpStream) -> (TcpStream, Option<String>) {
    let target = tokio::time::timeout(READING, target(&mut browser)).await;
    (browser, target.ok().flatten())
}

async fn target(browser: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::with_capacity(4096);
    loop {
        if browser.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&bytes).ok()? {
            httparse::Status::Partial if bytes.len() > MOST => return None,
            httparse::Status::Partial => {}
            httparse::Status::Complete(head) => {
                let target = request.path?.to_owned();
                if request.method != Some("POST") {
                    return Some(target);
                }
                let length = content_length(request.headers)?;
                return form(browser, bytes.split_off(head), length).await.map(|form| {
                    let path = target.split('?').next().unwrap_or_default();
                    format!("{path}?{form}")
                });
            }
        }
    }
}

fn content_length(headers: &[httparse::Header<'_>]) -> Option<usize> {
    let length = headers.iter().find(|it| it.name.eq_ignore_ascii_case("content-length"))?;
    std::str::from_utf8(length.value).ok()?.parse().ok().filter(|length| *length <= MOST)
}

/// The form of a server that posts its parameters (`response_mode=form_post`).
async fn form(browser: &mut TcpStream, mut begun: Vec<u8>, length: usize) -> Option<String> {
    let begun_with = begun.len().min(length);
    begun.resize(length, 0);
    browser.read_exact(&mut begun[begun_with..]).await.ok()?;
    String::from_utf8(begun).ok()
}

/// Sends a page without waiting, so that nothing can be lost meanwhile: the connection has sent nothing before, and
/// its buffer has room for the whole page. A browser that has hung up misses it.
///
/// The page removes the code from the address that the browser shows. It was used already.
fn respond(browser: TcpStream, status: &str, title: &str) {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <link rel=\"icon\" href=\"data:,\">\
         <script>history.replaceState(null, \"\", location.pathname)</script>\
         <h1>{title}</h1><p>Close this page and return to the program.</p></html>"
    );
    let response = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n{page}",
        page.len()
    );
    if let Ok(mut browser) = browser.into_std() {
        let _ = browser.write_all(response.as_bytes());
        let _ = browser.shutdown(Shutdown::Write);
    }
}
