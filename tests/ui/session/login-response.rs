use perennial::{Result, api_client};

#[derive(serde::Deserialize)]
struct LoginResponse {
    access_token: String,
    user_id: u64,
}

#[api_client(auth(bearer))]
trait Shop {
    #[post("/login", login)]
    async fn login(&self) -> Result<LoginResponse>;

    #[post("/register", login)]
    async fn register(&self) -> Result<serde_json::Value>;
}

fn main() {}
