use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32 #[query] size: u32) -> Result<String>;
}

fn main() {}
