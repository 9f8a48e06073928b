//! The example that people see: the article as a page.

use std::time::Duration;

use perennial_tests::Protocol;

use crate::driver::{Browser, Tab};
use crate::page::serve;

async fn click(tab: &Tab<'_>, id: &str) {
    tab.until(&format!("document.getElementById('{id}')")).await;
    tab.run(&format!("document.getElementById('{id}').click()")).await;
}

async fn text(tab: &Tab<'_>, id: &str) -> String {
    let text = tab.run(&format!("return document.getElementById('{id}').textContent")).await;
    text.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_article_as_a_page_keeps_two_tabs_signed_in_and_signs_both_out() {
    let server = serve(Protocol::article());
    server.live_for(Duration::from_secs(3));
    let browser = Browser::start().await;
    let first = browser.open(&server.url("/page/example/index.html")).await;
    click(&first, "login").await;
    click(&first, "orders").await;
    first.until("document.querySelectorAll('.orders li').length === 3").await;
    click(&first, "fifty").await;
    first.until("document.getElementById('good').textContent === '51'").await;
    assert_eq!(text(&first, "failed").await, "0");
    assert_ne!(text(&first, "refreshes").await, "0");
    let shown = first.run("return document.body.innerText").await.to_string();
    for words in ["The shop", "the token is renewed", "50 calls done, 0 failed"] {
        assert!(shown.contains(words), "{words} is not in {shown}");
    }
    if let Some(file) = std::env::var_os("SCREENSHOT") {
        std::fs::write(file, first.screenshot().await).unwrap();
    }
    // The second tab is signed in already, and signs out with the first.
    let second = browser.open(&server.url("/page/example/index.html")).await;
    click(&second, "orders").await;
    second.until("document.querySelectorAll('.orders li').length === 3").await;
    click(&first, "logout").await;
    second.until("document.getElementById('login')").await;
    assert_eq!((server.logins(), server.reuses()), (1, 0));
}
