//! The key names in Redis.

use redis::{Script, ScriptInvocation};

/// The names that belong to one token set. They hash to one slot of a cluster.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) record: String,
    lock: String,
    fence: String,
    pub(super) channel: String,
    /// The prefix of the name to which an unreadable record is moved.
    pub(super) corrupt: String,
}

impl Keys {
    pub(super) fn of(key: &str) -> Self {
        Self {
            record: key.to_owned(),
            lock: format!("{{{key}}}:lock"),
            fence: format!("{{{key}}}:fence"),
            channel: format!("{{{key}}}:changes"),
            corrupt: format!("{{{key}}}:corrupt"),
        }
    }

    pub(super) fn of_credential(key: &str, credential: &str) -> Self {
        let name = |kind: &str| format!("{{{key}}}:{kind}:{credential}");
        Self {
            record: name("tokens"),
            lock: name("lock"),
            fence: name("fence"),
            channel: name("changes"),
            corrupt: name("corrupt"),
        }
    }

    /// An invocation with these keys. The caller adds the arguments.
    pub(super) fn invoke(&self, script: &'static Script) -> ScriptInvocation<'static> {
        let mut invocation = script.key(&self.record);
        invocation.key(&self.lock).key(&self.fence).key(&self.channel);
        invocation
    }
}
