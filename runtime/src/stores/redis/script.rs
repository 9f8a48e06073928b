//! What Redis does in one step. Each script may run twice with the same outcome.
//!
//! The keys are the same in all of them: the record, the lock, the fence and the channel.

use redis::{Cmd, cmd};

use crate::ports::store::Version;

/// How long it is remembered that somebody signed out, and how long something unreadable is kept.
const MONTH: &str = "2592000000";

/// Gives the record, and whether somebody signed out.
pub(super) const LOAD: &str = "return redis.call('HMGET', KEYS[1], 'record', 'out')";

/// Saves tokens over an expected version, and gives the lock back. What has vanished is not missed.
/// Arguments: version that is expected, version, record, fence and name of the lock.
pub(super) const SAVE: &str = "
local there = redis.call('HMGET', KEYS[1], 'login', 'generation', 'fence', 'out')
if there[1] == ARGV[4] and there[2] == ARGV[5] then return 1 end
if there[1] then
  if there[1] ~= ARGV[2] or there[2] ~= ARGV[3] then return 0 end
elseif there[4] and ARGV[2] ~= '' then
  return 0
end
local written = tonumber(there[3] or 0)
local fence = tonumber(ARGV[7])
if not fence then
  fence = math.max(written, tonumber(redis.call('GET', KEYS[3]) or 0)) + 1
  redis.call('SET', KEYS[3], fence)
elseif fence < written then
  return 0
end
redis.call('HSET', KEYS[1], 'login', ARGV[4], 'generation', ARGV[5], 'record', ARGV[6], 'fence', fence)
redis.call('HDEL', KEYS[1], 'out')
redis.call('PERSIST', KEYS[1])
redis.call('PUBLISH', KEYS[4], 'kept ' .. ARGV[4] .. ' ' .. ARGV[5])
if ARGV[8] ~= '' and redis.call('GET', KEYS[2]) == ARGV[8] then
  redis.call('DEL', KEYS[2])
  redis.call('PUBLISH', KEYS[4], 'free')
end
return 1";

/// Forgets tokens of an expected version, and remembers for a while that somebody signed out.
pub(super) const CLEAR: &str = "
local there = redis.call('HMGET', KEYS[1], 'login', 'generation', 'fence')
if there[1] and (there[1] ~= ARGV[2] or there[2] ~= ARGV[3]) then return 0 end
local fence = math.max(tonumber(there[3] or 0), tonumber(redis.call('GET', KEYS[3]) or 0)) + 1
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'out', 1, 'fence', fence)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('SET', KEYS[3], fence)
redis.call('PUBLISH', KEYS[4], 'kept')
return 1";

/// Renames a record, if it is still the unreadable one.
pub(super) const SET_ASIDE: &str = "
if redis.call('HGET', KEYS[1], 'record') ~= ARGV[2] then return 0 end
redis.call('RENAME', KEYS[1], ARGV[3])
redis.call('PEXPIRE', ARGV[3], ARGV[1])
return 1";

/// Takes the lock for so many milliseconds: gives its number and 0, or 0 and how long it is taken.
pub(super) const LOCK: &str = "
local mine = redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3])
if not mine and redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return {0, redis.call('PTTL', KEYS[2])}
end
local written = tonumber(redis.call('HGET', KEYS[1], 'fence') or 0)
local fence = math.max(written, tonumber(redis.call('GET', KEYS[3]) or 0)) + 1
redis.call('SET', KEYS[3], fence)
return {fence, 0}";

/// Keeps the lock for so many milliseconds more, if it is still held.
pub(super) const EXTEND: &str = "
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1";

/// Gives the lock back, if it is still held.
pub(super) const RELEASE: &str = "
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('PUBLISH', KEYS[4], 'free')
return 1";

/// A script with its keys and arguments.
pub(super) struct Script {
    text: &'static str,
    keys: Vec<String>,
    args: Vec<Vec<u8>>,
}

impl Script {
    pub(super) fn new(text: &'static str) -> Self {
        Self { text, keys: Vec::with_capacity(4), args: vec![MONTH.into()] }
    }

    pub(super) fn key(mut self, key: &str) -> Self {
        self.keys.push(key.to_owned());
        self
    }

    pub(super) fn arg(mut self, arg: &(impl AsRef<[u8]> + ?Sized)) -> Self {
        self.args.push(arg.as_ref().to_vec());
        self
    }

    /// Two arguments; both are empty if nothing is kept. Lua's numbers are too small for them, so they
    /// are compared as text.
    pub(super) fn version(self, version: Option<Version>) -> Self {
        let text = |number: Option<u64>| number.map(|n| n.to_string()).unwrap_or_default();
        self.arg(&text(version.map(|version| version.login)))
            .arg(&text(version.map(|version| version.generation)))
    }

    pub(super) fn command(&self) -> Cmd {
        let mut command = cmd("EVAL");
        command.arg(self.text).arg(self.keys.len()).arg(&self.keys).arg(&self.args);
        command
    }
}
