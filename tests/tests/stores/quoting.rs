//! Stores that quote the tokens in their errors, as drivers of databases do with a statement and its parameters.

use std::fmt;

use crate::support::as_in;
use crate::watched::{calls, client};
use perennial::store::{MemoryStore, StoreError, Stored, TokenStore, Version};
use perennial::{BoxFuture, Tokens};
use perennial_tests::{Protocol, Server};

/// The failure of a statement, with the tokens in it and in its source.
#[derive(Debug)]
struct Statement(String, Option<Box<Statement>>);

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot run {:?}", self.0)
    }
}

impl std::error::Error for Statement {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

/// Saves nothing from this generation of the tokens on.
struct Quoting(MemoryStore, u64);

impl TokenStore for Quoting {
    as_in! { 0: load, clear }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        if next.version.generation < self.1 {
            return self.0.save(next, expected);
        }
        let refresh = next.tokens.refresh().unwrap_or_default();
        let values = format!("'{}', '{refresh}'", next.tokens.access());
        let source = Statement(format!("VALUES ({values})"), None);
        let error = Statement(format!("INSERT INTO tokens {values}"), Some(Box::new(source)));
        Box::pin(async { Err(StoreError::failed(error)) })
    }
}

#[tokio::test]
async fn an_event_about_a_store_shows_none_of_the_tokens_that_its_error_quotes() {
    for generation in [1, 2] {
        let server = Server::start(Protocol::article());
        let (shop, told) = client(&server, Quoting(MemoryStore::new(), generation));
        let granted = Tokens::new(server.issue("ann").access).with_refresh("kept-for-good");
        shop.session().login(granted.clone()).await.unwrap();
        server.expire_all();
        calls(&shop, 1).await;
        let renewed = shop.session().tokens().unwrap();
        assert!(told.count("INSERT INTO tokens") > 0, "{:?}", told.0);
        for secret in [granted.access(), renewed.access(), "kept-for-good"] {
            assert_eq!(told.count(secret), 0, "{:?}", told.0);
        }
    }
}
