//! The short way of `eth_sendRawTransaction`, which is most of what a busy node is asked.
//!
//! A request that is written as clients write it is read in one pass, without a tree and without
//! copies. Whatever looks otherwise in the least goes the general way, so that nothing is judged
//! here: the general way refuses it, or takes it all the same.

use std::sync::Arc;

use futures::future::BoxFuture;
use jsonrpsee::{
    MethodResponse, ResponsePayload,
    types::{ErrorObjectOwned, Id},
};

use super::{Caller, Calls};
use crate::{eth::transactions::submit, methods::Answer, read::parse_bytes};

/// The method.
const METHOD: &str = "eth_sendRawTransaction";

/// Bytes of an id that is a text.
const ID_BYTES_MAX: usize = 64;

/// Digits of an id that is a number: fewer than could be too many.
const ID_DIGITS_MAX: usize = 15;

/// A request to take a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sending {
    pub(super) id: Id<'static>,
    pub(super) bytes: Vec<u8>,
}

impl Calls {
    /// Begins such a request, and says its id; `None` when this is none, or not written so.
    pub(super) fn begin_sending(
        &self,
        text: &[u8],
        caller: &Caller,
    ) -> Option<(Id<'static>, BoxFuture<'static, MethodResponse>)> {
        let api = Arc::clone(self.api.as_ref()?);
        let Sending { id, bytes } = parse(text)?;
        let named = id.clone();
        let (timer, maximum) = (self.asked.start(METHOD), self.response_bytes_max);
        let is_allowed: Answer<()> = caller.session.client().ask();
        let sent = Box::pin(async move {
            let answer = match is_allowed {
                Ok(()) => submit(&api, bytes).await,
                Err(error) => Err(error),
            };
            let response = match answer {
                Ok(hash) => MethodResponse::response(id, ResponsePayload::success(hash), maximum),
                Err(error) => MethodResponse::error(id, ErrorObjectOwned::from(error)),
            };
            timer.end(response.as_error_code());
            response
        });
        Some((named, sent))
    }
}

/// Reads a request with exactly the four members that it needs, in any order.
pub(super) fn parse(text: &[u8]) -> Option<Sending> {
    let mut rest = Rest(text);
    let (mut id, mut bytes, mut has_version, mut has_method) = (None, None, false, false);
    rest.token(b"{")?;
    for index in 0..4 {
        if index > 0 {
            rest.token(b",")?;
        }
        match rest.string()? {
            b"jsonrpc" if !has_version => {
                rest.token(b":")?;
                has_version = rest.string()? == b"2.0";
            }
            b"method" if !has_method => {
                rest.token(b":")?;
                has_method = rest.string()? == METHOD.as_bytes();
            }
            b"id" if id.is_none() => {
                rest.token(b":")?;
                id = Some(rest.id()?);
            }
            b"params" if bytes.is_none() => {
                rest.token(b":")?;
                rest.token(b"[")?;
                bytes = Some(digits(rest.string()?)?);
                rest.token(b"]")?;
            }
            _ => return None,
        }
    }
    rest.token(b"}")?;
    (rest.is_at_end() && has_version && has_method).then_some(Sending { id: id?, bytes: bytes? })
}

/// The bytes that digits after `0x` say.
fn digits(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.starts_with("0x"))?;
    parse_bytes(text).ok()
}

/// What is left of a text.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn skip_space(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }

    fn token(&mut self, token: &[u8]) -> Option<()> {
        self.skip_space();
        self.0 = self.0.strip_prefix(token)?;
        Some(())
    }

    fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.0.is_empty()
    }

    /// A text without escapes, in ASCII.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.token(b"\"")?;
        let length = self.0.iter().position(|byte| *byte == b'"')?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest.strip_prefix(b"\"")?;
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'\\';
        text.iter().all(is_plain).then_some(text)
    }

    fn id(&mut self) -> Option<Id<'static>> {
        self.skip_space();
        if self.0.starts_with(b"\"") {
            let text = self.string().filter(|text| text.len() <= ID_BYTES_MAX)?;
            return Some(Id::Str(String::from_utf8(text.to_vec()).ok()?.into()));
        }
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(length)?;
        // With a point or an exponent it goes on otherwise; with a zero before it, it is no number.
        let is_number = matches!(rest, [b',' | b'}' | b' ', ..])
            && digits.len() <= ID_DIGITS_MAX
            && (digits.len() == 1 || !digits.starts_with(b"0"));
        self.0 = rest;
        is_number.then_some(Id::Number(std::str::from_utf8(digits).ok()?.parse().ok()?))
    }
}

#[cfg(test)]
mod tests;
