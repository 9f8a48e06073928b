//! Many users, one client: sessions that share nothing, and clients that share a session.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use crate::support::{ShopClient, Told, Who, as_in, builder, sign_in, tokens};
use futures::StreamExt;
use futures::stream;
use perennial::store::{MemoryStore, StoreError, Stored, TokenStore, Version};
use perennial::{BoxFuture, ErrorKind, Result, Session, SessionId, api_client};
use perennial_tests::{Part, Protocol, Reply, Server};
use serde_json::json;

fn client(server: &Server) -> (ShopClient, Told) {
    let told = Told::default();
    (builder(server, &told).build().unwrap(), told)
}

/// Another API behind the same login.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001)),
    allow(expiry_without_refresh)
)]
pub trait Billing {
    #[get("/slow")]
    async fn bills(&self) -> Result<String>;
}

#[tokio::test]
async fn clients_that_share_a_session_share_its_refresh() {
    let server = Server::start(Protocol::article());
    let (shop, _) = client(&server);
    let billing = BillingClient::with_session(server.origin(), shop.session()).unwrap();
    sign_in(&server, shop.session(), "ann").await;
    server.expire_all();
    let copy = shop.clone();
    let (orders, bills, copied) = tokio::join!(shop.order(1), billing.bills(), copy.order(2));
    orders.unwrap();
    bills.unwrap();
    copied.unwrap();
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
    // A client that cannot refresh alone starts the refresh of the one that can.
    server.expire_all();
    billing.bills().await.unwrap();
    assert_eq!(server.refreshes(), 2);
}

#[tokio::test]
async fn two_sessions_of_one_client_share_nothing() {
    let server = Server::start(Protocol::article());
    let (ann, _) = client(&server);
    let bob = ann.in_session(&ann.session().sibling());
    assert!(bob.order(1).await.unwrap_err().is_signed_out());
    sign_in(&server, ann.session(), "ann").await;
    assert!(!bob.session().is_signed_in());
    sign_in(&server, bob.session(), "bob").await;
    server.expire_all();
    let hold = server.on_refresh().nth(1).hold();
    let waiting = tokio::spawn(ann.order(1));
    hold.arrived(1).await;
    bob.order(2).await.unwrap();
    assert_eq!(server.refreshes(), 2);
    hold.release();
    waiting.await.unwrap().unwrap();
    assert_eq!(server.recorded_on("/orders/1")[1].user(), Some("ann"));
    assert_eq!(server.recorded_on("/orders/2")[1].user(), Some("bob"));
    ann.session().logout().await.unwrap();
    bob.order(3).await.unwrap();
}

#[tokio::test]
async fn a_call_can_be_made_for_another_session() {
    let server = Server::start(Protocol::article());
    let (ann, _) = client(&server);
    let bob = ann.session().sibling();
    sign_in(&server, ann.session(), "ann").await;
    sign_in(&server, &bob, "bob").await;
    let call = ann.order(1);
    call.in_session(&bob).await.unwrap();
    assert_eq!(server.recorded_on("/orders/1")[0].user(), Some("bob"));
    // It belongs to the session that it was moved to, whatever happens in the other.
    let call = ann.order(2).in_session(&bob);
    ann.session().logout().await.unwrap();
    call.await.unwrap();
    let late = ann.order(3).in_session(&bob);
    sign_in(&server, &bob, "carl").await;
    assert!(late.await.unwrap_err().kind() == ErrorKind::SessionChanged);
    assert_eq!(server.count("/orders/3"), 0);
}

#[tokio::test]
async fn a_sibling_with_a_store_finds_its_tokens_again() {
    let server = Server::start(Protocol::article());
    let (shop, _) = client(&server);
    let store = MemoryStore::new();
    let first = shop.session().sibling_in(store.clone());
    sign_in(&server, &first, "ann").await;
    server.expire_all();
    shop.in_session(&first).order(1).await.unwrap();
    drop(first);
    let second = shop.session().sibling_in(store.clone());
    shop.in_session(&second).order(2).await.unwrap();
    assert_eq!((server.refreshes(), server.expiries()), (1, 1));
    assert!(!shop.session().is_signed_in());
    second.logout().await.unwrap();
    assert!(store.stored().is_none());
}

