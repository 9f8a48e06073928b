//! A refresh takes no idle connection, which the server may be closing.

use perennial::{Result, Tokens, api_client};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<()>;
}

/// Responds to each request, says nothing of closing, and closes.
async fn hasty(mut stream: TcpStream) {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut request).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    let body = r#"{"access_token":"a"}"#;
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(response.as_bytes()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_refresh_is_lost_to_a_server_that_closes_after_each_response() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(hasty(stream));
        }
    });
    for shop in [
        ShopClient::builder(&origin).build().unwrap(),
        ShopClient::builder(&origin).http_with(|http| http.user_agent("shop/1")).build().unwrap(),
    ] {
        shop.session().login(Tokens::new("a")).await.unwrap();
        for _ in 0..500 {
            // Leaves a connection in the pool that the server closes at this moment.
            let _ = shop.fast().await;
            shop.session().refresh().await.unwrap();
        }
    }
}
