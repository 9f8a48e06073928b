use perennial::{ClientBuilder, Result, Tokens, api_client};

#[api_client(auth(bearer))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn without_tokens(builder: ClientBuilder<ShopClient>) -> Result<ShopClient> {
    builder.refresh(|_| async { Ok("token".to_owned()) }).build()
}

fn without_a_future(builder: ClientBuilder<ShopClient>) -> Result<ShopClient> {
    builder.refresh(|_| Ok(Tokens::new("token"))).build()
}

fn once(builder: ClientBuilder<ShopClient>, key: String) -> Result<ShopClient> {
    builder.refresh(move |_| async move { Ok(Tokens::new(key)) }).build()
}

fn without_the_old_tokens(builder: ClientBuilder<ShopClient>) -> Result<ShopClient> {
    builder.refresh(|| async { Ok(Tokens::new("token")) }).build()
}

fn main() {}
