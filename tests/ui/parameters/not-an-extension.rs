use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[ext] priority: std::rc::Rc<u8>) -> Result<String>;
}

fn main() {}
