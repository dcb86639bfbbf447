//! `eth_subscribe` and `minster_subscribe`.
//!
//! Blocks are followed by number: an event only says that there may be a new one. So a subscriber
//! gets every block once and in order, even after it lagged behind the feed. A connection has one
//! message in the making or waiting at a time, and nothing is read for any other; a slow client
//! holds up nobody but itself, and keeps nothing in memory.

use std::sync::Arc;

use jsonrpsee::{
    PendingSubscriptionSink, RpcModule, SubscriptionSink,
    core::RegisterMethodError,
    server::SubscriptionMessage,
    types::{Extensions, Params},
};
use minster_sequencer::{Block, Event};
use serde::Serialize;
use serde_json::value::to_raw_value;
use tokio::sync::{
    MutexGuard,
    broadcast::{self, error::RecvError},
};

use super::{
    logs::{Criteria, Cursor, look},
    transactions::find_transaction,
};
use crate::{
    accept::Asker, api::Api, arguments::Arguments, error::ApiError, json, methods::Answer,
    read::FromJson, transport::Session,
};

/// Adds the subscriptions to the method table.
pub(crate) fn register(module: &mut RpcModule<Api>) -> Result<(), RegisterMethodError> {
    module.register_subscription(
        "eth_subscribe",
        "eth_subscription",
        "eth_unsubscribe",
        |params, pending, api, extensions| async move {
            let session: Option<Session> = extensions.get().cloned();
            let asker = session.as_ref().map(|session| session.client().key());
            serve(parse_eth(&params, &api, asker), pending, api, extensions).await;
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
    Logs(Arc<Criteria>),
    /// Transactions that enter the pool, whole or as hashes.
    Pooled { is_full: bool },
    /// Slices, with what they did.
    Slices,
    /// Whether the node is behind the chain: it makes the chain, so that there is never news.
    Syncing,
}

fn parse_eth(params: &Params<'_>, api: &Api, asker: Asker) -> Answer<Topic> {
    let arguments = |count_max| Arguments::new(params, count_max);
    let name = name(params)?;
    match name.as_str() {
        "newHeads" => arguments(1).map(|_| Topic::NewHeads),
        "logs" => {
            let criteria = Criteria::new(arguments(2)?.required(1)?, &api.config)?;
            Ok(Topic::Logs(criteria.keep(api, asker)?))
        }
        "newPendingTransactions" => Ok(Topic::Pooled { is_full: arguments(2)?.or_default(1)? }),
        "syncing" => arguments(1).map(|_| Topic::Syncing),
        _ => Err(ApiError::UnknownSubscription { namespace: "eth", name }),
    }
}

/// The name of a subscription, which says how many arguments there may be beside it.
fn name(params: &Params<'_>) -> Answer<String> {
    // Here alone geth does not take what is left out for an empty list.
    if params.as_str().is_none() {
        return Err(ApiError::ArgumentsNotAList);
    }
    let arguments = Arguments::new(params, usize::MAX)?;
    let name = arguments.written(0).map(String::from_json);
    name.and_then(Result::ok).ok_or(ApiError::NoSubscriptionName)
}

fn parse_minster(params: &Params<'_>) -> Answer<Topic> {
    let name = name(params)?;
    match name.as_str() {
        "slices" => Arguments::new(params, 1).map(|_| Topic::Slices),
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
    fn asker(&self) -> Asker {
        self.session.as_ref().map(|session| session.client().key())
    }

    /// Waits for the connection's turn: so one connection has one message waiting, however many
    /// subscriptions it has and however slow it is.
    async fn turn(&self) -> Turn<'_> {
        let session = match &self.session {
            Some(session) => Some((session, session.turn().lock().await)),
            None => None,
        };
        Turn { sink: &self.sink, session }
    }
}

/// The turn of a subscription to make messages.
struct Turn<'a> {
    sink: &'a SubscriptionSink,
    session: Option<(&'a Session, MutexGuard<'a, ()>)>,
}

impl Turn<'_> {
    /// Makes a message and waits until it is taken to be sent.
    async fn send(&self, message: &impl Serialize) -> Result<(), Ended> {
        let message = to_raw_value(message).map_err(|_| Ended)?;
        let Some((session, _)) = &self.session else {
            return Ok(self.sink.send(SubscriptionMessage::from(message)).await?);
        };
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
            Topic::NewHeads => heads(&api, &subscriber, events, next_block).await,
            Topic::Logs(criteria) => logs(&api, &subscriber, events, next_block, &criteria).await,
            Topic::Pooled { is_full } => transactions(&api, &subscriber, pooled, is_full).await,
            Topic::Slices => slices(&api, &subscriber, events).await,
            Topic::Syncing => std::future::pending().await,
        }
    };
    tokio::select! {
        // Ends when the chain or the sink does.
        _ = follow => {}
        () = subscriber.sink.closed() => {}
    }
}

