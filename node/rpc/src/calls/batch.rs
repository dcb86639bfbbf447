//! Batches: entries are begun in order and answered as they come, up to the size of an answer.

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

use super::{Begun, Caller, Calls, Reply, Wish, text, wish};
use crate::{error::ApiError, list::entries, transport::Unsent};

/// Entries that are begun before others may use the thread.
const ENTRIES_PER_TURN: usize = 16;

/// Entries of a batch that run or wait for a thread at a time.
const RUNNING_MAX: usize = 64;

impl Calls {
    pub(super) async fn batch(&self, text: &[u8], caller: &Caller) -> Option<Reply> {
        let refuse = |error: ErrorObjectOwned| {
            Some(Reply::refusal(MethodResponse::error(Id::Null, error), caller))
        };
        let list = match entries(text, self.batch_max) {
            Ok(Some(list)) => list,
            Ok(None) => return refuse(ApiError::BatchTooLarge { maximum: self.batch_max }.into()),
            Err(_) => return refuse(ApiError::Parse.into()),
        };
        if list.is_empty() {
            return refuse(ApiError::EmptyBatch.into());
        }
        let mut assembly = Assembly::new(self.response_bytes_max, caller.session.unsent());
        // A subscription is answered by itself, and could not be with the others.
        let caller = &Caller { session: caller.session.clone(), subscriber: None };
        match self.assemble(list, caller, &mut assembly).await {
            Ok(()) => assembly.finish(),
            Err(error) => {
                drop(assembly);
                refuse(error)
            }
        }
    }

    /// Answers entry after entry. What still runs or waits is given up with an error.
    async fn assemble(
        &self,
        list: Vec<&RawValue>,
        caller: &Caller,
        assembly: &mut Assembly,
    ) -> Result<(), ErrorObjectOwned> {
        let mut running = FuturesUnordered::new();
        let mut index = 0;
        for (turn, entry) in list.into_iter().enumerate() {
            if turn % ENTRIES_PER_TURN == ENTRIES_PER_TURN - 1 {
                tokio::task::yield_now().await;
            }
            if running.len() >= RUNNING_MAX
                && let Some((index, answer)) = running.next().await
            {
                assembly.insert(index, answer)?;
            }
            let text = entry.get().as_bytes();
            let begun = match self.begin_sending(text, caller) {
                Some((_, sent)) => Begun::Running(sent),
                None => match wish(text) {
                    Wish::Notification => continue,
                    Wish::Nonsense(refusal) => Begun::Done(refusal),
                    Wish::Call(request) => self.begin(request, caller),
                },
            };
            match begun {
                Begun::Done(answer) => assembly.insert(index, answer)?,
                Begun::Running(answer) => running.push(answer.map(move |answer| (index, answer))),
            }
            index += 1;
        }
        while let Some((index, answer)) = running.next().await {
            assembly.insert(index, answer)?;
        }
        Ok(())
    }
}

/// The answer to a batch in the making.
struct Assembly {
    text: String,
    /// Entries that `text` has.
    count: usize,
    /// Answers that came before those of earlier entries.
    early: BTreeMap<usize, String>,
    bytes: usize,
    bytes_max: usize,
    unsent: Unsent,
}

impl Assembly {
    fn new(bytes_max: usize, unsent: Unsent) -> Self {
        let (text, early) = (String::new(), BTreeMap::new());
        Self { text, count: 0, early, bytes: 1, bytes_max, unsent }
    }

    /// Adds the answer of the entry with this index.
    fn insert(&mut self, index: usize, answer: MethodResponse) -> Result<(), ErrorObjectOwned> {
        // With a bracket or a comma before it.
        let length = answer.as_json().get().len() + 1;
        self.bytes += length;
        if self.bytes > self.bytes_max {
            return Err(ApiError::ResponseTooLarge { maximum: self.bytes_max }.into());
        }
        self.unsent
            .grow(length)
            .map_err(|full| ErrorObjectOwned::from(ApiError::from_unsent(full)))?;
        self.early.insert(index, text(answer));
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
