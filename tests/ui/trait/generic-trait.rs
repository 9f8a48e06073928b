use perennial::{Result, api_client};

#[api_client]
trait Shop<T> {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

#[api_client]
trait Cart<'a> {
    #[get("/cart")]
    async fn cart(&self, #[query] name: &'a str) -> Result<String>;
}

fn main() {}
