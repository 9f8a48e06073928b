use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[qurey] page: u32) -> Result<String>;
}

fn main() {}
