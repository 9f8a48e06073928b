//! The page about performance: the output of the command is between two marks, so that the page always matches
//! the last measurement.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::Outcome;
use crate::compile::cargo::root;

const BEGIN: &str = "<!-- What follows is written by `table --record`. -->\n";
const END: &str = "<!-- What came before was written by `table --record`. -->\n";

/// When and with what it was measured.
pub(crate) fn head() -> Outcome<String> {
    let lock = std::fs::read_to_string(root()?.join("Cargo.lock"))?;
    let rustc = Command::new("rustc").arg("--version").output()?;
    let rustc = String::from_utf8_lossy(&rustc.stdout);
    let rustc = rustc.split_whitespace().nth(1).unwrap_or("unknown").to_owned();
    let today = httpdate::fmt_http_date(SystemTime::now());
    let today = today.get(5..16).unwrap_or_default();
    let mut versions = vec![format!("rustc {rustc}")];
    let mut names = vec!["reqwest", "hyper", "tokio", "serde_json"];
    if cfg!(feature = "peers") {
        names.extend(["reqwest-middleware", "progenitor", "feignhttp"]);
    }
    for name in names {
        let version = version(&lock, name).ok_or_else(|| format!("no {name} is locked"))?;
        versions.push(format!("{name} {version}"));
    }
    let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
    Ok(format!("Measured on {today} with {}, on {arch} {os}.\n", versions.join(", ")))
}

fn version<'l>(lock: &'l str, name: &str) -> Option<&'l str> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}

/// Puts the text between the marks of the page.
pub(crate) fn write(path: &Path, text: &str) -> Outcome<()> {
    let page = std::fs::read_to_string(path)?;
    let page = with(&page, text).ok_or("the page has lost a mark")?;
    Ok(std::fs::write(path, page)?)
}

fn with(page: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{text}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let page = format!("before\n{BEGIN}\nold\n\n{END}after\n");
        let page = with(&page, "new\n").expect("both marks are there");
        assert_eq!(page, format!("before\n{BEGIN}\nnew\n\n{END}after\n"));
        assert_eq!(with("no marks", "new"), None);
    }

    #[test]
    fn a_version_is_that_of_the_whole_name() {
        let lock =
            "name = \"hyper-util\"\nversion = \"0.1\"\n\nname = \"hyper\"\nversion = \"1.2\"\n";
        assert_eq!(version(lock, "hyper"), Some("1.2"));
        assert_eq!(version(lock, "h2"), None);
    }
}
