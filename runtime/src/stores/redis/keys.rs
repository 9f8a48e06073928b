//! How what is kept is called in Redis.

/// The names of what is kept.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) record: String,
    pub(super) lock: String,
    pub(super) fence: String,
    pub(super) news: String,
    /// What was set aside is called so, and a number.
    pub(super) corrupt: String,
}

impl Keys {
    pub(super) fn of(key: &str) -> Self {
        Self {
            record: key.to_owned(),
            lock: format!("{{{key}}}:lock"),
            fence: format!("{{{key}}}:fence"),
            news: format!("{{{key}}}:news"),
            corrupt: format!("{{{key}}}:corrupt"),
        }
    }

    pub(super) fn of_credential(key: &str, credential: &str) -> Self {
        let name = |what: &str| format!("{{{key}}}:{what}:{credential}");
        Self {
            record: name("tokens"),
            lock: name("lock"),
            fence: name("fence"),
            news: name("news"),
            corrupt: name("corrupt"),
        }
    }
}
