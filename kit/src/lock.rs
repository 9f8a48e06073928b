//! The endpoint table, compared with a committed file.

mod table;

use std::path::Path;
use std::{env, fs};

use perennial::ApiClient;

use crate::assertions::diff;
use table::SHARED;

/// Compares the endpoints of a client with a committed file, so that a change of the requests shows up in review.
///
/// The file is written if the environment variable `BLESS` is set. [`lock!`](macro@crate::lock) turns this into a test,
/// with a file in the usual place.
///
/// ```no_run
/// # use perennial::{Result, api_client};
/// # #[api_client]
/// # pub trait Shop {
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # fn main() {
/// perennial_test::assert_locked::<ShopClient>("tests/shop.lock".as_ref());
/// # }
/// ```
///
/// # Panics
///
/// With the difference and whether it breaks callers, if the declaration has changed.
#[track_caller]
pub fn assert_locked<C: ApiClient>(file: &Path) {
    if let Err(message) = compare(&table::table::<C>(), file, env::var_os("BLESS").is_some()) {
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
    let names = |lines: &[&str]| -> Vec<String> {
        let methods = lines.iter().filter(|line| !line.starts_with(SHARED));
        methods.filter_map(|line| line.split(' ').next().map(str::to_owned)).collect()
    };
    let gone = old.iter().any(|line| !new.contains(line));
    let kept = names(&new);
    let renamed = names(&old).iter().any(|name| !kept.contains(name));
    let verdict = match (gone, renamed) {
        _ if old.is_empty() => "has no locked state yet",
        (_, true) => "breaks callers: a method was removed or renamed",
        (true, false) => "changes the wire of existing methods: a server must know both forms",
        (false, false) if new.iter().any(|it| it.starts_with(SHARED) && !old.contains(it)) => {
            "changes how existing methods are judged: a server must know both forms"
        }
        (false, false) => "only adds: existing callers and servers are not affected",
    };
    format!(
        "the declaration differs from {} (- locked, + declared); this {verdict}\n{}\
         help: run the test with `BLESS=1` to accept it",
        file.display(),
        diff(&old, &new)
    )
}

/// Compares the declaration of a client with `wire/<Client>.lock` in the package of the test: methods, paths, credentials,
/// rules and envelopes. Run the test with `BLESS=1` to write the file.
///
/// `lock!(name: Client)` defines a test with that name; `lock!(Client)` is a statement for a test of your own.
///
/// ```
/// # use perennial::{Result, api_client};
/// # #[api_client]
/// # pub trait Shop {
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # fn main() {}
/// perennial_test::lock!(the_wire_is_locked: ShopClient);
/// ```
#[macro_export]
macro_rules! lock {
    ($name:ident: $client:ty $(,)?) => {
        #[test]
        fn $name() {
            $crate::lock!($client);
        }
    };
    ($client:ty $(,)?) => {
        $crate::assert_locked::<$client>(
            &::std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("wire")
                .join(concat!(stringify!($client), ".lock")),
        )
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "a lock needs a client\n\
             help: in a test, write `lock!(ShopClient)`\n\
             help: outside of a test, write `lock!(the_wire_is_locked: ShopClient);`"
        );
    };
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use perennial::declared::RawResponse;
    use perennial::{Result, Tokens, api_client};

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
        assert!(
            says("# auth() bearer\na GET /a\n", "# auth() query = t\na GET /a\n")
                .contains("changes the wire")
        );
        assert!(
            says("a GET /a\n", "# auth() bearer\na GET /a\n")
                .contains("how existing methods are judged")
        );
    }

    #[api_client(
        base = "/api",
        envelope(code = "code", data = "data", ok = [0, "ok"]),
        auth(header = "X-Token", expired(code = 1234), logout(status = 401, when = is_final)),
        auth(name = "csrf", header = "X-Csrf", expired(status = 403, header("X-Why", contains = "csrf"))),
        allow(expiry_without_refresh)
    )]
    trait Shop {
        #[post("/login", login)]
        async fn login(&self) -> Result<Tokens>;
        #[get("/stock/{id}")]
        async fn stock(&self, id: u64) -> Result<u64>;
        #[get("https://status.example/now", public, envelope = off)]
        async fn now(&self) -> Result<String>;
    }

    fn is_final(_: &RawResponse<'_>) -> bool {
        true
    }

    #[test]
    fn a_table_says_what_travels_and_how_it_is_judged() {
        let expected = [
            "# auth() header = x-token expired(code = 1234) logout(status = 401, when)",
            "# auth(csrf) header = x-csrf expired(status = 403, header(x-why contains \"csrf\"))",
            "login POST /api/login public login envelope(code = code, data = data, ok = [0, \"ok\"])",
            "stock GET /api/stock/{id} auth() auth(csrf) envelope(code = code, data = data, ok = [0, \"ok\"])",
            "now GET https://status.example/now public",
        ];
        assert_eq!(table::table::<ShopClient>().lines().collect::<Vec<_>>(), expected);
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
