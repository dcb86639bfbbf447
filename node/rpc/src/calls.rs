//! From the text of a message to the text of its answer: single requests, and batches whose entries
//! do not wait for each other.

mod batch;
pub(crate) mod id;
mod sending;

use std::{borrow::Cow, sync::Arc};

use alloy_primitives::B128;
use futures::future::BoxFuture;
use jsonrpsee::{
    MethodResponse,
    core::traits::IdProvider,
    server::{BoundedSubscriptions, MethodCallback, MethodSink, Methods, SubscriptionState},
    types::{
        ErrorObjectOwned, Extensions, Id, Params, Request, SubscriptionId, TwoPointZero,
        error::reject_too_many_subscriptions,
    },
};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::{
    RpcConfig,
    api::Api,
    arguments::Arguments,
    error::ApiError,
    list::count_values,
    metrics::Asked,
    read::Handle,
    transport::{Session, Unsent},
};

/// A request, which has an id, or a notification, which has none.
#[derive(Debug, Deserialize)]
struct Message<'a> {
    jsonrpc: TwoPointZero,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

/// What names an object, if anything does.
#[derive(Debug, Deserialize)]
struct Named<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
}

/// The first value of a text. What stands after it nobody reads, as on geth, which takes one value
/// from a body or a message.
fn first<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, serde_json::Error> {
    T::deserialize(&mut serde_json::Deserializer::from_slice(text))
}

/// The first value of a text, if it is an object: a list of the members' values is none, though it
/// could be read as one.
fn first_object<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    if beginning(text) == Some(b'{') { first(text).ok() } else { None }
}

/// A value that is there, and be it null.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(value).map(Some)
}

/// An answer that is no error.
#[derive(Debug, Deserialize)]
struct Success<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
}

/// The methods, and the limits of asking for them.
#[derive(Debug)]
pub(crate) struct Calls {
    methods: Methods,
    /// What [`sending`] needs, where there is a pool to send to.
    api: Option<Arc<Api>>,
    pub(crate) asked: Asked,
    batch_max: usize,
    values_max: usize,
    response_bytes_max: usize,
}

/// Who asks.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) session: Session,
    /// How it hears of what it subscribes to; `None` over HTTP.
    pub(crate) subscriber: Option<Subscriber>,
}

/// Who can be told of something later.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) sink: MethodSink,
    pub(crate) subscriptions: BoundedSubscriptions,
}

/// An answer's text.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) text: String,
    /// Held until the text is with the system.
    _unsent: Unsent,
}

/// What a message is, by its first character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Single,
    Batch,
}

