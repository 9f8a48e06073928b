use perennial::{Result, api_client};

#[api_client]
trait Shop<T> {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
