use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[cfg(feature = "pages")] #[query] page: u32) -> Result<String>;
}

fn main() {}
