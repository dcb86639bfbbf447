//! A WebSocket: messages in, answers and notifications out.
//!
//! Each message that is read holds one of the connection's places until its answer is with the
//! system, and none is read without a place. So a client that does not read is soon not read from.
//! What came together is answered together, in one write.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::{
    future::{BoxFuture, FutureExt},
    stream::{FuturesUnordered, StreamExt},
};
use jsonrpsee::{
    MethodResponse,
    server::{BoundedSubscriptions, MethodSink},
    types::{Id, error::reject_too_big_request},
};
use serde_json::value::RawValue;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufWriter, ReadHalf, WriteHalf},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::{Instant, Interval, MissedTickBehavior, interval_at, timeout},
};

use super::{
    LINGER,
    frame::{CLOSE, FrameError, FrameReader, Incoming, PING, PONG, TEXT, write_frame},
    session::Session,
    stopped,
};
use crate::calls::{Caller, Reply, Subscriber, id::repeat};

/// Why a connection ends (RFC 6455, 7.4.1).
#[derive(Debug, Clone, Copy)]
enum CloseCode {
    Normal = 1_000,
    GoingAway = 1_001,
    ProtocolError = 1_002,
    PolicyViolation = 1_008,
    MessageTooBig = 1_009,
    InternalError = 1_011,
    TryAgainLater = 1_013,
}

/// What is to be sent.
enum Outgoing {
    /// An answer, with the place that its request took.
    Reply(Reply, OwnedSemaphorePermit),
    Pong(Vec<u8>),
    Close(CloseCode),
}

/// What the writer does next.
enum Next {
    Outgoing(Outgoing),
    Notification(Box<RawValue>),
    Ping,
}

