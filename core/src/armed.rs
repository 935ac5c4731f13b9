//! Which tokens are armed on a descriptor.

use crate::{Interest, Token};

/// The tokens that are armed on one descriptor: a reactor's bookkeeping, the same for every reactor.
#[derive(Debug, Default)]
pub struct Armed(Tokens);

/// Few descriptors have more than one, ever: it lies here, without memory of its own.
#[derive(Debug, Default)]
enum Tokens {
    #[default]
    None,
    One(Token, Interest),
    Many(Vec<(Token, Interest)>),
}

impl Armed {
    /// Adds a token, or what an armed one waits for.
    pub fn add(&mut self, token: Token, interest: Interest) {
        match &mut self.0 {
            Tokens::None => self.0 = Tokens::One(token, interest),
            Tokens::One(known, all) if *known == token => *all |= interest,
            Tokens::One(known, all) => {
                self.0 = Tokens::Many(vec![(*known, *all)]);
                self.add(token, interest);
            }
            Tokens::Many(list) => match list.iter_mut().find(|(known, _)| *known == token) {
                Some((_, all)) => *all |= interest,
                None => {
                    // The urgent byte is taken first: a read could skip it.
                    let place = if interest.contains(Interest::PRIORITY) { 0 } else { list.len() };
                    list.insert(place, (token, interest));
                }
            },
        }
    }

    /// Removes a token.
    pub fn remove(&mut self, token: Token) {
        self.retain(|known, _| known != token);
    }

    /// Removes the tokens that wait for some of `ready`, and appends them to `into`.
    #[inline]
    pub fn fire(&mut self, ready: Interest, into: &mut Vec<Token>) {
        self.retain(|token, interest| {
            let stays = interest.and(ready).is_none();
            if !stays {
                into.push(token);
            }
            stays
        });
    }

    /// Removes all tokens, and appends them to `into`: whatever they wait for, they find out for themselves what is so.
    pub fn fire_all(&mut self, into: &mut Vec<Token>) {
        self.fire(self.interest(), into);
    }

    /// What all of them wait for together.
    #[inline]
    pub fn interest(&self) -> Interest {
        match &self.0 {
            Tokens::None => Interest::NONE,
            Tokens::One(_, interest) => *interest,
            Tokens::Many(list) => list.iter().fold(Interest::NONE, |all, (_, more)| all | *more),
        }
    }

    /// Is none armed?
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Tokens::None)
    }

    #[inline]
    fn retain(&mut self, mut stays: impl FnMut(Token, Interest) -> bool) {
        let is_empty = match &mut self.0 {
            Tokens::None => return,
            Tokens::One(token, interest) => !stays(*token, *interest),
            Tokens::Many(list) => {
                list.retain(|(token, interest)| stays(*token, *interest));
                list.is_empty()
            }
        };
        if is_empty {
            self.0 = Tokens::None;
        }
    }
}
