//! Processes that share a store, and tokens that come to one of them while another one refreshes.

use crate::lost_replies::{FAILS, GOOD, Line};
use crate::pending_writes::until;
use crate::support::as_in;
use perennial::store::{MemoryStore, TokenStore};
use perennial::{RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Carrier, Protocol, Reply, Server};
use serde_json::{Value, json};

#[api_client(auth(bearer, expired(status = 401), renewed(header = "New-Token")))]
pub trait Shop {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/orders")]
    async fn orders(&self) -> Result<Value>;
}

/// The same store, as another process has it. It always looks as if it had changed.
#[derive(Clone)]
struct Shared(MemoryStore);

impl TokenStore for Shared {
    as_in! { 0: load, save, clear }

    fn may_have_changed(&self) -> bool {
        true
    }
}

/// Its refresh is a form, as in OAuth 2.
fn pairs() -> Protocol {
    Protocol { renewal: Carrier::Form("refresh_token"), ..Protocol::pairs() }
}

async fn two_processes(server: &Server) -> (MemoryStore, [ShopClient; 2]) {
    let memory = MemoryStore::new();
    let clients = [(); 2].map(|()| {
        let store = Shared(memory.clone());
        ShopClient::builder(server.origin()).store(store).build().unwrap()
    });
    let granted = server.issue("ann");
    let tokens = Tokens::new(granted.access).with_refresh(granted.refresh.unwrap());
    clients[0].session().login(tokens).await.unwrap();
    clients[1].session().load().await;
    (memory, clients)
}

#[tokio::test]
async fn a_token_that_is_pushed_to_another_process_during_a_refresh_replaces_no_refresh_token() {
    let server = Server::start(Protocol { overlaps: true, ..pairs() });
    let (memory, [one, other]) = two_processes(&server).await;
    let used = memory.stored().unwrap().tokens.refresh().unwrap().to_owned();
    let hold = server.hold_refresh();
    let session = one.session().clone();
    let refreshing = tokio::spawn(async move { session.refresh().await });
    hold.arrived(1).await;
    let pushed = server.issue("ann").access;
    let pushes = Reply::json(&json!([])).header("new-token", &pushed);
    server.on("/orders").first(1).response(pushes);
    other.orders().await.unwrap();
    assert_eq!(memory.stored().unwrap().tokens.access(), pushed);
    hold.release();
    refreshing.await.unwrap().unwrap();
    let renewed = one.session().tokens().unwrap();
    assert_ne!(renewed.refresh(), Some(&*used));
    assert_eq!(memory.stored().unwrap().tokens.refresh(), renewed.refresh());
    for shop in [&other, &one, &other] {
        server.expire_all();
        shop.orders().await.unwrap();
    }
    assert_eq!(server.reuses(), 0);
}

#[tokio::test]
async fn a_refreshed_token_whose_save_failed_replaces_a_used_one_that_was_pushed_meanwhile() {
    let server = Server::start(Protocol { overlaps: true, ..pairs() });
    let line = Line::new(false);
    let [one, other] = [line.clone(), line.of_another()]
        .map(|line| ShopClient::builder(server.origin()).store(line).build().unwrap());
    let granted = server.issue("ann");
    let tokens = Tokens::new(granted.access).with_refresh(granted.refresh.unwrap());
    one.session().login(tokens).await.unwrap();
    other.session().load().await;
    line.set(FAILS);
    one.session().refresh().await.unwrap();
    let renewed = one.session().tokens().unwrap();
    let pushed = server.issue("ann").access;
    let pushes = Reply::json(&json!([])).header("new-token", &pushed);
    server.on("/orders").first(1).response(pushes);
    other.orders().await.unwrap();
    assert_eq!(line.stored().unwrap().tokens.access(), pushed);
    line.set(GOOD);
    until(|| line.stored().unwrap().tokens.refresh() == renewed.refresh()).await;
    server.expire_all();
    one.orders().await.unwrap();
    assert_eq!((server.refreshes(), server.reuses()), (2, 0));
}

#[tokio::test]
async fn processes_in_turn_do_not_refresh_forever_if_the_server_accepts_no_token() {
    let server = Server::start(pairs());
    let (_, clients) = two_processes(&server).await;
    server.always_expired(true);
    let mut errors = Vec::new();
    for _ in 0..30 {
        for shop in &clients {
            errors.push(shop.orders().await.unwrap_err());
        }
    }
    assert!(server.refreshes() <= 10, "{} refreshes", server.refreshes());
    assert_eq!(server.reuses(), 0);
    // They continue at once when it accepts one.
    server.always_expired(false);
    for shop in &clients {
        shop.orders().await.unwrap();
    }
}
