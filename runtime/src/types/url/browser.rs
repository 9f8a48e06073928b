//! The `URL` of a browser, with the part of the `url` crate's interface that the runtime uses.
//!
//! It keeps only text, so that it does not belong to a thread. The parts are found by their delimiters, which the
//! browser escapes wherever they are not delimiters.

use std::fmt;

/// An absolute address, normalized by the browser.
#[derive(Clone)]
pub(crate) struct Url {
    href: String,
    origin: Origin,
    has_host: bool,
}

/// The scheme, the host and the port of an address.
#[derive(Clone)]
pub(crate) struct Origin(String);

/// The browser cannot parse the text as an address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ParseError;

/// The origin of an address that no other address shares.
const OPAQUE: &str = "null";

impl Url {
    pub(crate) fn parse(text: &str) -> Result<Self, ParseError> {
        web_sys::Url::new(text).map(|url| Self::read(&url)).map_err(|_| ParseError)
    }

    /// The target of a link in this document.
    pub(crate) fn join(&self, link: &str) -> Result<Self, ParseError> {
        let joined = web_sys::Url::new_with_base(link, &self.href);
        joined.map(|url| Self::read(&url)).map_err(|_| ParseError)
    }

    fn read(url: &web_sys::Url) -> Self {
        let has_host = !url.hostname().is_empty();
        let mut origin = url.origin();
        // Files have one in some browsers.
        if origin.starts_with("file:") {
            origin = OPAQUE.to_owned();
        }
        Self { href: url.href(), origin: Origin(origin), has_host }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.href
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin.clone()
    }

    pub(crate) const fn has_host(&self) -> bool {
        self.has_host
    }

    pub(crate) fn scheme(&self) -> &str {
        self.href.split(':').next().unwrap_or_default()
    }

    pub(crate) fn username(&self) -> &str {
        self.user_info().split(':').next().unwrap_or_default()
    }

    pub(crate) fn password(&self) -> Option<&str> {
        Some(self.user_info().split_once(':')?.1)
    }

    /// From the slash after the host.
    pub(crate) fn path(&self) -> &str {
        &self.href[self.path_at()..self.query_at()]
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.href[self.query_at()..self.fragment_at()].strip_prefix('?')
    }

    pub(crate) fn fragment(&self) -> Option<&str> {
        self.href[self.fragment_at()..].strip_prefix('#')
    }

    /// Replaces the path with that of another address, which is already normalized.
    pub(crate) fn set_path(&mut self, path: &str) {
        self.href.replace_range(self.path_at()..self.query_at(), path);
    }

    /// Replaces the query with that of another address, which is already normalized.
    pub(crate) fn set_query(&mut self, query: Option<&str>) {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        self.href.replace_range(self.query_at()..self.fragment_at(), &query);
    }

    fn user_info(&self) -> &str {
        let authority = &self.href[self.authority_at()..self.path_at()];
        authority.rsplit_once('@').map_or("", |(user, _)| user)
    }

    /// After the slashes, if there are any.
    fn authority_at(&self) -> usize {
        let scheme = self.scheme().len() + 1;
        if self.href[scheme..].starts_with("//") { scheme + 2 } else { scheme }
    }

    fn path_at(&self) -> usize {
        let start = self.authority_at();
        if !self.href[..start].ends_with('/') {
            return start;
        }
        self.href[start..].find(['/', '?', '#']).map_or(self.href.len(), |at| start + at)
    }

    fn query_at(&self) -> usize {
        self.href.find(['?', '#']).unwrap_or(self.href.len())
    }

    fn fragment_at(&self) -> usize {
        self.href.find('#').unwrap_or(self.href.len())
    }
}

impl PartialEq for Url {
    fn eq(&self, other: &Self) -> bool {
        self.href == other.href
    }
}

impl Eq for Url {}

impl Origin {
    pub(crate) fn ascii_serialization(&self) -> String {
        self.0.clone()
    }
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        // An opaque origin equals no other.
        self.0 == other.0 && self.0 != OPAQUE
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Url").field(&self.href).finish()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the browser cannot parse it as a URL")
    }
}

impl std::error::Error for ParseError {}