/// A request that was begun.
enum Begun {
    Done(MethodResponse),
    Running(BoxFuture<'static, MethodResponse>),
}

/// What one object asks for.
enum Wish<'a> {
    Call(Request<'a>),
    /// Is done as any other, and has no answer.
    Notification(Request<'a>),
    Nonsense(MethodResponse),
}

impl Begun {
    async fn end(self) -> MethodResponse {
        match self {
            Self::Done(response) => response,
            Self::Running(response) => response.await,
        }
    }
}

impl Caller {
    /// The same, who is told of nothing later.
    fn without_subscriptions(&self) -> Self {
        Self { session: self.session.clone(), subscriber: None }
    }
}

impl Calls {
    pub(crate) fn new(methods: Methods, config: &RpcConfig, api: Option<Arc<Api>>) -> Self {
        let size = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        Self {
            asked: Asked::new(methods.method_names()),
            methods,
            batch_max: size(config.batch_max),
            values_max: config.request_values_max,
            response_bytes_max: size(config.response_bytes_max),
            api,
        }
    }

    /// Answers a message; `None` when it asks for no answer.
    pub(crate) async fn answer(&self, text: &[u8], caller: &Caller) -> Option<Reply> {
        match shape(text) {
            // Over HTTP nothing is asked for, as on geth.
            None if caller.subscriber.is_none() => {
                let busy = caller.session.client().ask().err();
                busy.map(|error| Reply::refusal(refused(error), caller))
            }
            None => Some(Reply::refusal(refusal(ApiError::Parse, caller), caller)),
            Some(Shape::Single) => self.single(text, caller).await,
            Some(Shape::Batch) => self.batch(text, caller).await,
        }
    }

    async fn single(&self, text: &[u8], caller: &Caller) -> Option<Reply> {
        if let Some((id, sent)) = self.begin_sending(text, caller) {
            return Some(Reply::new(sent.await, id, caller));
        }
        match wish(text) {
            Wish::Notification(request) => {
                self.begin(request, &caller.without_subscriptions()).end().await;
                None
            }
            Wish::Nonsense(refusal) => Some(Reply::refusal(counted(refusal, caller), caller)),
            Wish::Call(request) => {
                let id = request.id.clone().into_owned();
                let response = self.begin(request, caller).end().await;
                // The subscription itself says so, before anything else that it says.
                if response.is_subscription() {
                    return None;
                }
                Some(Reply::new(response, id, caller))
            }
        }
    }

    /// Begins a request. Methods that answer at once have done so when this returns.
    fn begin(&self, request: Request<'_>, caller: &Caller) -> Begun {
        let id = request.id.clone().into_owned();
        let timer = self.asked.start(&request.method);
        let begun = self.try_begin(request, caller).unwrap_or_else(|error| {
            Begun::Done(MethodResponse::error(id, ErrorObjectOwned::from(error)))
        });
        match begun {
            Begun::Done(response) => {
                timer.end(response.as_error_code());
                Begun::Done(response)
            }
            Begun::Running(response) => Begun::Running(Box::pin(async move {
                let response = response.await;
                timer.end(response.as_error_code());
                response
            })),
        }
    }

    fn try_begin(&self, request: Request<'_>, caller: &Caller) -> Result<Begun, ApiError> {
        caller.session.client().ask()?;
        let Request { id, method, params, .. } = request;
        let Some(callback) = self.methods.method(&method) else {
            return Err(ApiError::UnknownMethod { name: method.into_owned() });
        };
        let text = params.as_deref().map(RawValue::get);
        if text.is_some_and(|text| count_values(text) > self.values_max) {
            return Err(ApiError::TooManyValues { maximum: self.values_max });
        }
        let (params, maximum) = (Params::new(text), self.response_bytes_max);
        let connection = caller.session.id();
        Ok(match callback {
            MethodCallback::Sync(callback) => {
                Begun::Done(callback(id, params, maximum, Extensions::new()))
            }
            MethodCallback::Async(callback) => {
                let (id, params) = (id.into_owned(), params.into_owned());
                let mut extensions = Extensions::new();
                extensions.insert(caller.session.client().key());
                Begun::Running(callback(id, params, connection, maximum, extensions))
            }
            MethodCallback::Subscription(callback) => {
                let subscriber = subscriber(caller)?;
                let Some(permit) = subscriber.subscriptions.acquire() else {
                    let refusal = reject_too_many_subscriptions(subscriber.subscriptions.max());
                    return Ok(Begun::Done(MethodResponse::error(id, refusal)));
                };
                let state = SubscriptionState {
                    conn_id: connection,
                    id_provider: &HexIds,
                    subscription_permit: permit,
                };
                let extensions = extensions(&caller.session)?;
                Begun::Running(callback(id, params, subscriber.sink.clone(), state, extensions))
            }
            MethodCallback::Unsubscription(callback) => {
                // The library would answer false, and log what cannot be an id.
                let Handle(subscription) = Arguments::new(&params, 1)?.required(0)?;
                let is_id = subscription.bytes().all(|byte| byte.is_ascii_alphanumeric());
                if subscription.is_empty() || !is_id {
                    return Err(ApiError::SubscriptionNotFound);
                }
                let (callback, session) = (Arc::clone(callback), caller.session.clone());
                let (id, params) = (id.into_owned(), params.into_owned());
                Begun::Running(Box::pin(async move {
                    session.accepted().await;
                    let refused = ErrorObjectOwned::from(ApiError::SubscriptionNotFound);
                    let refused = MethodResponse::error(id.clone(), refused);
                    let answer = callback(id, params, connection, maximum, Extensions::new());
                    if is_true(&answer) { answer } else { refused }
                }))
            }
        })
    }
}

/// Whether an answer is `true`.
fn is_true(answer: &MethodResponse) -> bool {
    let answer: Result<Success<'_>, _> = serde_json::from_str(answer.as_json().get());
    answer.is_ok_and(|Success { result }| result.get() == "true")
}

fn subscriber(caller: &Caller) -> Result<&Subscriber, ApiError> {
    caller.subscriber.as_ref().ok_or(ApiError::NotificationsUnsupported)
}

/// What a subscription lives with: its connection, and its place among all subscriptions.
fn extensions(session: &Session) -> Result<Extensions, ApiError> {
    let subscriptions = Arc::clone(&session.shared().subscriptions);
    let mut place = subscriptions.part(session.client().key());
    place.grow(1).map_err(|full| ApiError::TooManySubscriptions { maximum: full.maximum })?;
    let mut extensions = Extensions::new();
    extensions.insert(session.clone());
    extensions.insert(Arc::new(place));
    Ok(extensions)
}

/// What a text begins with; `None` of white space alone.
fn beginning(text: &[u8]) -> Option<u8> {
    text.iter().copied().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

fn shape(text: &[u8]) -> Option<Shape> {
    Some(if beginning(text)? == b'[' { Shape::Batch } else { Shape::Single })
}

fn wish(text: &[u8]) -> Wish<'_> {
    let Some(message) = first_object::<Message<'_>>(text) else {
        return Wish::Nonsense(match first::<&RawValue>(text) {
            Ok(_) => invalid(text),
            Err(_) => refused(ApiError::Parse),
        });
    };
    let Message { jsonrpc, id, method, params } = message;
    if method.is_empty() {
        return Wish::Nonsense(invalid(text));
    }
    let params = params.map(Cow::Borrowed);
    let request = |id| Request { jsonrpc, id, method, params, extensions: Extensions::new() };
    match id.map(id::read) {
        None => Wish::Notification(request(Id::Null)),
        Some(Some(id)) => Wish::Call(request(id)),
        Some(None) => Wish::Nonsense(invalid(text)),
    }
}

/// The answer to what has no id.
fn refused(error: ApiError) -> MethodResponse {
    MethodResponse::error(Id::Null, ErrorObjectOwned::from(error))
}

/// The answer to what is no request at all.
fn refusal(error: ApiError, caller: &Caller) -> MethodResponse {
    counted(refused(error), caller)
}

/// Counts what is no request as one.
fn counted(refusal: MethodResponse, caller: &Caller) -> MethodResponse {
    match caller.session.client().ask() {
        Ok(()) => refusal,
        Err(error) => refused(error),
    }
}

/// The answer to JSON that is no request.
fn invalid(text: &[u8]) -> MethodResponse {
    let id = first_object::<Named<'_>>(text).and_then(|named| named.id).and_then(id::read);
    let error = ErrorObjectOwned::from(ApiError::InvalidRequest);
    MethodResponse::error(id.unwrap_or(Id::Null), error)
}

impl Reply {
    /// An answer, or why there is no room for it.
    fn new(response: MethodResponse, id: Id<'_>, caller: &Caller) -> Self {
        let text = text(response);
        let mut unsent = caller.session.unsent();
        match unsent.grow(text.len()) {
            Ok(()) => Self { text, _unsent: unsent },
            Err(full) => {
                drop(text);
                let error = ErrorObjectOwned::from(ApiError::from_unsent(full));
                Self::refusal(MethodResponse::error(id, error), caller)
            }
        }
    }

    /// An answer of a few words, which there is always room for.
    pub(crate) fn refusal(response: MethodResponse, caller: &Caller) -> Self {
        Self { text: text(response), _unsent: caller.session.unsent() }
    }
}

fn text(response: MethodResponse) -> String {
    let text = Box::<str>::from(response.into_json());
    match id::repeat(&text) {
        Cow::Owned(text) => text,
        Cow::Borrowed(_) => text.into(),
    }
}

/// Subscription ids as geth's: 128 random bits in hex.
#[derive(Debug, Clone, Copy)]
struct HexIds;

impl IdProvider for HexIds {
    fn next_id(&self) -> SubscriptionId<'static> {
        SubscriptionId::Str(B128::random().to_string().into())
    }
}
