use perennial::api_client;

struct Shop;

#[api_client]
impl Shop {
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32) -> u32 {
        page
    }
}

fn main() {}
