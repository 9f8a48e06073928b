//! The address of the next page: it stays on the server of the list.

use crate::types::url::Url;

/// The address that `link` names, in the page at `from`, without a fragment. It is on the origin of that page; with
/// `keeps_host` it is on its host, whatever host the link names.
///
/// # Errors
///
/// The reason why it is not followed.
pub(crate) fn next_address(from: &str, link: &str, keeps_host: bool) -> Result<String, String> {
    let from = Url::parse(from).map_err(|_| "the address is not a URL")?;
    let mut to = from.join(link).map_err(|_| "the link to the next page is not a URL")?;
    if keeps_host {
        let mut kept = from.clone();
        kept.set_path(to.path());
        kept.set_query(to.query());
        to = kept;
    }
    if to.origin() != from.origin() {
        let to = to.origin().ascii_serialization();
        return Err(format!(
            "the link to the next page leads to {to}, another origin; if the server is behind a proxy, declare \
             `host = keep` in `page(..)`"
        ));
    }
    Ok(to.as_str().split('#').next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_stays_on_the_server() {
        let from = "https://h.example/list?page=1";
        for (link, keeps_host, expected) in [
            ("?page=2", false, Some("https://h.example/list?page=2")),
            ("/next#top", false, Some("https://h.example/next")),
            ("https://h.example:443/next", false, Some("https://h.example/next")),
            ("http://h.example/next", false, None),
            ("https://h.example:8443/next", false, None),
            ("//other.example/next", false, None),
            ("http://10.0.0.1:8080/next?page=2", true, Some("https://h.example/next?page=2")),
            ("https://[", false, None),
        ] {
            let next = next_address(from, link, keeps_host);
            assert_eq!(next.as_deref().ok(), expected, "{link}: {next:?}");
        }
    }
}
