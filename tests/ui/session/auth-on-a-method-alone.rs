use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders", auth(bearer, expired(status = 401)))]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
