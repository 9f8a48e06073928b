//! Several tabs of one browser.

use perennial_tests::{Protocol, Server};

use crate::driver::{Browser, Tab};
use crate::page::{all_good, events, logouts, open, serve};

/// A server, and two tabs of a browser, of which the first has signed in.
async fn two_tabs(browser: &Browser) -> (Server, Tab<'_>, Tab<'_>) {
    let server = serve(Protocol::article());
    let first = open(browser, &server, "local").await;
    let second = open(browser, &server, "local").await;
    assert_eq!(first.call("login('ann')").await["ok"], true);
    (server, first, second)
}

#[tokio::test]
async fn two_tabs_with_25_calls_each_refresh_once() {
    let browser = Browser::start().await;
    let (server, first, second) = two_tabs(&browser).await;
    all_good(&second.call("orders(1)").await, 1);
    server.expire_all();
    let refresh = server.hold_refresh();
    first.start("orders(25)").await;
    second.start("orders(25)").await;
    server.arrived("/refreshtoken", 1).await;
    refresh.release();
    all_good(&first.end().await, 25);
    all_good(&second.end().await, 25);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[tokio::test]
async fn many_expiries_under_two_tabs_never_use_a_refresh_token_twice() {
    let browser = Browser::start().await;
    let (server, first, second) = two_tabs(&browser).await;
    for round in 1..=30 {
        server.expire_all();
        first.start("orders(5)").await;
        second.start("orders(5)").await;
        all_good(&first.end().await, 5);
        all_good(&second.end().await, 5);
        assert_eq!((server.refreshes(), server.reuses()), (round, 0));
    }
}

#[tokio::test]
async fn a_tab_that_closes_during_a_refresh_delays_no_other() {
    let browser = Browser::start().await;
    let (server, first, second) = two_tabs(&browser).await;
    server.expire_all();
    server.on_refresh().nth(1).never();
    first.start("orders(2)").await;
    server.arrived("/refreshtoken", 1).await;
    second.start("orders(5)").await;
    server.arrived("/orders/5", 1).await;
    // It waits for the lock that the other tab holds, and gets it with the end of that tab alone.
    second.until_awaited("(await navigator.locks.query()).pending.length === 1").await;
    assert_eq!(server.refreshes(), 1);
    first.close().await;
    all_good(&second.end().await, 5);
    assert_eq!((server.rotations(), server.reuses()), (1, 0));
}

#[tokio::test]
async fn a_tab_that_crashes_during_a_refresh_delays_no_other() {
    let browser = Browser::start().await;
    let (server, first, second) = two_tabs(&browser).await;
    server.expire_all();
    server.on_refresh().nth(1).never();
    first.start("orders(2)").await;
    server.arrived("/refreshtoken", 1).await;
    second.start("orders(5)").await;
    second.until_awaited("(await navigator.locks.query()).pending.length === 1").await;
    // The tabs are different processes, as those of different windows are.
    first.crash().await;
    all_good(&second.end().await, 5);
    assert_eq!((server.rotations(), server.reuses()), (1, 0));
}

#[tokio::test]
async fn a_change_in_one_tab_reaches_the_other_before_its_next_call() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let first = open(&browser, &server, "local").await;
    let second = open(&browser, &server, "local").await;
    // A sign-in.
    assert_eq!(first.call("login('ann')").await["ok"], true);
    assert_eq!(second.call("who()").await["ok"], "ann");
    // A renewal: the other tab carries the new token, and is never told that the old one has expired.
    server.expire_all();
    all_good(&first.call("orders(1)").await, 1);
    let expiries = server.expiries();
    assert_eq!(second.call("who()").await["ok"], "ann");
    assert_eq!((server.expiries(), server.refreshes()), (expiries, 1));
    // A change of the user.
    assert_eq!(first.call("login('bob')").await["ok"], true);
    // A call that was made for ann is not sent for bob; the next one is his.
    assert_eq!(second.call("who()").await["error"], "SessionChanged");
    assert_eq!(second.call("who()").await["ok"], "bob");
    // A sign-out: the call is not sent, and the hook is called once.
    assert_eq!(first.call("forget()").await["ok"], true);
    let sent = server.count("/orders/{id}");
    assert!(!second.call("order(1)").await["error"].is_null());
    assert!(!second.call("order(1)").await["error"].is_null());
    assert_eq!(server.count("/orders/{id}"), sent);
    assert_eq!((logouts(&first).await, logouts(&second).await), (0, 1));
}

