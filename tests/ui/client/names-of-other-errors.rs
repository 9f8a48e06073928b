use perennial::{Error, Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

struct Fake;

impl Shop for Fake {
    async fn orders(&self) -> Result<String> {
        Err(Error::new("no such order"))
    }
}

fn is_offline(error: &Error) -> bool {
    error.is_connect()
}

fn main() {}
