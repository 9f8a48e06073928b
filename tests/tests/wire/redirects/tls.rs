//! The same over real TLS, where the scheme is a part of the origin.

use std::sync::Arc;

use perennial::ErrorKind;
use perennial_tests::{Protocol, Server};
use rcgen::generate_simple_self_signed;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::STATUSES;
use crate::support::{ShopClient, Who, tokens};
use serde_json::json;

/// Two strict servers, each behind an end of TLS of its own, as behind a proxy: one host, and
/// a port for each scheme of each.
struct Scenario {
    server: Server,
    secure: String,
    other: Server,
    other_secure: String,
    shop: ShopClient,
}

impl Scenario {
    async fn new() -> Self {
        let certified = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = certified.cert.der().clone();
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let (server, other) =
            (Server::start(Protocol::article()), Server::start(Protocol::article()));
        let secure = terminate(&server, certificate.clone(), key.clone_key()).await;
        let other_secure = terminate(&other, certificate.clone(), key).await;
        let root = reqwest::Certificate::from_der(&certificate).unwrap();
        let shop = ShopClient::builder(&secure)
            .http(reqwest::Client::builder().no_proxy().tls_certs_only([root]))
            .build()
            .unwrap();
        shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
        Self { server, secure, other, other_secure, shop }
    }

    /// The place of the server itself, without TLS.
    fn plain(&self) -> String {
        self.server.origin().replace("127.0.0.1", "localhost")
    }

    /// Sends a call without a body and one with one, each of which is redirected to another origin.
    async fn sends_nothing_to(&self, origin: &str) {
        for status in STATUSES {
            self.server.behave();
            let before = self.server.requests();
            self.server.on("/orders/1").redirect(status, &format!("{origin}/api/orders/7"));
            self.server.on("POST /orders").redirect(status, &format!("{origin}/api/orders"));
            let order = json!({"title": "secret"});
            let (asked, placed) =
                (self.shop.order(1).await.unwrap_err(), self.shop.place(&order).await.unwrap_err());
            assert!(
                asked.kind() == ErrorKind::Redirect && placed.kind() == ErrorKind::Redirect,
                "{status}: {asked}, {placed}"
            );
            assert_eq!(self.server.requests(), before + 2, "{status}");
            assert_eq!(self.other.requests(), 0, "{status}");
        }
        self.server.behave();
        assert_eq!(self.shop.order(2).await.unwrap().id, 2);
    }
}

/// Ends TLS before a server; gives the address of that end. It runs as long as the test.
async fn terminate(
    server: &Server,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> String {
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let behind = server.origin().strip_prefix("http://").unwrap().to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let mut client = acceptor.accept(stream).await?;
                copy_bidirectional(&mut client, &mut TcpStream::connect(behind).await?).await
            });
        }
    });
    format!("https://localhost:{port}")
}

#[tokio::test]
async fn over_tls_a_redirect_within_the_origin_keeps_the_token() {
    for status in STATUSES {
        let scenario = Scenario::new().await;
        let token = scenario.shop.session().tokens().unwrap();
        for place in ["/api/orders/7".to_owned(), format!("{}/api/orders/7", scenario.secure)] {
            scenario.server.behave();
            scenario.server.on("/orders/1").redirect(status, &place);
            assert_eq!(scenario.shop.order(1).await.unwrap().id, 7, "{status}");
        }
        let requests = scenario.server.recorded_on("/orders/7");
        assert_eq!(requests.len(), 2);
        for request in requests {
            assert_eq!(request.header("x-token"), Some(token.access()), "{status}");
        }
    }
}

#[tokio::test]
async fn a_call_is_never_redirected_from_https_to_http() {
    let scenario = Scenario::new().await;
    let plain = scenario.plain();
    scenario.sends_nothing_to(&plain).await;
    // Not even one that carries nothing: what comes from there may be anyone's.
    scenario.server.on("/health").redirect(302, &format!("{plain}/api/health"));
    let error = scenario.shop.health().await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::Redirect && error.to_string().contains("from https to http"),
        "{error}"
    );
    assert_eq!(scenario.server.count("/health"), 1);
}

#[tokio::test]
async fn a_call_with_a_token_never_leaves_its_port_over_tls() {
    let scenario = Scenario::new().await;
    scenario.sends_nothing_to(&scenario.other_secure).await;
    // The other port is reached, as a public call shows.
    let place = format!("{}/api/health", scenario.other_secure);
    scenario.server.on("/health").redirect(307, &place);
    scenario.shop.health().await.unwrap();
    assert_eq!(scenario.other.requests(), 1);
    assert_eq!(scenario.other.recorded()[0].token, None);
}

#[tokio::test]
async fn a_refresh_and_a_login_never_leave_https() {
    for origin in [Scenario::plain, |scenario: &Scenario| scenario.other_secure.clone()] {
        let scenario = Scenario::new().await;
        let origin = origin(&scenario);
        scenario.server.expire_all();
        let refresh = format!("{origin}/api/refreshtoken");
        scenario.server.on_refresh().redirect(307, &refresh);
        let error = scenario.shop.order(1).await.unwrap_err();
        assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
        assert!(error.to_string().contains("redirect"), "{error}");
        scenario.server.on_login().redirect(307, &format!("{origin}/api/login"));
        let who = Who { password: "hunter22", ..Who::named("ann") };
        assert!(scenario.shop.login(&who).await.unwrap_err().kind() == ErrorKind::Redirect);
        assert_eq!((scenario.server.refreshes(), scenario.server.rotations()), (1, 0));
        assert_eq!(scenario.server.count("/login"), 1);
        assert_eq!(scenario.other.requests(), 0);
    }
}

#[tokio::test]
async fn a_server_without_a_trusted_certificate_gets_no_token() {
    let scenario = Scenario::new().await;
    let shop = ShopClient::builder(&scenario.secure)
        .http(reqwest::Client::builder().no_proxy().tls_certs_only([]))
        .build()
        .unwrap();
    shop.session().login(tokens(&scenario.server.issue("bob"))).await.unwrap();
    assert!(shop.order(1).await.unwrap_err().kind() == ErrorKind::Transport);
    assert_eq!(scenario.server.requests(), 0);
}
