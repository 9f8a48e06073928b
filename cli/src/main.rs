//! `cargo perennial`.

fn main() -> std::process::ExitCode {
    perennial_cli::command::run(std::env::args_os())
}
