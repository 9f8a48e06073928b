//! Issues tokens and checks them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::Route;
use crate::credentials::{Arrived, names_a_refresh_token};
use crate::issued::{Issued, Verdict};
use crate::protocol::{Carrier, Protocol};

/// The lifetime that responses state for a token that never expires.
const STATED: Duration = Duration::from_secs(7200);

/// The number of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) logins: usize,
    pub(crate) logouts: usize,
    pub(crate) refreshes: usize,
    pub(crate) rotations: usize,
    pub(crate) reuses: usize,
    pub(crate) expiries: usize,
    pub(crate) late: usize,
}

/// The routes of a credential's own endpoints.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roles {
    pub(crate) login: Option<Route>,
    pub(crate) refresh: Option<Route>,
    pub(crate) logout: Option<Route>,
}

impl Roles {
    fn of(protocol: &Protocol) -> Self {
        let route = |text: &str| (!text.is_empty()).then(|| Route::from(text));
        Self {
            login: route(protocol.login),
            refresh: route(protocol.refresh),
            logout: route(protocol.logout),
        }
    }
}

/// Issues the tokens of one credential and checks them.
pub(crate) struct Issuer {
    pub(crate) protocol: Protocol,
    pub(crate) roles: Roles,
    /// Whether a login without a refresh token gets one, since the declared refresh may need it.
    pub(crate) adds_refresh_token: bool,
    started: Instant,
    wall: Duration,
    desk: Mutex<Desk>,
}

#[derive(Default)]
struct Desk {
    families: Vec<Family>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Coupon>,
    rules: Rules,
    tally: Tally,
    serial: u64,
}

#[derive(Default)]
struct Rules {
    ttl: Option<Duration>,
    stated: Option<Duration>,
    uses: Option<u64>,
    always_expired: bool,
    reuse_is_expected: bool,
    /// Whether the implementation grants refresh tokens, so that access tokens are not accepted for a refresh.
    grants_refresh_token: Option<bool>,
}

struct Family {
    user: String,
    generation: u64,
    void: bool,
}

struct Access {
    family: usize,
    generation: u64,
    expired: bool,
    until: Option<Instant>,
    uses: u64,
}

struct Coupon {
    family: usize,
    /// When it was used, and the tokens that were issued for it.
    used: Option<(Instant, Issued)>,
}

impl Issuer {
    pub(crate) fn new(protocol: Protocol) -> Self {
        let roles = Roles::of(&protocol);
        Self::with_roles(protocol, roles)
    }

