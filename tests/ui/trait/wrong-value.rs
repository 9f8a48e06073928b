use perennial::{Result, api_client};

#[api_client(base = 10)]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
