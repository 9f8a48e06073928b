use perennial::{Result, api_client};

#[api_client(dyn)]
trait Shop: Clone + Send {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