/// Waits until this block is sealed.
async fn sealed(
    api: &Api,
    events: &mut broadcast::Receiver<Event>,
    number: u64,
) -> Result<(), Ended> {
    while api.chain().latest().number() < number {
        match events.recv().await {
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Err(Ended),
        }
    }
    Ok(())
}

/// Looks at a sealed block: here when it is at hand, on a blocking thread when it must be read.
async fn look_at<T: Send + 'static>(
    api: &Arc<Api>,
    asker: Asker,
    number: u64,
    look: impl FnOnce(&Block) -> T + Send + 'static,
) -> Result<T, Ended> {
    let is_at_hand = api.chain().has_at_hand(number);
    let chain = Arc::clone(api.chain());
    let work = move || -> Answer<T> {
        let block = chain.block(number)?.ok_or(ApiError::UnknownBlock)?;
        Ok(look(&block))
    };
    let found = if is_at_hand { work() } else { api.gate.follow(asker, work).await };
    found.map_err(|error| {
        tracing::error!(%error, number, "subscription ended");
        Ended
    })
}

/// Sends the header of each sealed block.
async fn heads(
    api: &Arc<Api>,
    subscriber: &Subscriber,
    mut events: broadcast::Receiver<Event>,
    first_block: u64,
) -> Result<(), Ended> {
    for number in first_block.. {
        sealed(api, &mut events, number).await?;
        let turn = subscriber.turn().await;
        let header = look_at(api, subscriber.asker(), number, json::header).await?;
        turn.send(&header).await?;
    }
    Ok(())
}

/// Sends those logs of each sealed block that are wanted. After the last of these there is nothing
/// to send, and still the subscription is there.
async fn logs(
    api: &Arc<Api>,
    subscriber: &Subscriber,
    mut events: broadcast::Receiver<Event>,
    first_block: u64,
    criteria: &Arc<Criteria>,
) -> Result<(), Ended> {
    let numbers = criteria.numbers();
    for number in first_block.max(*numbers.start())..=*numbers.end() {
        sealed(api, &mut events, number).await?;
        let mut next = Some(Cursor::default());
        while let Some(cursor) = next {
            let turn = subscriber.turn().await;
            let criteria = Arc::clone(criteria);
            let look = move |block: &Block| look(&criteria, block, cursor);
            let piece = look_at(api, subscriber.asker(), number, look).await?;
            for log in &piece.logs {
                turn.send(log).await?;
            }
            next = piece.next;
            drop(turn);
            // Others use this thread too.
            tokio::task::yield_now().await;
        }
    }
    while !matches!(events.recv().await, Err(RecvError::Closed)) {}
    Ok(())
}

/// Sends every slice. One that lags far behind the feed loses some, and sees it by the sequence.
async fn slices(
    api: &Api,
    subscriber: &Subscriber,
    mut events: broadcast::Receiver<Event>,
) -> Result<(), Ended> {
    loop {
        let sequence = match events.recv().await {
            Ok(Event::Slice(sequence)) => sequence,
            Ok(Event::Sealed(_)) | Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return Ok(()),
        };
        let turn = subscriber.turn().await;
        let found = api.chain().slice(sequence);
        if let Some(slice) = found.map(|(slice, base_fee)| json::slice(&slice, base_fee)) {
            turn.send(&slice).await?;
        }
    }
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
            subscriber.turn().await.send(&hash).await?;
            continue;
        }
        // The pool first: of what is there the index would be asked for nothing, on the disk, too.
        let pooled = api.pool().get(hash).map(|transaction| json::pooled(&transaction));
        let found = pooled.or_else(|| find_transaction(api, hash).ok().flatten());
        if let Some(transaction) = found {
            subscriber.turn().await.send(&transaction).await?;
        }
    }
}
