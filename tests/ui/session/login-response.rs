use perennial::{Result, api_client};

#[api_client(auth(bearer))]
trait Shop {
    #[post("/login", login)]
    async fn login(&self) -> Result<u32>;
}

fn main() {}
