use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(#[query] page: u32, &self) -> Result<String>;
}

fn main() {}