#[tokio::test]
async fn the_hooks_of_many_sessions_get_the_session_of_each_event() {
    let server = Server::start(Protocol::article());
    let over = Arc::new(Mutex::new(Vec::new()));
    let (told, logouts) = (Told::default(), Arc::clone(&over));
    let builder = builder(&server, &told);
    let shop = builder
        .on_logout(move |why| logouts.lock().unwrap().extend(why.session()))
        .build()
        .unwrap();
    let users: Vec<_> = ["ann", "bob", "carl"].map(|name| (name, shop.session().sibling())).into();
    let ids: BTreeSet<SessionId> = users.iter().map(|(_, session)| session.id()).collect();
    assert!(ids.len() == 3 && !ids.contains(&shop.session().id()));
    for (name, session) in &users {
        sign_in(&server, session, name).await;
        assert_eq!(session.clone().id(), session.id());
    }
    server.expire_all();
    // The server is done with Bob, whose refresh is the second.
    let gone = json!({"code": 1001, "message": "gone", "data": {}});
    server.on_refresh().nth(2).response(Reply::json(&gone));
    for (name, session) in &users {
        let response = shop.in_session(session).order(1).await;
        assert_eq!(response.is_ok(), *name != "bob");
        if let Err(error) = response {
            assert_eq!(error.session(), Some(session.id()));
        }
    }
    let [(_, ann), (_, bob), (_, carl)] = users.as_slice() else { panic!() };
    assert_eq!(*over.lock().unwrap(), [bob.id()]);
    told.quiet().await;
    let about = |session: &Session| {
        let events = told.events();
        let own = events.iter().filter(|event| event.session == session.id());
        own.map(|event| format!("{:?}", event.kind).split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let renewed = ["RefreshStarted", "Queued", "RefreshFinished", "Replayed"];
    for session in [ann, carl] {
        let mut seen = about(session);
        seen.sort_by_key(|name| renewed.iter().position(|known| known == name));
        assert_eq!(seen, renewed);
    }
    assert!(about(bob).contains(&"SessionLost".to_owned()));
    assert!(about(shop.session()).is_empty());
}

#[tokio::test]
async fn a_thousand_users_never_meet() {
    const USERS: usize = 1_000;
    let server = Server::start(Protocol::article());
    let (shop, told) = client(&server);
    let names: Vec<String> = (0..USERS).map(|user| format!("user{user}")).collect();
    let clients: Vec<ShopClient> = stream::iter(&names)
        .then(async |name| {
            let client = shop.in_session(&shop.session().sibling());
            sign_in(&server, client.session(), name).await;
            client
        })
        .collect()
        .await;
    server.expire_all();
    let calls = clients.iter().enumerate().flat_map(|(user, client)| {
        // Two calls each, so that a call waits.
        [0, 1].map(|half| {
            let id = (2 * user + half) as u64;
            async move { client.order(id).await.map(|order| order.id == id) }
        })
    });
    let done: Vec<_> = stream::iter(calls).buffer_unordered(100).collect().await;
    assert_eq!(done.len(), 2 * USERS);
    assert!(done.into_iter().all(|done| done.unwrap()));
    assert_eq!((server.refreshes(), server.reuses()), (USERS, 0));
    let mut users: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
    for request in server.recorded().into_iter().filter(|one| one.part == Part::Call) {
        let user = request.user().map(str::to_owned);
        users.entry(request.path).or_default().insert(user);
    }
    for (user, name) in names.iter().enumerate() {
        for id in [2 * user, 2 * user + 1] {
            let seen = &users[&format!("/orders/{id}")];
            assert_eq!(*seen, BTreeSet::from([Some(name.clone())]));
        }
    }
    told.quiet().await;
    assert_eq!(told.counts().started, USERS as u64);
}

/// A store whose first look takes until the test says so.
#[derive(Clone)]
struct Shut(MemoryStore, Arc<tokio::sync::Semaphore>);

impl TokenStore for Shut {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async {
            // It fails only when it is open for good.
            let _ = self.1.acquire().await;
            self.0.load().await
        })
    }

    as_in! { 0: save, clear }
}

