use perennial::{Result, Tokens, api_client};

#[api_client(
    auth(bearer, expired(status = 401)),
    auth(name = "device", header = "X-Device", expired(status = 403))
)]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/devices", refresh(device))]
    async fn refresh_device(&self) -> Result<Tokens>;
}

fn main() {}
