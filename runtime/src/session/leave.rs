//! Signs out with a `logout` call, even if it fails or is dropped.

use super::{CallAuth, Session};
use crate::types::endpoint::Endpoint;

/// Signs out of the session in which a `logout` call was made: after the call, or when it is dropped. A session
/// that was started after it is not affected.
pub(crate) struct Leave {
    session: Session,
    /// The credential to which the call applies; all, if it names none.
    of: Option<&'static str>,
    auth: Option<CallAuth>,
}

impl Leave {
    pub(crate) fn new(session: &Session, endpoint: &Endpoint, auth: &CallAuth) -> Self {
        Self { session: session.clone(), of: endpoint.role_of, auth: Some(auth.clone()) }
    }

    /// Signs out now.
    pub(crate) async fn leave(mut self) {
        let Some(auth) = self.auth.take() else { return };
        let slots = self.session.left_by(self.of);
        self.session.logout_of(slots.map(|slot| (slot, auth.bound(slot)))).await;
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        let Some(auth) = self.auth.take() else { return };
        let session = self.session.clone();
        let mut left: Vec<_> = session.left_by(self.of).collect();
        left.retain(|slot| session.forget(*slot, auth.bound(*slot)));
        if left.iter().all(|slot| session.slot(*slot).persistence.is_none()) {
            return;
        }
        // The store is cleared by a task, since the call is not awaited any more. Without a runtime the
        // tokens stay there until the next call.
        let clearing: Vec<_> = left.into_iter().map(|slot| session.persist(slot)).collect();
        let task = async move {
            for persisting in clearing {
                persisting.await;
            }
        };
        let _ = self.session.policy().spawner.spawn(Box::pin(task));
    }
}

impl Session {
    /// The slots of the credentials to which a `logout` call applies: of one credential, or of all.
    fn left_by(&self, of: Option<&str>) -> impl Iterator<Item = usize> + use<> {
        let only = of.and_then(|name| self.named(name).ok());
        (0..self.slots()).filter(move |slot| only.is_none_or(|only| only == *slot))
    }
}
