use perennial::{Error, ErrorKind, Result, api_client};

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

fn cause(error: &Error) -> Option<&std::io::Error> {
    println!("{}", error.url());
    error.downcast_ref::<std::io::Error>()
}

fn status(error: &Error) -> u16 {
    error.status_code().as_u16()
}

fn code(error: &Error) -> i64 {
    error.error_code()
}

fn body(error: &Error) -> Result<String> {
    println!("{}: {}", error.response().headers(), error.text());
    error.json::<String>()
}

fn say(error: &Error) {
    match error.kind() {
        ErrorKind::NotFound => println!("no such order"),
        ErrorKind::Network => println!("no network"),
        _ => println!("{error}"),
    }
}

fn main() {}