#[tokio::test]
async fn a_tab_that_follows_signs_out_with_the_other_at_once() {
    let browser = Browser::start().await;
    let (_server, first, second) = two_tabs(&browser).await;
    assert_eq!(second.call("who()").await["ok"], "ann");
    second.call("follow()").await;
    first.call("logout()").await;
    second.until("!page.signed_in()").await;
    assert_eq!((logouts(&first).await, logouts(&second).await), (0, 1));
    // And in again.
    assert_eq!(first.call("login('bob')").await["ok"], true);
    second.until("page.signed_in()").await;
    assert_eq!(second.call("who()").await["ok"], "bob");
}

#[tokio::test]
async fn a_session_that_the_server_ends_ends_in_both_tabs_with_one_hook_each() {
    let browser = Browser::start().await;
    let (server, first, second) = two_tabs(&browser).await;
    assert_eq!(second.call("who()").await["ok"], "ann");
    second.call("follow()").await;
    server.revoke_all();
    let outcome = first.call("orders(10)").await;
    assert_eq!(outcome["good"], 0, "{outcome}");
    second.until("!page.signed_in()").await;
    assert_eq!((logouts(&first).await, logouts(&second).await), (1, 1));
    // And once more for the next session, which the other tab sees the end of.
    assert_eq!(first.call("login('bob')").await["ok"], true);
    first.call("follow()").await;
    second.until("page.signed_in()").await;
    server.revoke_all();
    assert_eq!(second.call("orders(10)").await["good"], 0);
    first.until("!page.signed_in()").await;
    assert_eq!((logouts(&first).await, logouts(&second).await), (2, 2));
}

#[tokio::test]
async fn tabs_that_are_not_secure_have_no_web_locks_and_continue() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let address = server.url("/page/tests/index.html").replace("127.0.0.1", "insecure.example");
    let (first, second) = (browser.tab(&address).await, browser.tab(&address).await);
    for tab in [&first, &second] {
        assert_eq!(tab.run("return isSecureContext || 'locks' in navigator").await, false);
        tab.call("open('', 'local')").await;
    }
    assert_eq!(first.call("login('ann')").await["ok"], true);
    assert_eq!(second.call("who()").await["ok"], "ann");
    server.expire_all();
    all_good(&first.call("orders(25)").await, 25);
    assert!(events(&first, "StoreFailed").await > 0);
    // One that comes later takes the new token from the storage.
    all_good(&second.call("orders(25)").await, 25);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
    assert_eq!(first.call("logout()").await["ok"], true);
    assert!(!second.call("order(1)").await["error"].is_null());
}

#[tokio::test]
async fn without_web_locks_calls_continue_and_an_event_says_so() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = browser.tab(&server.url("/page/tests/index.html")).await;
    tab.run("Object.defineProperty(Navigator.prototype, 'locks', {value: undefined})").await;
    tab.call("open('', 'local')").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    server.expire_all();
    all_good(&tab.call("orders(25)").await, 25);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
    assert!(events(&tab, "StoreFailed").await > 0);
    let told = tab.call("told()").await.to_string();
    assert!(told.contains("tabs are not coordinated"), "{told}");
}

