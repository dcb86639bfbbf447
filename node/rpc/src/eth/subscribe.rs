//! `eth_subscribe` and `minster_subscribe`.
//!
//! Blocks are followed by number: an event only says that there may be a new one. So a subscriber
//! gets every block once and in order, even after it lagged behind the feed. A connection has one
//! message waiting at a time; a slow client holds up nobody but itself.

use std::sync::Arc;

use alloy_rpc_types_eth::Filter;
use jsonrpsee::{
    PendingSubscriptionSink, RpcModule, SubscriptionSink,
    core::RegisterMethodError,
    server::SubscriptionMessage,
    types::{Extensions, Params},
};
use minster_sequencer::{Block, Event, Slice};
use serde::Serialize;
use serde_json::value::to_raw_value;
use tokio::sync::broadcast::{self, error::RecvError};

use super::logs::{check_filter, matching};
use crate::{
    api::Api, arguments::Arguments, error::ApiError, json, methods::Answer, transport::Session,
};

/// Adds the subscriptions to the method table.
pub(crate) fn register(module: &mut RpcModule<Api>) -> Result<(), RegisterMethodError> {
    module.register_subscription(
        "eth_subscribe",
        "eth_subscription",
        "eth_unsubscribe",
        |params, pending, api, extensions| async move {
            serve(parse_eth(&params, &api), pending, api, extensions).await;
        },
    )?;
    module.register_subscription(
        "minster_subscribe",
        "minster_subscription",
        "minster_unsubscribe",
        |params, pending, api, extensions| async move {
            serve(parse_minster(&params), pending, api, extensions).await;
        },
    )?;
    Ok(())
}

/// What is subscribed to.
#[derive(Debug)]
enum Topic {
    /// Headers of sealed blocks.
    NewHeads,
    /// Logs of sealed blocks.
    Logs(Box<Filter>),
    /// Transactions that enter the pool, whole or as hashes.
    Pooled { is_full: bool },
    /// Slices, with what they did.
    Slices,
}

fn parse_eth(params: &Params<'_>, api: &Api) -> Answer<Topic> {
    let arguments = Arguments::new(params, 2)?;
    let name: String = arguments.required(0)?;
    match name.as_str() {
        "newHeads" => Ok(Topic::NewHeads),
        "logs" => {
            let filter: Box<Filter> = arguments.or_default(1)?;
            check_filter(&filter, &api.config)?;
            Ok(Topic::Logs(filter))
        }
        "newPendingTransactions" => Ok(Topic::Pooled { is_full: arguments.or_default(1)? }),
        _ => Err(ApiError::UnknownSubscription { namespace: "eth", name }),
    }
}

fn parse_minster(params: &Params<'_>) -> Answer<Topic> {
    let name: String = Arguments::new(params, 1)?.required(0)?;
    match name.as_str() {
        "slices" => Ok(Topic::Slices),
        _ => Err(ApiError::UnknownSubscription { namespace: "minster", name }),
    }
}

/// The subscriber is gone, or the chain ended.
struct Ended;

impl From<jsonrpsee::DisconnectError> for Ended {
    fn from(_: jsonrpsee::DisconnectError) -> Self {
        Self
    }
}

/// Who is told.
struct Subscriber {
    sink: SubscriptionSink,
    /// Its connection; `None` within the process.
    session: Option<Session>,
}

impl Subscriber {
    /// Makes a message and hands it on, in the connection's turn: so one connection has one message
    /// waiting, however many subscriptions it has and however slow it is.
    async fn send(&self, message: &impl Serialize) -> Result<(), Ended> {
        let message = || to_raw_value(message).map_err(|_| Ended);
        let Some(session) = &self.session else {
            return Ok(self.sink.send(SubscriptionMessage::from(message()?)).await?);
        };
        let _turn = session.turn().lock().await;
        let message = message()?;
        let mut unsent = session.unsent();
        if unsent.grow(message.get().len()).is_err() {
            session.overrun();
            return Err(Ended);
        }
        self.sink.send(SubscriptionMessage::from(message)).await?;
        session.taken(|| self.sink.capacity() == self.sink.max_capacity()).await;
        Ok(())
    }
}

