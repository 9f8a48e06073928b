//! Logins that could not be saved yet, while another process changes what the store has.

use crate::lost_replies::{FAILS, GOOD, LOSES, Line, assert_stored, renew};
use crate::support::ShopClient;
use crate::watched::{calls, client, sign_in};
use perennial::Tokens;
use perennial_tests::{Protocol, Server};

#[derive(Debug, Clone, Copy)]
enum Elsewhere {
    RenewsBefore,
    Renews,
    SignsOut,
    SignsIn,
}

async fn change(elsewhere: Elsewhere, server: &Server, other: &ShopClient) {
    match elsewhere {
        Elsewhere::RenewsBefore | Elsewhere::Renews => renew(server, other).await,
        Elsewhere::SignsOut => other.session().logout().await.unwrap(),
        Elsewhere::SignsIn => {
            other.session().login(Tokens::new(server.issue("eve").access)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_login_that_could_not_be_saved_yet_is_renewed_as_its_own_user_whatever_others_did() {
    use Elsewhere::{Renews, RenewsBefore, SignsIn, SignsOut};
    for elsewhere in [RenewsBefore, Renews, SignsOut, SignsIn] {
        for has_lock in [false, true] {
            let server = Server::start(Protocol::article());
            let line = Line::new(has_lock);
            let (shop, events) = client(&server, line.clone());
            sign_in(&server, &shop).await;
            let (other, _) = client(&server, line.of_another());
            calls(&other, 1).await;
            if let RenewsBefore = elsewhere {
                change(elsewhere, &server, &other).await;
            }
            line.set(FAILS);
            let ben = Tokens::new(server.issue("ben").access);
            shop.session().login(ben).await.unwrap();
            line.set(GOOD);
            if !matches!(elsewhere, RenewsBefore) {
                change(elsewhere, &server, &other).await;
            }
            server.expire_all();
            let before = server.requests();
            calls(&shop, 3).await;
            let case = format!("{elsewhere:?}, lock {has_lock}: {:?}", events.0);
            let sent = server.recorded();
            let users: Vec<_> = sent[before..].iter().filter_map(|it| it.user()).collect();
            assert_eq!(users, ["ben"; 6], "as another user: {case}");
            assert_eq!((events.count("Adopted"), server.reuses()), (0, 0), "{case}");
            assert_stored(&server, &line, &shop).await;
        }
    }
}

#[tokio::test]
async fn a_login_whose_save_lost_its_response_adopts_what_another_process_made_of_it() {
    let server = Server::start(Protocol::article());
    let line = Line::new(true);
    let (shop, _) = client(&server, line.clone());
    sign_in(&server, &shop).await;
    line.set(LOSES);
    shop.session().login(Tokens::new(server.issue("ben").access)).await.unwrap();
    line.set(FAILS);
    let (other, _) = client(&server, line.of_another());
    renew(&server, &other).await;
    let renewed = other.session().tokens().unwrap();
    calls(&shop, 1).await;
    assert_eq!(shop.session().tokens().unwrap().access(), renewed.access());
    line.set(GOOD);
    renew(&server, &shop).await;
    assert_stored(&server, &line, &shop).await;
}
