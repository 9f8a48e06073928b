use perennial::{Result, api_client};

#[api_client]
trait Bot {
    #[get("/bot{token}/me", secret("token"))]
    async fn me(&self, token: &str) -> Result<String>;
    #[get("/bot{token}/you", sensitive(token))]
    async fn you(&self, token: &str) -> Result<String>;
}

fn main() {}
