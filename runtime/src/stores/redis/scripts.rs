//! The Lua scripts. Each is one atomic step, and running it twice has the same outcome, since a broken connection
//! does not tell whether a script has run.
//!
//! All have the same keys: the record, the lock, the fencing token, and the channel.

use std::sync::LazyLock;

use redis::Script;

/// Returns the record, and a mark if the user signed out.
pub(super) static LOAD: LazyLock<Script> =
    LazyLock::new(|| Script::new("return redis.call('HMGET', KEYS[1], 'record', 'out')"));

/// Saves tokens if the stored version is the expected one, and releases the lock. A missing record is
/// written again, whatever version is expected.
/// Arguments: the expected version, the next version, the record, the fencing token, the lock's name.
pub(super) static SAVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
local stored = redis.call('HMGET', KEYS[1], 'login', 'generation', 'fence', 'out')
if stored[1] == ARGV[3] and stored[2] == ARGV[4] then return 1 end
if stored[1] then
  if stored[1] ~= ARGV[1] or stored[2] ~= ARGV[2] then return 0 end
elseif stored[4] and ARGV[1] ~= '' then
  return 0
end
local written = tonumber(stored[3] or 0)
local fence = tonumber(ARGV[6])
if not fence then
  fence = math.max(written, tonumber(redis.call('GET', KEYS[3]) or 0)) + 1
  redis.call('SET', KEYS[3], fence)
elseif fence < written then
  return 0
end
redis.call('HSET', KEYS[1], 'login', ARGV[3], 'generation', ARGV[4], 'record', ARGV[5], 'fence', fence)
redis.call('HDEL', KEYS[1], 'out')
redis.call('PERSIST', KEYS[1])
redis.call('PUBLISH', KEYS[4], 'saved ' .. ARGV[3] .. '-' .. ARGV[4])
if ARGV[7] ~= '' and redis.call('GET', KEYS[2]) == ARGV[7] then
  redis.call('DEL', KEYS[2])
  redis.call('PUBLISH', KEYS[4], 'released')
end
return 1",
    )
});

/// Removes tokens if the stored version is the expected one, and marks the sign-out for 30 days.
/// Arguments: the expected version.
pub(super) static CLEAR: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
local stored = redis.call('HMGET', KEYS[1], 'login', 'generation', 'fence')
if stored[1] and (stored[1] ~= ARGV[1] or stored[2] ~= ARGV[2]) then return 0 end
local fence = math.max(tonumber(stored[3] or 0), tonumber(redis.call('GET', KEYS[3]) or 0)) + 1
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'out', 1, 'fence', fence)
redis.call('PEXPIRE', KEYS[1], 2592000000)
redis.call('SET', KEYS[3], fence)
redis.call('PUBLISH', KEYS[4], 'saved')
return 1",
    )
});

/// Renames a record, if it is still the unreadable one, and keeps it for 30 days.
/// Arguments: the record, the new name.
pub(super) static SET_ASIDE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
if redis.call('HGET', KEYS[1], 'record') ~= ARGV[1] then return 0 end
redis.call('RENAME', KEYS[1], ARGV[2])
redis.call('PEXPIRE', ARGV[2], 2592000000)
return 1",
    )
});

/// Acquires the lock: returns its fencing token and 0, or 0 and the time for which another process still holds it.
/// Arguments: the lock's name, milliseconds.
pub(super) static LOCK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
local acquired = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
if not acquired and redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return {0, redis.call('PTTL', KEYS[2])}
end
local written = tonumber(redis.call('HGET', KEYS[1], 'fence') or 0)
local fence = math.max(written, tonumber(redis.call('GET', KEYS[3]) or 0)) + 1
redis.call('SET', KEYS[3], fence)
return {fence, 0}",
    )
});

/// Extends the lock, if it is still held. Arguments: the lock's name, milliseconds.
pub(super) static EXTEND: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1",
    )
});

/// Releases the lock, if it is still held. Arguments: the lock's name.
pub(super) static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('PUBLISH', KEYS[4], 'released')
return 1",
    )
});
