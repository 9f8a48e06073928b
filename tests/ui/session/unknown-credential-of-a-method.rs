use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders", auth(name = "device", header = "X-Device"))]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
