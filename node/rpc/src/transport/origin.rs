//! Pages in browsers: which may ask a node on which not all may (`cors` off).
//!
//! A browser names the origin of the page that asks, and only of a WebSocket it leaves the decision
//! to the server. And a page may give its own name the address of this machine (DNS rebinding):
//! then it is of the same origin as the node, under a name that nobody gave the node.

use std::net::IpAddr;

use http::{
    HeaderMap,
    header::{HOST, HeaderName, ORIGIN},
    uri::Authority,
};

/// Whether this request may be answered, as far as it comes from a page.
pub(super) fn is_allowed(headers: &HeaderMap, is_upgrade: bool) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(origin) = text(ORIGIN) else { return true };
    let host = text(HOST).unwrap_or_default();
    match origin.split_once("://") {
        Some((_, page)) if page.eq_ignore_ascii_case(host) => is_not_a_name(host),
        // Of another origin, which a browser does not let have the answer to a request.
        _ => !is_upgrade,
    }
}

/// Whether a host is an address, or this machine as it calls itself.
fn is_not_a_name(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let host = authority.host().trim_matches(['[', ']']);
    host.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests;
