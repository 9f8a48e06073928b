use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String> {
        Ok(String::new())
    }
}

fn main() {}
