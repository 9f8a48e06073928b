use perennial::body::FileBody;
use perennial::{Result, api_client};

#[api_client(serve)]
trait Shop {
    #[put("/photo")]
    async fn replace(&self, #[body] photo: FileBody) -> Result<()>;
}

fn main() {}
