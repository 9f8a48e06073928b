use perennial::{Bytes, Result, api_client};

#[api_client(serve)]
trait Shop {
    #[put("/photo")]
    async fn replace(&self, #[body] photo: Option<Bytes>) -> Result<()>;
}

fn main() {}