    pub(crate) fn with_roles(protocol: Protocol, roles: Roles) -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (started, desk) = (Instant::now(), Mutex::default());
        Self { protocol, roles, adds_refresh_token: false, started, wall, desk }
    }

    /// A first token set for a user.
    pub(crate) fn login(&self, user: &str) -> Issued {
        self.desk().tally.logins += 1;
        self.open(user)
    }

    /// Issues tokens to a test that signs in without a request.
    pub(crate) fn open(&self, user: &str) -> Issued {
        let mut desk = self.desk();
        desk.families.push(Family { user: user.to_owned(), generation: 0, void: false });
        let family = desk.families.len() - 1;
        self.issue(&mut desk, family, None)
    }

    /// The validity of a token. A valid refresh token is used up by one use.
    pub(crate) fn judge(&self, token: Option<&str>) -> Verdict {
        let Some(token) = token else { return Verdict::Missing };
        let desk = &mut *self.desk();
        let Some(access) = desk.access.get_mut(token) else { return Verdict::Unknown };
        let family = &desk.families[access.family];
        if family.void {
            return Verdict::Unknown;
        }
        let (user, generation) = (family.user.clone(), access.generation);
        let expired = access.expired
            || desk.rules.always_expired
            || access.until.is_some_and(|until| until <= Instant::now())
            || desk.rules.uses.is_some_and(|uses| access.uses >= uses);
        if expired {
            let late = generation < family.generation;
            desk.tally.expiries += 1;
            desk.tally.late += usize::from(late);
            return Verdict::Expired { user, generation, late };
        }
        access.uses += 1;
        Verdict::Good { user, generation }
    }

    /// The token that a refresh presents.
    pub(crate) fn paid(&self, arrived: &Arrived<'_>) -> Option<String> {
        if self.protocol.renewal != Carrier::Anywhere {
            return arrived.paid(&self.protocol);
        }
        let desk = self.desk();
        let mut known = arrived.values();
        known.retain(|(_, value)| desk.refresh.contains_key(value));
        let (access, refresh): (Vec<_>, Vec<_>) =
            known.into_iter().partition(|(_, value)| desk.access.contains_key(value));
        let replaces_refresh_token = access.iter().any(|(name, _)| names_a_refresh_token(name));
        let counts = desk.rules.grants_refresh_token != Some(true) && !replaces_refresh_token;
        let paid = refresh.into_iter().next();
        paid.or_else(|| access.into_iter().next().filter(|_| counts)).map(|(_, token)| token)
    }

    /// Renews a token set, or returns why not.
    pub(crate) fn refresh(
        &self,
        paid: Option<&str>,
        access: Option<&str>,
    ) -> Result<Issued, &'static str> {
        let desk = &mut *self.desk();
        desk.tally.refreshes += 1;
        if self.protocol.renewal == Carrier::Free {
            // The refresh does not say whose token it is: it belongs to the last login, or to the client itself.
            let family = desk.families.iter().rposition(|family| !family.void);
            let family = family.unwrap_or_else(|| {
                desk.families.push(Family { user: "app".to_owned(), generation: 0, void: false });
                desk.families.len() - 1
            });
            desk.tally.rotations += 1;
            return Ok(self.issue(desk, family, access));
        }
        let paid = paid.ok_or(
            "no token that this server issued came with the refresh; an access token in the field of a refresh token does \
             not count, and a login of a fake that returns a type of its own has to return a refresh token in it",
        )?;
        if self.protocol.refresh_without_access
            && access.is_some_and(|token| desk.is_expired(token))
        {
            return Err("an expired access token came with the refresh");
        }
        let unknown =
            "the token that came with the refresh is none of this server's refresh tokens";
        let coupon = desk.refresh.get(paid).ok_or(unknown)?;
        let family = coupon.family;
        if desk.families[family].void {
            return Err("the login of this refresh token was revoked");
        }
        if let Some((when, issued)) = &coupon.used {
            if self.protocol.grace.is_some_and(|grace| when.elapsed() <= grace) {
                return Ok(issued.clone());
            }
            desk.tally.reuses += 1;
            desk.families[family].void = true;
            return Err("the refresh token was used before, which revokes the login");
        }
        desk.tally.rotations += 1;
        let issued = self.issue(desk, family, access);
        // If the same token is issued again, it does not count as used.
        if self.protocol.rotates
            && paid != issued.access
            && let Some(coupon) = desk.refresh.get_mut(paid)
        {
            coupon.used = Some((Instant::now(), issued.clone()));
        }
        Ok(issued)
    }

    /// Revokes the family of a token.
    pub(crate) fn logout(&self, token: Option<&str>) {
        let desk = &mut *self.desk();
        desk.tally.logouts += 1;
        if let Some(family) = token.and_then(|token| desk.access.get(token)).map(|own| own.family) {
            desk.families[family].void = true;
        }
    }

    /// Expires all current access tokens.
    pub(crate) fn expire_all(&self) {
        self.desk().access.values_mut().for_each(|access| access.expired = true);
    }

    /// Revokes all current families.
    pub(crate) fn revoke_all(&self) {
        self.desk().families.iter_mut().for_each(|family| family.void = true);
    }

    pub(crate) fn live_for(&self, ttl: Option<Duration>) {
        self.desk().rules.ttl = ttl;
    }

    pub(crate) fn state_lifetime(&self, lifetime: Duration) {
        self.desk().rules.stated = Some(lifetime);
    }

    pub(crate) fn expire_after_uses(&self, uses: Option<u64>) {
        self.desk().rules.uses = uses;
    }

    pub(crate) fn always_expired(&self, always: bool) {
        self.desk().rules.always_expired = always;
    }

    pub(crate) fn expect_reuse(&self) {
        self.desk().rules.reuse_is_expected = true;
    }

    pub(crate) fn grants_refresh_token(&self, grants: bool) {
        self.desk().rules.grants_refresh_token = Some(grants);
    }

    pub(crate) fn is_refresh_token_granted(&self) -> Option<bool> {
        self.desk().rules.grants_refresh_token
    }

    /// The refresh tokens that are not access tokens.
    pub(crate) fn refresh_tokens(&self) -> Vec<String> {
        let desk = self.desk();
        desk.refresh.keys().filter(|token| !desk.access.contains_key(*token)).cloned().collect()
    }

    /// Whether this token was ever issued as an access token.
    pub(crate) fn has_issued(&self, token: &str) -> bool {
        self.desk().access.contains_key(token)
    }

    /// Whether this token has expired.
    pub(crate) fn has_expired(&self, token: &str) -> bool {
        self.desk().is_expired(token)
    }

    /// Whether a refresh does not identify the user whose tokens it renews.
    pub(crate) fn is_free(&self) -> bool {
        self.protocol.renewal == Carrier::Free
    }

    pub(crate) fn reuse_is_expected(&self) -> bool {
        self.desk().rules.reuse_is_expected
    }

    pub(crate) fn tally(&self) -> Tally {
        self.desk().tally
    }

    /// The number of the newest token set of all users.
    pub(crate) fn newest_generation(&self) -> u64 {
        self.desk().families.iter().map(|family| family.generation).max().unwrap_or(0)
    }

    fn issue(&self, desk: &mut Desk, family: usize, before: Option<&str>) -> Issued {
        let Protocol { overlaps, same_token, rotates, renewal, .. } = self.protocol;
        if !overlaps {
            desk.access
                .values_mut()
                .filter(|old| old.family == family)
                .for_each(|old| old.expired = true);
        }
        desk.families[family].generation += 1;
        desk.serial += 1;
        let Family { user, generation, .. } = &desk.families[family];
        let (user, generation, serial) = (user.clone(), *generation, desk.serial);
        let access = match before {
            Some(before) if same_token && desk.access.contains_key(before) => before.to_owned(),
            _ => token("access", &user, serial),
        };
        let now = Instant::now();
        let until = desk.rules.ttl.map(|ttl| now + ttl);
        desk.access
            .insert(access.clone(), Access { family, generation, expired: false, until, uses: 0 });
        let refresh = match renewal {
            Carrier::Free => None,
            // The access token is accepted for a refresh, since the client never learns of the other token.
            Carrier::Anywhere => {
                desk.refresh.insert(access.clone(), Coupon { family, used: None });
                let refresh = token("refresh", &user, serial);
                desk.refresh.insert(refresh.clone(), Coupon { family, used: None });
                Some(refresh)
            }
            Carrier::Access => {
                desk.refresh.insert(access.clone(), Coupon { family, used: None });
                None
            }
            _ if generation > 1 && !rotates => None,
            _ => {
                let refresh = token("refresh", &user, serial);
                desk.refresh.insert(refresh.clone(), Coupon { family, used: None });
                Some(refresh)
            }
        };
        let stated = desk.rules.stated.or(desk.rules.ttl);
        let (lifetime, is_lifetime_stated) = (stated.unwrap_or(STATED), stated.is_some());
        let at = self.wall + self.started.elapsed();
        Issued { access, refresh, lifetime, at, user, is_lifetime_stated, generation }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn is_expired(&self, token: &str) -> bool {
        self.access.get(token).is_some_and(|access| {
            access.expired || access.until.is_some_and(|until| until <= Instant::now())
        })
    }
}

/// A token that a person who reads a failed test can attribute to its user, and that resembles no other text.
fn token(kind: &str, user: &str, serial: u64) -> String {
    let noise = serial.wrapping_add(0x9e37_79b9).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    format!("{kind}.{user}.{serial}.{noise:016x}")
}
