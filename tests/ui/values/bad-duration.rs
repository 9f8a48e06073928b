use perennial::{Result, api_client};

#[api_client(timeout = "10 sec")]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
