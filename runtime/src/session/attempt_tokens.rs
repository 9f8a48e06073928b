//! The tokens of one attempt.

use std::slice;

use bytes::Bytes;

use crate::logic::gate::Ticket;
use crate::ports::proof::BoundKey;
use crate::types::auth::{Credential, Placement};
use crate::types::tokens::{BEARER, Tokens};

/// The right to send one attempt with one token.
#[derive(Debug, Clone)]
pub(crate) struct AttemptToken {
    pub(crate) slot: usize,
    pub(crate) credential: &'static Credential,
    pub(crate) ticket: Ticket,
    /// The token as it is sent, with `Bearer ` before it if the placement requires that.
    pub(crate) token: Bytes,
    /// The address of the API, if it came with the token.
    pub(crate) base: Option<Box<str>>,
    /// The key to which the token is bound; few are bound.
    pub(crate) key: Option<Box<BoundKey>>,
}

/// A token with `Bearer ` before it if it is sent like that.
pub(super) fn as_sent(tokens: &Tokens, placement: Placement) -> Bytes {
    match placement {
        Placement::Bearer => tokens.authorization(),
        _ => tokens.raw(),
    }
}

impl AttemptToken {
    /// The token without its scheme.
    pub(crate) fn bare(&self) -> Bytes {
        match self.credential.placement {
            Placement::Bearer => self.token.slice(BEARER.len()..),
            _ => self.token.clone(),
        }
    }
}

/// The tokens of one attempt: one for each credential that it carries.
#[derive(Debug, Default, Clone)]
pub(crate) struct AttemptTokens(Kept);

#[derive(Debug, Default, Clone)]
enum Kept {
    #[default]
    None,
    /// Nearly always there is one, and nothing is allocated for it.
    One(AttemptToken),
    More(Vec<AttemptToken>),
}

impl AttemptTokens {
    pub(crate) fn iter(&self) -> slice::Iter<'_, AttemptToken> {
        match &self.0 {
            Kept::None => Default::default(),
            Kept::One(token) => slice::from_ref(token).iter(),
            Kept::More(tokens) => tokens.iter(),
        }
    }

    pub(crate) fn of(&self, slot: usize) -> Option<&AttemptToken> {
        self.iter().find(|token| token.slot == slot)
    }

    /// Whether one of them is bound to a key.
    pub(crate) fn are_bound(&self) -> bool {
        self.iter().any(|token| token.key.is_some())
    }

    /// The old token, which a refresh carries.
    pub(crate) fn of_refresh(
        slot: usize,
        credential: &'static Credential,
        tokens: &Tokens,
    ) -> Self {
        let token = as_sent(tokens, credential.placement);
        let ticket = Ticket { epoch: 0, generation: 0 };
        Self(Kept::One(AttemptToken { slot, credential, ticket, token, base: None, key: None }))
    }

    /// These tokens, with the next token for this slot.
    pub(crate) fn renewed(mut self, slot: usize, token: &str) -> Self {
        let token = Tokens::new(token);
        let passes = match &mut self.0 {
            Kept::None => &mut [][..],
            Kept::One(token) => slice::from_mut(token),
            Kept::More(tokens) => tokens,
        };
        for pass in passes.iter_mut().filter(|pass| pass.slot == slot) {
            pass.token = as_sent(&token, pass.credential.placement);
        }
        self
    }

    /// This attempt, with other tokens.
    pub(crate) fn with(mut self, others: &Self) -> Self {
        others.iter().for_each(|other| self.push(other.clone()));
        self
    }

    pub(super) fn push(&mut self, token: AttemptToken) {
        match &mut self.0 {
            Kept::None => self.0 = Kept::One(token),
            Kept::One(first) => self.0 = Kept::More(vec![first.clone(), token]),
            Kept::More(tokens) => tokens.push(token),
        }
    }
}
