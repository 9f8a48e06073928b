//! The state that the tasks of a server share with its owner.

use std::sync::{PoisonError, RwLock};

use axum::Router;
use http::Method;
use perennial::declared::Endpoint;
use perennial::serve::Service;

use crate::Route;
use crate::declared::Declared;
use crate::issuer::Issuer;
use crate::record::Journal;
use crate::script::Scripts;

pub(crate) struct Shared {
    pub(crate) issuers: Vec<Issuer>,
    pub(crate) journal: Journal,
    pub(crate) scripts: Scripts,
    pub(super) declared: Option<Declared>,
    pub(super) routes: RwLock<Routes>,
}

pub(super) struct Routes {
    pub(super) router: Router,
    /// The paths of the router.
    pub(super) paths: Vec<String>,
    pub(super) public: Vec<Route>,
    /// Routes that require other credentials than the first one.
    pub(super) asking: Vec<(Route, Vec<usize>)>,
}

impl Shared {
    pub(crate) fn router(&self) -> Router {
        self.routes.read().unwrap_or_else(PoisonError::into_inner).router.clone()
    }

    /// The indices of the credentials whose tokens a request must carry, or may carry.
    pub(crate) fn asked(&self, method: &Method, path: &str) -> Vec<(usize, bool)> {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let means = |route: &Route| route.matches(method, path);
        if routes.public.iter().any(means) {
            return Vec::new();
        }
        if let Some((_, places)) = routes.asking.iter().find(|(route, _)| means(route)) {
            return places.iter().map(|place| (*place, false)).collect();
        }
        let declared = self.declared.as_ref().and_then(|declared| declared.asked(method, path));
        match declared {
            Some((places, is_optional)) => {
                places.into_iter().map(|place| (place, is_optional)).collect()
            }
            None => vec![(0, false)],
        }
    }

    /// The implementation, if an endpoint of it matches.
    pub(crate) fn served(&self, method: &Method, path: &str) -> Option<&Service> {
        self.declared.as_ref().and_then(|declared| declared.served(method, path))
    }

    /// Where a rejection says why; `None` for a server without a declaration.
    pub(crate) fn place_of_message(&self) -> Option<&'static [&'static str]> {
        let declared = self.declared.as_ref()?;
        Some(match declared.envelope() {
            Some(envelope) => envelope.message?,
            None => &["message"],
        })
    }

    pub(crate) fn is_elsewhere(&self, method: &Method, path: &str) -> bool {
        self.declared.as_ref().is_some_and(|declared| declared.is_elsewhere(method, path))
    }

    /// The endpoint, if it declares where the tokens of its response are.
    pub(crate) fn granting(&self, method: &Method, path: &str) -> Option<&'static Endpoint> {
        self.declared.as_ref().and_then(|declared| declared.granting(method, path))
    }

    /// The endpoint or route that is most similar to `METHOD /path`.
    pub(crate) fn nearest(&self, asked: &str) -> String {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let declared = self.declared.iter().flat_map(Declared::names);
        let names = declared.chain(routes.paths.iter().cloned());
        let likeness = |name: &String| {
            let name = filled(name, asked);
            (similar::TextDiff::from_chars(asked, name.as_str()).ratio() * 1000.0) as i32
        };
        names.max_by_key(likeness).unwrap_or_default()
    }
}

/// A template with the segments of a path in place of its placeholders.
fn filled(template: &str, path: &str) -> String {
    let mut segments = path.split('/');
    let filled = template.split('/').map(|own| match segments.next() {
        Some(segment) if own.contains('{') => segment,
        _ => own,
    });
    filled.collect::<Vec<_>>().join("/")
}
