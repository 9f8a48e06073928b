use perennial::{Result, api_client};

#[api_client(retry(3, on = [timeout, 5xx, "503", connect()]))]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
