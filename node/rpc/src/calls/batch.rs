//! Batches: entries are begun in order and answered as they come, up to the size of an answer. The
//! shapes at the limits are geth's.

use std::collections::BTreeMap;

use futures::{
    future::FutureExt,
    stream::{FuturesUnordered, StreamExt},
};
use jsonrpsee::{
    MethodResponse,
    types::{ErrorObjectOwned, Id},
};
use serde_json::value::RawValue;

use super::{Begun, Caller, Calls, Reply, Wish, counted, refusal, text, wish};
use crate::{error::ApiError, list::entries, transport::Unsent};

/// Entries that are begun before others may use the thread.
const ENTRIES_PER_TURN: usize = 16;

/// Entries of a batch that run or wait for a thread at a time.
const RUNNING_MAX: usize = 64;

impl Calls {
    pub(super) async fn batch(&self, text: &[u8], caller: &Caller) -> Option<Reply> {
        let refuse = |error| Some(Reply::refusal(refusal(error, caller), caller));
        let (list, is_whole) = match entries(text, self.batch_max) {
            Ok(list) => list,
            Err(_) => return refuse(ApiError::Parse),
        };
        if !is_whole {
            return Some(self.too_large(&list, caller));
        }
        if list.is_empty() {
            return refuse(ApiError::EmptyBatch);
        }
        let mut assembly = Assembly::new(self.response_bytes_max, caller.session.unsent());
        // A subscription is answered by itself, and could not be with the others.
        let caller = &caller.without_subscriptions();
        match self.assemble(list, caller, &mut assembly).await {
            Ok(()) => assembly.finish(),
            Err(error) => {
                drop(assembly);
                Some(Reply::refusal(MethodResponse::error(Id::Null, error), caller))
            }
        }
    }

    /// A list with one error, which names the first call.
    fn too_large(&self, list: &[&RawValue], caller: &Caller) -> Reply {
        let first = list.iter().find_map(|entry| match wish(entry.get().as_bytes()) {
            Wish::Call(request) => Some(request.id),
            Wish::Notification(_) | Wish::Nonsense(_) => None,
        });
        let error = ErrorObjectOwned::from(ApiError::BatchTooLarge { maximum: self.batch_max });
        let refusal = MethodResponse::error(first.unwrap_or(Id::Null), error);
        let mut reply = Reply::refusal(counted(refusal, caller), caller);
        reply.text = format!("[{}]", reply.text);
        reply
    }

    /// Begins an entry, unless the answer is full already. Says its id where it is to be answered.
    fn begin_entry(
        &self,
        text: &[u8],
        caller: &Caller,
        is_full: bool,
    ) -> (Option<Id<'static>>, Option<Begun>) {
        if !is_full && let Some((id, sent)) = self.begin_sending(text, caller) {
            return (Some(id), Some(Begun::Running(sent)));
        }
        let (id, request) = match wish(text) {
            Wish::Nonsense(refusal) => {
                let refusal = (!is_full).then(|| Begun::Done(counted(refusal, caller)));
                return (Some(Id::Null), refusal);
            }
            Wish::Notification(request) => (None, request),
            Wish::Call(request) => (Some(request.id.clone().into_owned()), request),
        };
        (id, (!is_full).then(|| self.begin(request, caller)))
    }

    /// Answers entry after entry. Those beyond the size of an answer are not begun, and what still
    /// runs or waits then is given up.
    async fn assemble(
        &self,
        list: Vec<&RawValue>,
        caller: &Caller,
        assembly: &mut Assembly,
    ) -> Result<(), ErrorObjectOwned> {
        let mut running = FuturesUnordered::new();
        for (turn, entry) in list.into_iter().enumerate() {
            if turn % ENTRIES_PER_TURN == ENTRIES_PER_TURN - 1 {
                tokio::task::yield_now().await;
            }
            if running.len() >= RUNNING_MAX
                && let Some((index, answer)) = running.next().await
            {
                assembly.take(index, answer)?;
            }
            let text = entry.get().as_bytes();
            let (id, begun) = self.begin_entry(text, caller, assembly.is_full);
            let index = id.map(|id| assembly.expect(id));
            match begun {
                None => running.clear(),
                Some(Begun::Done(answer)) => assembly.take(index, answer)?,
                Some(Begun::Running(answer)) => {
                    running.push(answer.map(move |answer| (index, answer)));
                }
            }
        }
        while !assembly.is_full
            && let Some((index, answer)) = running.next().await
        {
            assembly.take(index, answer)?;
        }
        assembly.refuse_rest()
    }
}

/// The answer to a batch in the making.
struct Assembly {
    text: String,
    /// Entries that `text` has.
    count: usize,
    /// Answers that came before those of earlier entries.
    early: BTreeMap<usize, String>,
    /// Entries that have no answer yet, by their index.
    open: BTreeMap<usize, Id<'static>>,
    /// Entries that are to have an answer.
    expected: usize,
    bytes: usize,
    bytes_max: usize,
    /// Whether an answer did not fit. It and all that come after it are refused.
    is_full: bool,
    unsent: Unsent,
}

impl Assembly {
    fn new(bytes_max: usize, unsent: Unsent) -> Self {
        Self {
            text: String::new(),
            count: 0,
            early: BTreeMap::new(),
            open: BTreeMap::new(),
            expected: 0,
            bytes: 1,
            bytes_max,
            is_full: false,
            unsent,
        }
    }

    /// Keeps the place of the next entry's answer; gives its index.
    fn expect(&mut self, id: Id<'static>) -> usize {
        let index = self.expected;
        self.open.insert(index, id);
        self.expected += 1;
        index
    }

    /// Takes the answer of an entry. That of a notification, which has no index, is forgotten.
    fn take(
        &mut self,
        index: Option<usize>,
        answer: MethodResponse,
    ) -> Result<(), ErrorObjectOwned> {
        let Some(index) = index else { return Ok(()) };
        // With a bracket or a comma before it.
        let bytes = self.bytes + answer.as_json().get().len() + 1;
        if bytes > self.bytes_max {
            self.is_full = true;
            return Ok(());
        }
        self.bytes = bytes;
        self.open.remove(&index);
        self.insert(index, text(answer))
    }

    /// Refuses what has no answer.
    fn refuse_rest(&mut self) -> Result<(), ErrorObjectOwned> {
        for (index, id) in std::mem::take(&mut self.open) {
            let error =
                ErrorObjectOwned::from(ApiError::ResponseTooLarge { maximum: self.bytes_max });
            self.insert(index, text(MethodResponse::error(id, error)))?;
        }
        Ok(())
    }

    fn insert(&mut self, index: usize, answer: String) -> Result<(), ErrorObjectOwned> {
        self.unsent
            .grow(answer.len() + 1)
            .map_err(|full| ErrorObjectOwned::from(ApiError::from_unsent(full)))?;
        self.early.insert(index, answer);
        while let Some(next) = self.early.remove(&self.count) {
            self.text.push(if self.count == 0 { '[' } else { ',' });
            self.text.push_str(&next);
            self.count += 1;
        }
        Ok(())
    }

    /// `None` when no entry asked for an answer.
    fn finish(self) -> Option<Reply> {
        let Self { mut text, count, unsent, .. } = self;
        if count == 0 {
            return None;
        }
        text.push(']');
        Some(Reply { text, _unsent: unsent })
    }
}
