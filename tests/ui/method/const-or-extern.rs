use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async extern "C" fn orders(&self) -> Result<String>;
}

fn main() {}
