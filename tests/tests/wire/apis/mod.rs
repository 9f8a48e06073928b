//! Public APIs, declared from their documentation as a user would, each against a server on the loopback that responds
//! as documented, with an expiry in the middle where tokens expire.

mod discord;
mod django;
mod gitlab;
mod graph;
mod hasura;
mod kubernetes;
mod matrix;
mod model;
mod registry;
mod salesforce;
mod sap;
mod stripe;

use perennial::Session;
use perennial_tests::{Protocol, Reply, Server};
use serde_json::Value;

use crate::support::tokens;

/// A server with the names and the refusals of an API.
fn server(protocol: Protocol) -> Server {
    Server::start(protocol)
}

/// A protocol of bearer tokens whose expiry is said by this response.
fn bearer(refresh: &'static str, status: u16, expired: &Value) -> Protocol {
    let expired = Reply::rejection(status, expired);
    Protocol { refresh, expired, ..Protocol::pairs() }
}

/// Signs a user in without a request.
async fn sign_in(server: &Server, session: &Session) {
    session.login(tokens(&server.issue("ann"))).await.unwrap();
}
