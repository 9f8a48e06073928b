use perennial::{Result, api_client};

#[api_client]
unsafe trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
