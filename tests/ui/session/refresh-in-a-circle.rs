use perennial::{Result, Tokens, api_client};

#[api_client(
    auth(name = "session", bearer, expired(status = 401)),
    auth(name = "csrf", header = "X-CSRF-Token", expired(status = 403)),
    auth(name = "device", header = "X-Device", expired(status = 420)),
)]
trait OData {
    #[post("/session", refresh("session", with = "device"))]
    async fn renew(&self) -> Result<Tokens>;

    #[get("/odata", refresh("csrf", with = "session"))]
    async fn fetch(&self) -> Result<Tokens>;

    #[post("/device", refresh("device", with = "csrf"))]
    async fn register(&self) -> Result<Tokens>;
}

fn main() {}
