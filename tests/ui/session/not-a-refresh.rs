use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn use_it() -> Result<ShopClient> {
    ShopClient::builder("https://shop.example").refresh(Tokens::new("token")).build()
}

fn main() {}
