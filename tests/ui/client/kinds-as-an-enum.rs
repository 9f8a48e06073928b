use perennial::{Error, Event};

fn say(error: &Error) {
    match error {
        Error::Status(status) => println!("{status}"),
        _ => println!("{error}"),
    }
}

fn log(event: &Event) {
    match event {
        Event::RefreshStarted => println!("the token is renewed"),
        _ => println!("{event:?}"),
    }
}

fn main() {}
