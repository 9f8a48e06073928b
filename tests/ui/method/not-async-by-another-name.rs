use perennial::api_client;

type Answer<T> = Result<T, perennial::Error>;

#[api_client]
trait Shop {
    #[get("/orders")]
    fn orders(&self) -> Answer<String>;
}

fn main() {}
