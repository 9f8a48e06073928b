use perennial::{Result, api_client};

#[api_client(auth(expired(status = 401)))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
