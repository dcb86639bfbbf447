use std::net::{IpAddr, Ipv4Addr};

use jsonrpsee::RpcModule;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::{RpcConfig, accept::Clients, transport::Shared};

#[tokio::test]
async fn a_handler_that_panics_costs_its_connection() {
    let mut module = RpcModule::new(());
    module.register_method("broken", |_, (), _| -> u8 { panic!("a bug") }).unwrap();
    let config = RpcConfig::default();
    let client = Clients::new(&config).connect(IpAddr::V4(Ipv4Addr::LOCALHOST)).unwrap();
    let shared = Shared::new(module.into(), &config, None);
    let (mut client_side, server_side) = tokio::io::duplex(1 << 10);
    let (_stop, stopping) = watch::channel(false);
    let serving = tokio::spawn(serve(server_side, Session::new(client, shared), stopping));
    let request = br#"{"jsonrpc":"2.0","id":1,"method":"broken"}"#;
    let length = u8::try_from(request.len()).unwrap();
    let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0], &request[..]].concat();
    client_side.write_all(&frame).await.unwrap();
    let mut answer = Vec::new();
    client_side.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, [&[0x88, 2], &1_011_u16.to_be_bytes()[..]].concat());
    drop(client_side);
    serving.await.unwrap();
}
