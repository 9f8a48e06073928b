//! The endpoint table, compared with a committed file.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use perennial::ApiClient;
use perennial::declared::{Access, Endpoint, Role};

use crate::assertions::diff;

/// Compares the endpoints of a client with a committed file, so that a change of the wire shows up in review.
///
/// The file is written when the environment variable `BLESS` is set. Use [`lock!`](macro@crate::lock) in a test.
///
/// # Panics
///
/// With the difference and whether it breaks callers, if the declaration is another one.
#[track_caller]
pub fn assert_locked<C: ApiClient>(file: &Path) {
    if let Err(message) = compare(&table(C::endpoints()), file, env::var_os("BLESS").is_some()) {
        panic!("{message}");
    }
}

/// Compares a table with a file, or writes it.
fn compare(table: &str, file: &Path, blesses: bool) -> Result<(), String> {
    if blesses {
        let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
        let written = folder.and_then(|()| fs::write(file, table));
        return written.map_err(|error| format!("cannot write {}: {error}", file.display()));
    }
    let locked = fs::read_to_string(file).unwrap_or_default();
    if locked == table { Ok(()) } else { Err(message(&locked, table, file)) }
}

fn message(locked: &str, table: &str, file: &Path) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (locked.lines().collect(), table.lines().collect());
    let name = |line: &&str| line.split(' ').next().map(str::to_owned);
    let gone = old.iter().any(|line| !new.contains(line));
    let renamed =
        old.iter().filter_map(name).any(|it| !new.iter().filter_map(name).any(|n| n == it));
    let verdict = match (gone, renamed) {
        _ if old.is_empty() => "has no locked state yet",
        (_, true) => "breaks callers: a method was removed or renamed",
        (true, false) => "changes the wire of existing methods: a server must know both forms",
        (false, false) => "only adds: existing callers and servers are not affected",
    };
    format!(
        "the declaration differs from {} (- locked, + declared); this {verdict}\n{}\
         help: run the test with `BLESS=1` to accept it",
        file.display(),
        diff(&old, &new)
    )
}

/// A line for each endpoint.
fn table(endpoints: &[Endpoint]) -> String {
    let mut text = String::new();
    for endpoint in endpoints {
        let Endpoint { name, method, path, .. } = endpoint;
        let _ = write!(text, "{name} {method} {path}");
        let access = match endpoint.access {
            Access::Public => " public",
            Access::Optional => " optional",
            _ => "",
        };
        let role = match endpoint.role {
            Role::Login => " login",
            Role::Refresh => " refresh",
            Role::Logout => " logout",
            _ => "",
        };
        let _ = write!(text, "{access}{role}");
        for credential in endpoint.credentials {
            let _ = write!(text, " auth({} {:?}", credential.name, credential.placement);
            let _ =
                write!(text, " expired={:?} logout={:?})", credential.expired, credential.logout);
        }
        if let Some(envelope) = endpoint.envelope {
            let _ = write!(text, " {envelope:?}");
        }
        let _ =
            write!(text, " replay={:?} idempotency={:?}", endpoint.replay, endpoint.idempotency);
        text.push('\n');
    }
    text
}

/// Compares the endpoints of a client with `wire/<Client>.lock` in the package of the test. Run the test with
/// `BLESS=1` to write the file.
///
/// ```no_run
/// # use perennial::{Result, api_client};
/// # #[api_client]
/// # pub trait Shop {
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # fn main() {
/// // In a test:
/// perennial_test::lock!(ShopClient);
/// # }
/// ```
#[macro_export]
macro_rules! lock {
    ($client:ty) => {
        $crate::assert_locked::<$client>(
            &::std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("wire")
                .join(concat!(stringify!($client), ".lock")),
        )
    };
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_the_table_says_whether_it_breaks_callers() {
        let file = Path::new("wire/Shop.lock");
        let says = |old: &str, new: &str| message(old, new, file);
        assert!(says("a GET /a\n", "a GET /a\nb GET /b\n").contains("only adds"));
        assert!(says("a GET /a\n", "a GET /c\n").contains("changes the wire"));
        assert!(says("a GET /a\n", "b GET /a\n").contains("breaks callers"));
        assert!(says("a GET /a\n", "b GET /a\n").contains("- a GET /a\n+ b GET /a\n"));
        assert!(says("", "a GET /a\n").contains("no locked state yet"));
    }

    #[test]
    fn a_table_is_written_once_and_compared_afterwards() {
        let folder = env::temp_dir().join(format!("perennial-lock-{}", std::process::id()));
        let file = folder.join("wire/Shop.lock");
        let missing = compare("a GET /a\n", &file, false).unwrap_err();
        assert!(missing.contains("BLESS=1"), "{missing}");
        assert_eq!(compare("a GET /a\n", &file, true), Ok(()));
        assert_eq!(compare("a GET /a\n", &file, false), Ok(()));
        assert!(compare("a GET /b\n", &file, false).is_err());
        let unwritable = compare("a GET /a\n", &file.join("below"), true).unwrap_err();
        assert!(unwritable.contains("cannot write"), "{unwritable}");
        fs::remove_dir_all(folder).unwrap();
    }
}