/// A client whose store holds ann's tokens and is still shut.
async fn unread(server: &Server) -> (ShopClient, Shut) {
    let store = Shut(MemoryStore::new(), Arc::new(tokio::sync::Semaphore::new(0)));
    let version = Version { login: 1, generation: 1 };
    let stored = Stored::new(version, tokens(&server.issue("ann")), SystemTime::now());
    store.0.save(&stored, None).await.unwrap();
    let shop = builder(server, &Told::default()).store(store.clone()).build().unwrap();
    (shop, store)
}

#[tokio::test]
async fn a_call_that_waits_for_the_first_load_is_not_sent_as_the_user_who_signs_in_meanwhile() {
    let server = Server::start(Protocol::article());
    let (shop, store) = unread(&server).await;
    let mut anns = Box::pin(shop.place(&json!({"of": "ann"})));
    assert!(futures::poll!(&mut anns).is_pending());
    let ben = tokens(&server.issue("ben"));
    let mut login = Box::pin(shop.session().login(ben));
    assert!(futures::poll!(&mut login).is_pending());
    store.1.close();
    assert!(anns.await.unwrap_err().kind() == ErrorKind::SessionChanged);
    login.await.unwrap();
    shop.place(&json!({"of": "ben"})).await.unwrap();
    assert_eq!(server.placed(), [("ben".to_owned(), json!({"of": "ben"}))]);
}

#[tokio::test]
async fn a_logout_that_waits_for_the_first_load_keeps_the_user_who_signs_in_meanwhile() {
    let server = Server::start(Protocol::article());
    let (shop, store) = unread(&server).await;
    let mut logout = Box::pin(shop.session().logout());
    assert!(futures::poll!(&mut logout).is_pending());
    let ben = server.issue("ben");
    let mut login = Box::pin(shop.session().login(tokens(&ben)));
    assert!(futures::poll!(&mut login).is_pending());
    store.1.close();
    logout.await.unwrap();
    login.await.unwrap();
    assert!(shop.session().is_signed_in());
    assert_eq!(store.0.stored().unwrap().tokens.access(), ben.access);
}

#[tokio::test]
async fn a_login_and_a_refresh_that_wait_for_the_first_load_keep_the_user_who_signs_in_meanwhile() {
    let server = Server::start(Protocol::article());
    let (shop, store) = unread(&server).await;
    let mut dans = Box::pin(shop.login(&Who::named("dan")));
    let mut refresh = Box::pin(shop.session().refresh());
    assert!(futures::poll!(&mut dans).is_pending());
    assert!(futures::poll!(&mut refresh).is_pending());
    let ben = server.issue("ben");
    let mut login = Box::pin(shop.session().login(tokens(&ben)));
    assert!(futures::poll!(&mut login).is_pending());
    store.1.close();
    let (dans, refresh, login) = futures::join!(dans, refresh, login);
    assert!(dans.unwrap_err().kind() == ErrorKind::SessionChanged);
    assert!(refresh.unwrap_err().kind() == ErrorKind::SessionChanged);
    login.unwrap();
    assert_eq!(store.0.stored().unwrap().tokens.access(), ben.access);
    assert_eq!(server.refreshes(), 0);
}

#[tokio::test]
async fn a_refresh_that_is_built_does_not_carry_the_token_of_a_later_user() {
    let server = Server::start(Protocol::article());
    let (shop, _) = client(&server);
    sign_in(&server, shop.session(), "ann").await;
    let anns = shop.refresh();
    let ben = sign_in(&server, shop.session(), "ben").await;
    assert!(anns.build().await.unwrap_err().kind() == ErrorKind::SessionChanged);
    let bens = shop.refresh().build().await.unwrap();
    assert_eq!(bens.headers()["x-token"], *ben.access);
}
