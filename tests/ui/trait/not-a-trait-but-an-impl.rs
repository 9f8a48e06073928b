use perennial::{Result, api_client};

struct Shop;

#[api_client]
impl Shop {
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32) -> u32 {
        page
    }

    #[get("/items")]
    async fn items(&self, #[query] page: u32) -> Result<u32>;
}

fn main() {}
