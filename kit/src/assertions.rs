//! Assertions about what arrived, with readable differences.

use std::fmt::Write;

use similar::{ChangeTag, TextDiff};

use crate::record::Recorded;
use crate::{Route, Server, Verdict};

impl Server {
    /// Everything that arrived, one line for each request, in order:
    ///
    /// ```text
    /// POST /login
    /// GET /orders/7?page=2 (token 1 of ann, expired)
    /// ```
    ///
    /// Paths are below the base. The token is shown where one was checked: `(no token)`, `(unknown token)`,
    /// `(token 1 of ann)`, `(token 1 of ann, expired)`.
    #[must_use]
    pub fn transcript(&self) -> Vec<String> {
        self.recorded().iter().map(line).collect()
    }

    /// Checks everything that arrived against a [`transcript`](Self::transcript).
    ///
    /// # Panics
    ///
    /// With the difference, line by line, if something else arrived.
    #[track_caller]
    pub fn assert_arrived<'a>(&self, expected: impl IntoIterator<Item = &'a str>) {
        let expected: Vec<&str> = expected.into_iter().collect();
        let arrived = self.transcript();
        let arrived: Vec<&str> = arrived.iter().map(String::as_str).collect();
        if arrived != expected {
            panic!("what arrived differs (- expected, + arrived):\n{}", diff(&expected, &arrived));
        }
    }

    /// Checks how many requests arrived at a route, which is written below the base, as in the declaration.
    ///
    /// ```
    /// # use perennial_test::Server;
    /// # use perennial::{Result, api_client};
    /// # #[api_client]
    /// # pub trait Shop {
    /// #     #[get("/stock/{id}")]
    /// #     async fn stock(&self, id: u64) -> Result<u64>;
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let server = Server::declared::<ShopClient>();
    /// # server.offer("/stock/{id}", 14.into());
    /// # let shop = ShopClient::builder(server.origin()).build()?;
    /// shop.stock(7).await?;
    /// shop.stock(8).await?;
    /// server.assert_count("GET /stock/{id}", 2);
    /// server.assert_count("GET /stock/7", 1);
    /// server.assert_all_matched();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// With the whole transcript, if the number differs.
    #[track_caller]
    pub fn assert_count(&self, route: impl Into<Route>, expected: usize) {
        let route = route.into();
        let count = self.count(&route);
        if count != expected {
            let transcript = self.transcript().join("\n  ");
            let base = self.protocol().base;
            let below = match !base.is_empty() && route.path().starts_with(base) {
                true => format!(" (a route is written below the base `{base}`)"),
                false => String::new(),
            };
            panic!(
                "expected {expected} requests of {route}, {count} arrived{below}:\n  {transcript}"
            );
        }
    }

    /// Checks that every request matched an endpoint.
    ///
    /// # Panics
    ///
    /// With each request that matched none, and the most similar endpoint.
    #[track_caller]
    pub fn assert_all_matched(&self) {
        let mut text = String::new();
        for request in self.recorded() {
            if let Some(nearest) = &request.unmatched {
                let _ = write!(text, "\n  {} {}", request.method, request.path);
                if !nearest.is_empty() {
                    let _ = write!(text, " (nearest: {nearest})");
                }
            }
        }
        assert!(text.is_empty(), "requests without an endpoint:{text}");
    }
}

fn line(request: &Recorded) -> String {
    let query = request.target.split_once('?').map(|(_, query)| format!("?{query}"));
    let token = match &request.verdict {
        Verdict::Unchecked => String::new(),
        Verdict::Missing => " (no token)".to_owned(),
        Verdict::Unknown => " (unknown token)".to_owned(),
        Verdict::Good { user, generation } => format!(" (token {generation} of {user})"),
        Verdict::Expired { user, generation, .. } => {
            format!(" (token {generation} of {user}, expired)")
        }
    };
    let hidden = query.filter(|_| !request.has_token_in_query).unwrap_or_default();
    format!("{} {}{hidden}{token}", request.method, request.path)
}

/// The differing lines of two lists, as `diff -u` shows them.
pub(crate) fn diff(expected: &[&str], found: &[&str]) -> String {
    let mut text = String::new();
    for change in TextDiff::from_slices(expected, found).iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        let _ = writeln!(text, "{sign} {}", change.value());
    }
    text
}
