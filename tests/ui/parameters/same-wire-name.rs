use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query("id")] order: u64, #[query("id")] user: u64) -> Result<String>;
}

fn main() {}
