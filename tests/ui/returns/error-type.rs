use perennial::{Result, api_client};

struct ShopError;

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String, ShopError>;
}

fn main() {}
