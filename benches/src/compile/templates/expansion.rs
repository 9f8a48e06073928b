/// Expands the trait in a file so many times, and prints the shortest time in microseconds.
fn main() {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().expect("the first argument is a file");
    let times: u32 = arguments.next().and_then(|it| it.parse().ok()).expect("the second is a number");
    let text = std::fs::read_to_string(file).expect("the file can be read");
    // The first line has the text within the parentheses of the attribute.
    let (options, item) = text.split_once('\n').expect("the file has two lines at least");
    let options: TokenStream = options.parse().expect("the options are tokens");
    let item: TokenStream = item.parse().expect("the trait is tokens");
    let mut shortest = std::time::Duration::MAX;
    let mut length = 0;
    for _ in 0..times {
        let (options, item) = (options.clone(), item.clone());
        let start = std::time::Instant::now();
        let code = std::hint::black_box(generate(options, item));
        shortest = shortest.min(start.elapsed());
        length += code.into_iter().count();
    }
    println!("{} {length}", shortest.as_micros());
}
