use perennial::{Result, api_client};

#[api_client(auth(bearer))]
trait Shop {
    #[post("/logout", logout)]
    async fn logout(&self) -> Result<()>;

    #[post("/bye", logout)]
    async fn bye(&self) -> Result<()>;
}

fn main() {}
