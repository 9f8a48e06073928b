use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[ext] first: u32, #[ext] second: u32) -> Result<String>;
}

fn main() {}