#[tokio::test]
async fn a_page_that_has_slept_uses_the_time_of_day_and_starts_no_storm() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "local").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    all_good(&tab.call("orders(1)").await, 1);
    // Three hours later, in which no timer ran: the token lives for two.
    tab.devtools("Page.setWebLifecycleState", serde_json::json!({"state": "frozen"})).await;
    tab.devtools("Page.setWebLifecycleState", serde_json::json!({"state": "active"})).await;
    tab.run("const now = Date.now; Date.now = () => now() + 3 * 3600 * 1000;").await;
    all_good(&tab.call("orders(25)").await, 25);
    // It was renewed before any call carried it.
    assert_eq!((server.expiries(), server.refreshes(), server.reuses()), (0, 1, 0));
    assert_eq!(events(&tab, "RefreshStarted").await, 1);
}

#[tokio::test]
async fn a_tab_that_slept_through_three_renewals_carries_the_newest_token() {
    let browser = Browser::start().await;
    let (server, first, second) = two_tabs(&browser).await;
    all_good(&second.call("orders(1)").await, 1);
    second.call("follow()").await;
    second.devtools("Page.setWebLifecycleState", serde_json::json!({"state": "frozen"})).await;
    for round in 1..=3 {
        server.expire_all();
        all_good(&first.call("orders(5)").await, 5);
        assert_eq!(server.refreshes(), round);
    }
    let expiries = server.expiries();
    second.devtools("Page.setWebLifecycleState", serde_json::json!({"state": "active"})).await;
    all_good(&second.call("orders(25)").await, 25);
    // No call carried an old token, and none was renewed again.
    assert_eq!((server.expiries(), server.refreshes(), server.reuses()), (expiries, 3, 0));
    assert_eq!(events(&second, "RefreshStarted").await, 0);
}

#[tokio::test]
async fn a_tab_that_is_frozen_during_a_refresh_delays_the_others_for_a_limited_time() {
    let browser = Browser::start().await;
    let (server, first, second) = two_tabs(&browser).await;
    // Its time passes four times as fast.
    second.run("const real = setTimeout; window.setTimeout = (f, ms) => real(f, ms / 4);").await;
    server.expire_all();
    server.on_refresh().nth(1).never();
    first.start("orders(2)").await;
    server.arrived("/refreshtoken", 1).await;
    // Browsers do not freeze a page by themselves while it holds a lock; some are stopped by hand.
    first.devtools("Page.setWebLifecycleState", serde_json::json!({"state": "frozen"})).await;
    all_good(&second.call("orders(5)").await, 5);
    let told = second.call("told()").await["events"].to_string();
    assert!(told.contains("StoreFailed"), "{told}");
    assert_eq!((server.rotations(), server.reuses()), (1, 0));
    // The one that wakes takes the token that the other has stored.
    first.devtools("Page.setWebLifecycleState", serde_json::json!({"state": "active"})).await;
    all_good(&first.end().await, 2);
    all_good(&first.call("orders(5)").await, 5);
    assert_eq!((server.rotations(), server.reuses()), (1, 0));
}

#[tokio::test]
async fn a_page_that_comes_back_from_the_cache_knows_the_changes_since() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let first = open(&browser, &server, "local").await;
    // A browser that is short of memory may not keep the page.
    for _ in 0..3 {
        let second = open(&browser, &server, "local").await;
        assert_eq!(first.call("login('ann')").await["ok"], true);
        assert_eq!(second.call("who()").await["ok"], "ann");
        second.call("follow()").await;
        second.run("window.addEventListener('pageshow', e => window.kept = e.persisted)").await;
        second.go(&server.url("/page/tests/index.html?elsewhere")).await;
        first.call("logout()").await;
        second.back().await;
        second.ready().await;
        if second.run("return window.kept === true").await == true {
            second.until("!page.signed_in()").await;
            assert_eq!(logouts(&second).await, 1);
            assert!(!second.call("order(1)").await["error"].is_null());
            return;
        }
        second.close().await;
    }
    panic!("the browser kept the page in none of three attempts");
}
