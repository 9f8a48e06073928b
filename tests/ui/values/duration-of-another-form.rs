use perennial::{Result, api_client};

#[api_client(timeout = 3000)]
trait Shop {
    #[get("/a", timeout = "3 seconds")]
    async fn a(&self) -> Result<String>;

    #[get("/b", timeout = "3")]
    async fn b(&self) -> Result<String>;

    #[get("/c", timeout = 3s)]
    async fn c(&self) -> Result<String>;
}

fn main() {}
