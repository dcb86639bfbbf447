//! How a WebSocket begins (RFC 6455, 4.2).

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method, header};
use sha1::{Digest, Sha1};

/// What a server shows that it knows (RFC 6455, 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The version of RFC 6455.
pub(super) const VERSION: &str = "13";

/// The value of `Sec-WebSocket-Accept`; `None` when this is no request for a WebSocket.
pub(super) fn accept(method: &Method, headers: &HeaderMap) -> Option<String> {
    let version = headers.get(header::SEC_WEBSOCKET_VERSION)?;
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?.as_bytes();
    let is_nonce = STANDARD.decode(key).is_ok_and(|nonce| nonce.len() == 16);
    if *method != Method::GET || version != VERSION || !is_nonce {
        return None;
    }
    Some(STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize()))
}

#[cfg(test)]
mod tests;
