use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders", auth)]
    async fn orders(&self) -> Result<String>;

    #[get("/offers", auth = optional)]
    async fn offers(&self) -> Result<String>;
}

fn main() {}
