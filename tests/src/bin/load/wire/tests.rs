use super::*;

const BODY: &[u8] = br#"{"jsonrpc":"2.0","id":7,"result":"0x1"}"#;

fn http(head: &str) -> Vec<u8> {
    [head.as_bytes(), b"\r\n\r\n", BODY].concat()
}

/// A frame as a server sends it: not masked.
fn from_server(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length if length < 126 => frame.push(length as u8),
        length if length < 1 << 16 => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    [&frame, payload].concat()
}

#[test]
fn requests_are_what_json_rpc_has() {
    let text = request(12, "eth_sendRawTransaction", &[0x02, 0xff]);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let expected = serde_json::json!({
        "jsonrpc": "2.0", "id": 12, "method": "eth_sendRawTransaction", "params": ["0x02ff"]
    });
    assert_eq!(value, expected);
    assert_eq!(id(text.as_bytes()).unwrap(), 12);
    assert!(id(br#"{"result":null}"#).is_err());
}

#[test]
fn http_requests_say_how_long_they_are() {
    let text = String::from_utf8(framed(Transport::Http, "127.0.0.1:1", BODY)).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.as_bytes(), BODY);
    for line in ["POST / HTTP/1.1", "Host: 127.0.0.1:1", "Content-Type: application/json"] {
        assert!(head.split("\r\n").any(|other| other == line), "{head}");
    }
    assert!(head.ends_with(&format!("Content-Length: {}", BODY.len())));
}

#[test]
fn frames_have_lengths_of_three_forms_and_a_mask_of_zeros() {
    for (length, head) in [
        (0, vec![0x81, 0x80]),
        (125, vec![0x81, 0x80 | 125]),
        (126, vec![0x81, 0x80 | 126, 0, 126]),
        (65_535, vec![0x81, 0x80 | 126, 0xff, 0xff]),
        (65_536, vec![0x81, 0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0]),
    ] {
        let payload = vec![b'x'; length];
        let expected = [&head[..], &[0; 4], &payload].concat();
        assert_eq!(framed(Transport::WebSocket, "", &payload), expected, "{length}");
    }
    assert_eq!(pong(b"hi"), [0x8a, 0x82, 0, 0, 0, 0, b'h', b'i']);
}

#[test]
fn http_answers_are_found_once_they_are_whole() {
    for head in
        ["HTTP/1.1 200 OK\r\ncontent-length: 39", "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length:39"]
    {
        let all = http(head);
        let start = all.len() - BODY.len();
        for end in 0..all.len() {
            assert_eq!(incoming(Transport::Http, &all[..end]).unwrap(), None, "{end}");
        }
        let two = [&all[..], &all].concat();
        let answer = (Incoming::Answer(start..all.len()), all.len());
        assert_eq!(incoming(Transport::Http, &two).unwrap(), Some(answer));
    }
    for head in
        ["HTTP/1.1 200 OK", "HTTP/1.1 503 No\r\nContent-Length: 39", "x\r\nContent-Length: x"]
    {
        assert!(incoming(Transport::Http, &http(head)).is_err(), "{head}");
    }
}

#[test]
fn frames_are_found_once_they_are_whole() {
    for length in [0, 1, 125, 126, 65_535, 65_536] {
        let payload = vec![b'x'; length];
        let all = from_server(0x81, &payload);
        let (start, end) = (all.len() - length, all.len());
        for cut in [0, 1, start - 1, end - 1] {
            assert_eq!(
                incoming(Transport::WebSocket, &all[..cut]).unwrap(),
                None,
                "{length} {cut}"
            );
        }
        let more = [&all[..], &[0x81]].concat();
        let answer = (Incoming::Answer(start..end), end);
        assert_eq!(incoming(Transport::WebSocket, &more).unwrap(), Some(answer), "{length}");
    }
    let ping = incoming(Transport::WebSocket, &from_server(0x89, b"a")).unwrap();
    assert_eq!(ping, Some((Incoming::Ping(2..3), 3)));
    let pong = incoming(Transport::WebSocket, &from_server(0x8a, b"")).unwrap();
    assert_eq!(pong, Some((Incoming::Nothing, 2)));
}

#[test]
fn what_a_server_should_not_send_is_an_error() {
    let closed = incoming(Transport::WebSocket, &from_server(0x88, &1013_u16.to_be_bytes()));
    assert!(closed.unwrap_err().to_string().contains("1013"));
    for first in [0x01, 0x80, 0x82, 0x8b] {
        assert!(incoming(Transport::WebSocket, &from_server(first, b"x")).is_err(), "{first:x}");
    }
    assert!(incoming(Transport::WebSocket, &framed(Transport::WebSocket, "", b"x")).is_err());
}

#[test]
fn texts_are_found_and_counted() {
    assert_eq!(find(b"abcabc", b"ca"), Some(2));
    assert_eq!(find(b"ab", b"abc"), None);
    assert_eq!(count(b"abcabca", b"abca"), 2);
    assert_eq!(count(b"", b"a"), 0);
}
