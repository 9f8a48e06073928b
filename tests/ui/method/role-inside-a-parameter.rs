use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, page: #[query] u32) -> Result<String>;

    #[get("/users")]
    async fn users(&self, #[query page: u32]) -> Result<String>;
}

fn main() {}
