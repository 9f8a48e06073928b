use perennial::{Lines, api_client};

#[api_client]
trait Model {
    #[get("/complete", events(end = "[DONE]"))]
    fn complete(&self) -> Lines<u64>;
}

fn main() {}
