use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[route("/orders", method = "POST")]
    async fn orders(&self) -> Result<String>;

    #[DeleteMapping("/users")]
    async fn users(&self) -> Result<String>;

    #[ws("/news")]
    async fn news(&self) -> Result<String>;

    #[trace("/status")]
    async fn status(&self) -> Result<String>;
}

fn main() {}
