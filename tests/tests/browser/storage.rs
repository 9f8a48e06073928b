//! Storage that fails: calls go on with the tokens in memory, and an event says why.

use perennial_tests::{Protocol, Server};

use crate::driver::{Browser, Tab};
use crate::page::{all_good, events, open, serve};

async fn goes_on(tab: &Tab<'_>, server: &Server) {
    all_good(&tab.call("orders(3)").await, 3);
    server.expire_all();
    all_good(&tab.call("orders(25)").await, 25);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
    assert!(events(tab, "StoreFailed").await > 0);
}

#[tokio::test]
async fn local_storage_that_is_full_stops_no_call() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "local").await;
    let fill = "let text = 'x'.repeat(1 << 20), i = 0; \
                while (text.length) { try { localStorage.setItem('fill' + i++, text); } \
                catch (e) { text = text.slice(0, text.length / 2); } }";
    tab.run(fill).await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    goes_on(&tab, &server).await;
}

#[tokio::test]
async fn local_storage_that_is_blocked_stops_no_call() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = browser.tab(&server.url("/page/tests/index.html")).await;
    let block = "Object.defineProperty(window, 'localStorage', {get() { \
                 throw new DOMException('Access is denied for this document.', 'SecurityError'); }});";
    tab.run(block).await;
    tab.call("open('', 'local')").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    goes_on(&tab, &server).await;
    let told = tab.call("told()").await.to_string();
    assert!(told.contains("Access is denied"), "{told}");
}

#[tokio::test]
async fn local_storage_that_was_cleared_manually_is_a_loss_and_not_a_sign_out() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "local").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    tab.run("localStorage.clear()").await;
    goes_on(&tab, &server).await;
    // The next token set is there again, for the other tabs.
    assert!(tab.run("return localStorage.getItem('tokens')").await.is_string());
}

#[tokio::test]
async fn an_unreadable_record_is_set_aside() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = browser.tab(&server.url("/page/tests/index.html")).await;
    tab.run("localStorage.setItem('tokens', 'nonsense')").await;
    tab.call("open('', 'local')").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    all_good(&tab.call("orders(3)").await, 3);
    assert_eq!(tab.run("return localStorage.getItem('tokens.corrupt')").await, "nonsense");
}

#[tokio::test]
async fn a_reload_finds_the_tokens_in_either_storage() {
    for store in ["local", "session"] {
        let server = serve(Protocol::article());
        let browser = Browser::start().await;
        let tab = open(&browser, &server, store).await;
        assert_eq!(tab.call("login('ann')").await["ok"], true);
        tab.go(&server.url("/page/tests/index.html")).await;
        tab.ready().await;
        tab.call(&format!("open('', '{store}')")).await;
        assert_eq!(tab.call("who()").await["ok"], "ann");
        // The other storage is empty.
        let other = if store == "local" { "sessionStorage" } else { "localStorage" };
        assert_eq!(tab.run(&format!("return {other}.length")).await, 0);
        assert_eq!(server.logins(), 1);
    }
}
