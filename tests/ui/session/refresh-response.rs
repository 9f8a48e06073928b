use perennial::{Result, api_client};

#[derive(serde::Deserialize)]
struct Renewed {
    _token: String,
}

#[api_client(auth(expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Renewed>;
}

fn main() {}
