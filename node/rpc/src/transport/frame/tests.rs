use std::net::{IpAddr, Ipv4Addr};

use jsonrpsee::server::Methods;
use tokio::io::{AsyncWriteExt, DuplexStream};

use super::*;
use crate::{RpcConfig, accept::Clients, quota::SMALL_BYTES, transport::Shared};

fn session(config: &RpcConfig) -> Session {
    let client = Clients::new(config).connect(IpAddr::V4(Ipv4Addr::LOCALHOST)).unwrap();
    Session::new(client, Shared::new(Methods::new(), config, None))
}

fn config() -> RpcConfig {
    RpcConfig { body_bytes_max: 100_000, body_stall_ms: 100, ..RpcConfig::default() }
}

fn reader(config: &RpcConfig) -> (DuplexStream, FrameReader<DuplexStream>) {
    let (client, server) = tokio::io::duplex(1 << 20);
    let heard = Arc::new(AtomicBool::new(false));
    (client, FrameReader::new(server, session(config), heard))
}

/// A frame as a client sends it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0xa5, 0x00, 0x5a, 0xff];
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | u8::try_from(length).unwrap()),
        length @ 126..0x1_0000 => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// What a reader makes of these bytes, and of the end of the connection after them.
async fn read(bytes: &[u8]) -> Vec<String> {
    let (mut client, mut reader) = reader(&config());
    client.write_all(bytes).await.unwrap();
    drop(client);
    let mut all = Vec::new();
    loop {
        all.push(match reader.next().await {
            Ok(Incoming::Message(message, _)) => String::from_utf8(message).unwrap(),
            Ok(Incoming::Ping(payload)) => format!("ping {}", payload.len()),
            Ok(Incoming::Pong) => "pong".to_owned(),
            Ok(Incoming::Close) => "close".to_owned(),
            Err(FrameError::Broken { .. }) => return all,
            Err(error) => {
                all.push(format!("{error:?}"));
                return all;
            }
        });
    }
}

#[tokio::test]
async fn messages_come_whole_whatever_their_length_and_frames() {
    for length in [0, 1, 125, 126, 127, 0xffff, 0x1_0000, 100_000] {
        let text = "a".repeat(length);
        assert_eq!(read(&frame(0x81, text.as_bytes())).await, [text]);
    }
    let parts = [
        frame(0x01, b"one"),
        frame(0x89, b"?"),
        frame(0x00, b""),
        frame(0x8a, b""),
        frame(0x80, b" two"),
        frame(0x82, b"three"),
        frame(0x88, &1_000_u16.to_be_bytes()),
    ];
    assert_eq!(read(&parts.concat()).await, ["ping 1", "pong", "one two", "three", "close"]);
}

#[tokio::test]
async fn what_the_specification_forbids_is_refused() {
    let unmasked = vec![0x81, 0x01, b'a'];
    let huge = [&[0x81, 0xff][..], &u64::MAX.to_be_bytes(), &[0; 4]].concat();
    let cases = [
        (unmasked, "not masked"),
        (frame(0xc1, b"a"), "reserved bits"),
        (frame(0x83, b"a"), "opcode"),
        (frame(0x8b, b"a"), "opcode"),
        (frame(0x09, b"a"), "control frame"),
        (frame(0x89, &[0; 126]), "control frame"),
        (frame(0x80, b"a"), "mixed"),
        ([frame(0x01, b"a"), frame(0x81, b"b")].concat(), "mixed"),
        (huge, "TooLarge"),
        (frame(0x81, &[b'a'; 100_001]), "TooLarge"),
        ([frame(0x01, &[b'a'; 60_000]), frame(0x80, &[b'a'; 40_001])].concat(), "TooLarge"),
    ];
    for (bytes, expected) in cases {
        let all = read(&bytes).await;
        assert!(all.len() == 1 && all[0].contains(expected), "{expected}: {all:?}");
    }
}

#[tokio::test]
async fn random_bytes_are_read_to_some_end() {
    let mut word: u64 = 1;
    for _ in 0..2_000 {
        let mut bytes = frame(0x81, b"{}");
        for _ in 0..4 {
            word = word.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            let [place, byte, ..] = word.to_be_bytes();
            let place = usize::from(place) % bytes.len();
            bytes[place] = byte;
        }
        let (mut client, mut reader) = reader(&config());
        client.write_all(&bytes).await.unwrap();
        drop(client);
        while reader.next().await.is_ok() {}
    }
}

#[tokio::test]
async fn a_message_takes_memory_as_it_comes_and_must_come_in_time() {
    let config = RpcConfig { requests_bytes_max: 80_000, ..config() };
    let (mut client, mut reader) = reader(&config);
    let shared = Arc::clone(reader.session.shared());
    let whole = frame(0x81, &[b'a'; 100_000]);
    client.write_all(&whole[..30_000]).await.unwrap();
    let reading = tokio::time::timeout(Duration::from_millis(50), reader.next()).await;
    assert!(reading.is_err(), "it waits for the rest");
    drop(reader);
    assert_eq!(shared.requests.total(), 0, "given back");

    let (mut client, mut reader) = super::tests::reader(&config);
    let shared = Arc::clone(reader.session.shared());
    client.write_all(&frame(0x01, &[b'a'; 30_000])).await.unwrap();
    let slow = reader.next().await;
    assert!(matches!(slow, Err(FrameError::Slow)), "{slow:?}");
    assert_eq!(shared.requests.total(), 30_000 - SMALL_BYTES);

    let (mut client, mut reader) = super::tests::reader(&config);
    client.write_all(&whole).await.unwrap();
    let full = reader.next().await;
    assert!(matches!(full, Err(FrameError::Exhausted { .. })), "{full:?}");
}

#[tokio::test]
async fn frames_are_written_as_they_are_read() {
    for length in [0, 125, 126, 4_096, 4_097, 0xffff, 0x1_0000] {
        let mut written = Vec::new();
        write_frame(&mut written, TEXT, &vec![7; length]).await.unwrap();
        let mut expected = frame(0x81, &vec![7; length]);
        // Without the mask.
        let head = expected.len() - length - 4;
        expected.drain(head..head + 4);
        expected[1] &= 0x7f;
        expected.truncate(head);
        expected.extend(vec![7; length]);
        assert!(written == expected, "{length}");
    }
}