/// Serves a subscription to its end. The extensions hold its place among all.
async fn serve(
    topic: Answer<Topic>,
    pending: PendingSubscriptionSink,
    api: Arc<Api>,
    extensions: Extensions,
) {
    let topic = match topic {
        Ok(topic) => topic,
        Err(error) => return pending.reject(error).await,
    };
    // Before the client hears that it is subscribed, so that nothing after that is missed.
    let events = api.chain().subscribe();
    let pooled = api.pooled_feed.subscribe();
    let next_block = api.chain().latest().number().saturating_add(1);
    let session: Option<Session> = extensions.get().cloned();
    let sink = {
        let _accepting = match &session {
            Some(session) => Some(session.accepting().await),
            None => None,
        };
        let Ok(sink) = pending.accept().await else { return };
        sink
    };
    let subscriber = Subscriber { sink, session };
    let follow = async {
        match topic {
            Topic::NewHeads => blocks(&api, &subscriber, events, next_block, None).await,
            Topic::Logs(filter) => {
                blocks(&api, &subscriber, events, next_block, Some(&filter)).await
            }
            Topic::Pooled { is_full } => transactions(&api, &subscriber, pooled, is_full).await,
            Topic::Slices => slices(&api, &subscriber, events).await,
        }
    };
    tokio::select! {
        // Ends when the chain or the sink does.
        _ = follow => {}
        () = subscriber.sink.closed() => {}
    }
}

/// Sends the header of each sealed block, or those of its logs that are wanted.
async fn blocks(
    api: &Api,
    subscriber: &Subscriber,
    mut events: broadcast::Receiver<Event>,
    mut next_block: u64,
    wanted: Option<&Filter>,
) -> Result<(), Ended> {
    loop {
        match events.recv().await {
            Ok(Event::Slice(_)) => continue,
            Ok(Event::Sealed(_)) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Ok(()),
        }
        while next_block <= api.chain().latest().number() {
            let Some(block) = read_block(api, next_block) else { return Err(Ended) };
            match wanted {
                None => subscriber.send(&json::header(&block)).await?,
                Some(filter) => {
                    for log in matching(filter, &block) {
                        subscriber.send(&log).await?;
                    }
                }
            }
            next_block += 1;
        }
    }
}

fn read_block(api: &Api, number: u64) -> Option<Arc<Block>> {
    match api.chain().block(number) {
        Ok(block) => block,
        Err(error) => {
            tracing::error!(%error, number, "subscription ended");
            None
        }
    }
}

/// Sends every slice. One that lags behind the feed loses some, and sees it by the sequence.
async fn slices(
    api: &Api,
    subscriber: &Subscriber,
    mut events: broadcast::Receiver<Event>,
) -> Result<(), Ended> {
    loop {
        match events.recv().await {
            Ok(Event::Slice(slice)) => {
                subscriber.send(&json::slice(&slice, base_fee(api, &slice))).await?;
            }
            Ok(Event::Sealed(_)) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Ok(()),
        }
    }
}

/// Base fee of a slice's block, open or sealed meanwhile.
fn base_fee(api: &Api, slice: &Slice) -> u64 {
    let number = slice.header.block_number;
    let context = api.chain().next_context(slice.header.block_timestamp);
    if context.number == number {
        return context.base_fee;
    }
    let block = read_block(api, number);
    block.and_then(|block| block.header.base_fee_per_gas).unwrap_or_default()
}

async fn transactions(
    api: &Api,
    subscriber: &Subscriber,
    mut pooled: broadcast::Receiver<alloy_primitives::B256>,
    is_full: bool,
) -> Result<(), Ended> {
    loop {
        let hash = match pooled.recv().await {
            Ok(hash) => hash,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return Ok(()),
        };
        if !is_full {
            subscriber.send(&hash).await?;
        } else if let Some(transaction) = api.pool().get(hash) {
            subscriber.send(&json::pooled(&transaction)).await?;
        }
    }
}