/// Serves a connection to its end.
pub(super) async fn serve<S>(stream: S, session: Session, stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite,
{
    let (input, output) = tokio::io::split(stream);
    // No more wait than this one: subscriptions wait for their turns elsewhere.
    let (sink, notifications) = mpsc::channel(1);
    let (heard, is_waiting) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let limits = &session.shared().limits;
    let places_max = limits.requests_per_connection_max;
    let (outgoing, to_send) = mpsc::channel(places_max);
    let subscriptions = BoundedSubscriptions::new(limits.subscriptions_per_connection_max);
    let subscriber = Subscriber { sink: MethodSink::new(sink), subscriptions };
    let caller = Caller { session: session.clone(), subscriber: Some(subscriber) };
    let mut reading = Reading {
        input: FrameReader::new(input, session.clone(), Arc::clone(&heard)),
        caller: Arc::new(caller),
        outgoing,
        places: Arc::new(Semaphore::new(places_max)),
        places_max,
        answering: FuturesUnordered::new(),
        heard: Arc::clone(&heard),
        is_waiting: Arc::clone(&is_waiting),
        stop,
    };
    let mut writing = Writing {
        output: BufWriter::new(output),
        written: Vec::new(),
        to_send,
        notifications,
        session,
        heard,
        is_waiting,
        awaits_pong: false,
        is_closed: false,
    };
    // What still runs for this connection ends with it.
    tokio::select! {
        () = reading.run() => {}
        () = writing.run() => {}
    }
    if writing.is_closed {
        // However it ends: the client has heard all, or has had its time.
        let _ = timeout(LINGER, reading.input.discard()).await;
    }
}

/// What comes of a request, if it has an answer.
type Answered = Option<Outgoing>;

/// Requests that are being answered.
type Answering = FuturesUnordered<BoxFuture<'static, Answered>>;

struct Reading<S> {
    input: FrameReader<ReadHalf<S>>,
    caller: Arc<Caller>,
    outgoing: mpsc::Sender<Outgoing>,
    /// For requests whose answers are not sent.
    places: Arc<Semaphore>,
    places_max: usize,
    answering: Answering,
    heard: Arc<AtomicBool>,
    /// Whether nothing is read, because there is no place or no room for an answer.
    is_waiting: Arc<AtomicBool>,
    stop: watch::Receiver<bool>,
}

impl<S: AsyncRead + AsyncWrite> Reading<S> {
    /// Ends when the client is gone.
    async fn run(&mut self) {
        let Ok(code) = self.read().await else { return };
        // Nobody hears their answers, and what they hold others wait for.
        self.answering.clear();
        // The writer closes the connection, and that ends this.
        let _ = self.outgoing.send(Outgoing::Close(code)).await;
        std::future::pending().await
    }

    /// Reads until the connection is to be closed, or is.
    async fn read(&mut self) -> Result<CloseCode, io::Error> {
        loop {
            let Some((place, next)) = self.next().await else {
                self.all_sent().await;
                return Ok(CloseCode::GoingAway);
            };
            match next {
                Ok(Incoming::Message(text, held)) => {
                    let caller = Arc::clone(&self.caller);
                    let answering = async move {
                        let calls = &caller.session.shared().calls;
                        let reply = AssertUnwindSafe(calls.answer(&text, &caller)).catch_unwind();
                        let reply = reply.await;
                        drop((text, held));
                        match reply {
                            Ok(reply) => reply.map(|reply| Outgoing::Reply(reply, place)),
                            // A bug: its client would wait for ever.
                            Err(_) => Some(Outgoing::Close(CloseCode::InternalError)),
                        }
                    };
                    self.answering.push(answering.boxed());
                }
                Ok(Incoming::Ping(payload)) => {
                    let Self { outgoing, answering, .. } = self;
                    pass_on(outgoing, answering, Some(Outgoing::Pong(payload))).await;
                }
                Ok(Incoming::Pong) => {}
                Ok(Incoming::Close) => return Ok(CloseCode::Normal),
                Err(FrameError::Broken { source }) => return Err(source),
                Err(error) => {
                    tracing::debug!(%error, "a WebSocket ends");
                    return Ok(self.explain(&error, place).await);
                }
            }
        }
    }

    /// Waits for a message and a place for it, and meanwhile passes answers on; `None` when the
    /// server stops.
    async fn next(&mut self) -> Option<(OwnedSemaphorePermit, Result<Incoming, FrameError>)> {
        let Self { input, caller, outgoing, places, answering, heard, is_waiting, stop, .. } = self;
        let mut incoming = pin!(async {
            is_waiting.store(true, Ordering::Release);
            let Ok(place) = Arc::clone(places).acquire_owned().await else {
                // It is never closed.
                return std::future::pending().await;
            };
            caller.session.room().await;
            // What came meanwhile was not read, a pong for example.
            heard.store(true, Ordering::Release);
            is_waiting.store(false, Ordering::Release);
            (place, input.next().await)
        });
        loop {
            tokio::select! {
                biased;
                () = stopped(stop) => return None,
                // Before answers are made, so that what came together is answered together.
                next = &mut incoming => return Some(next),
                Some(answered) = answering.next() => {
                    pass_on(outgoing, answering, answered).await;
                }
            }
        }
    }

    /// Waits until every answer is with the system.
    async fn all_sent(&mut self) {
        let Self { outgoing, answering, .. } = self;
        while let Some(answered) = answering.next().await {
            pass_on(outgoing, answering, answered).await;
        }
        let count = u32::try_from(self.places_max).unwrap_or(u32::MAX);
        let _ = self.places.acquire_many(count).await;
    }

    /// How the connection is closed after an error. What is too large is said in JSON too.
    async fn explain(&mut self, error: &FrameError, place: OwnedSemaphorePermit) -> CloseCode {
        match error {
            FrameError::TooLarge => {
                let maximum = self.caller.session.shared().limits.body_bytes_max;
                let refusal = MethodResponse::error(Id::Null, reject_too_big_request(maximum));
                let reply = Reply::refusal(refusal, &self.caller);
                let _ = self.outgoing.send(Outgoing::Reply(reply, place)).await;
                CloseCode::MessageTooBig
            }
            FrameError::Slow => CloseCode::PolicyViolation,
            FrameError::Exhausted { .. } => CloseCode::TryAgainLater,
            FrameError::Protocol { .. } | FrameError::Broken { .. } => CloseCode::ProtocolError,
        }
    }
}

/// Gives an answer to the writer. As long as that takes no more, the other requests go on: they
/// hold what those of other connections wait for.
async fn pass_on(outgoing: &mpsc::Sender<Outgoing>, answering: &mut Answering, answered: Answered) {
    // As many as there are places for, at most.
    let mut waiting = VecDeque::from_iter(answered);
    while let Some(answer) = waiting.pop_front() {
        let mut sending = pin!(outgoing.send(answer));
        loop {
            tokio::select! {
                biased;
                // Nobody is there to receive it when the connection ended.
                _ = &mut sending => break,
                Some(answered) = answering.next() => waiting.extend(answered),
            }
        }
    }
}

struct Writing<S> {
    output: BufWriter<WriteHalf<S>>,
    /// Answers in the buffer of `output`, with their places.
    written: Vec<(Reply, OwnedSemaphorePermit)>,
    to_send: mpsc::Receiver<Outgoing>,
    notifications: mpsc::Receiver<Box<RawValue>>,
    session: Session,
    heard: Arc<AtomicBool>,
    is_waiting: Arc<AtomicBool>,
    /// Whether a ping was sent since the client was last heard of.
    awaits_pong: bool,
    /// Whether the client was told that this is the end.
    is_closed: bool,
}

impl<S: AsyncRead + AsyncWrite> Writing<S> {
    /// Ends with the connection.
    async fn run(&mut self) {
        let Err(error) = self.write().await;
        tracing::debug!(%error, "a WebSocket ends");
    }

    async fn write(&mut self) -> io::Result<Infallible> {
        let period = self.session.shared().limits.ping;
        let mut ticks = interval_at(Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next = match self.to_send.try_recv() {
                Ok(outgoing) => Next::Outgoing(outgoing),
                Err(_) => {
                    self.flush().await?;
                    self.wait(&mut ticks).await
                }
            };
            match next {
                Next::Outgoing(outgoing) => self.send(outgoing).await?,
                Next::Notification(message) => self.notify(&message).await?,
                Next::Ping => self.ping().await?,
            }
        }
    }

    /// Waits for something to do.
    async fn wait(&mut self, ticks: &mut Interval) -> Next {
        tokio::select! {
            Some(outgoing) = self.to_send.recv() => Next::Outgoing(outgoing),
            Some(message) = self.notifications.recv() => Next::Notification(message),
            () = self.session.overran() => {
                Next::Outgoing(Outgoing::Close(CloseCode::TryAgainLater))
            }
            _ = ticks.tick() => Next::Ping,
        }
    }

    /// Writes a frame, perhaps no further than the buffer.
    async fn write_frame(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        let begun = Instant::now();
        write_frame(&mut self.output, opcode, payload).await?;
        self.took(begun);
        Ok(())
    }

    /// Hands everything to the system.
    async fn flush(&mut self) -> io::Result<()> {
        let begun = Instant::now();
        self.output.flush().await?;
        self.written.clear();
        self.took(begun);
        Ok(())
    }

    /// Who takes long to take something is slow, but there.
    fn took(&self, begun: Instant) {
        if begun.elapsed() > self.session.shared().limits.ping / 2 {
            self.heard.store(true, Ordering::Release);
        }
    }

    async fn send(&mut self, outgoing: Outgoing) -> io::Result<()> {
        match outgoing {
            Outgoing::Reply(reply, place) => {
                self.write_frame(TEXT, reply.text.as_bytes()).await?;
                self.written.push((reply, place));
                Ok(())
            }
            Outgoing::Pong(payload) => self.write_frame(PONG, &payload).await,
            Outgoing::Close(code) => {
                self.write_frame(CLOSE, &(code as u16).to_be_bytes()).await?;
                self.output.shutdown().await?;
                self.is_closed = true;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }

    async fn notify(&mut self, message: &RawValue) -> io::Result<()> {
        let mut unsent = self.session.unsent();
        // Subscriptions are answered this way, too.
        let message = repeat(message.get());
        let grown = unsent.grow(message.len());
        self.session.take();
        if grown.is_err() {
            return self.send(Outgoing::Close(CloseCode::TryAgainLater)).await;
        }
        self.write_frame(TEXT, message.as_bytes()).await?;
        // No more than one of them is counted at a time.
        self.flush().await
    }

    /// Asks whether the client is there, unless it did not answer the last time.
    async fn ping(&mut self) -> io::Result<()> {
        let was_heard = self.heard.swap(false, Ordering::AcqRel);
        let is_read = !self.is_waiting.load(Ordering::Acquire);
        if self.awaits_pong && !was_heard && is_read {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.awaits_pong = true;
        self.write_frame(PING, &[]).await?;
        self.flush().await
    }
}

#[cfg(test)]
mod tests;
