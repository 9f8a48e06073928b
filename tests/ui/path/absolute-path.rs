use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("https://accounts.example/token", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("https://shop.example/orders")]
    async fn orders(&self) -> Result<String>;

    #[get("/users", host = "users")]
    async fn users(&self) -> Result<String>;

    #[get("//shop.example/items")]
    async fn items(&self) -> Result<String>;
}

fn main() {}
