//! The coordinator's side of one connection.

use std::io::{Error, ErrorKind};
use std::time::Instant;

use super::{Event, Office, ShareProgress};
use crate::share::WorkerFault;
use crate::share::board::WorkerId;
use crate::share::link::{Link, Received};
use crate::share::message::{FromCoordinator, FromWorker, PROTOCOL, decode, encode};

/// One worker, as the coordinator sees it.
pub struct Desk<'a> {
    office: &'a Office<'a>,
    id: WorkerId,
    link: Link,
    /// Where it stands, if it waits for a segment.
    ready: Option<u32>,
    /// The segment that it has.
    segment: Option<u32>,
    has_greeted: bool,
    heard: Instant,
    sent: Instant,
}

impl<'a> Desk<'a> {
    pub fn new(office: &'a Office<'a>, id: WorkerId, link: Link) -> Self {
        let now = Instant::now();
        let (ready, segment) = (None, None);
        Self { office, id, link, ready, segment, has_greeted: false, heard: now, sent: now }
    }

    /// Works with this worker until the run is over or the worker is at fault.
    pub fn attend(mut self, is_full: bool) {
        let result = match is_full {
            true => Err(WorkerFault::TooMany { limit: super::WORKERS_MAX }),
            false => self.serve(),
        };
        self.office.board.release(self.id);
        if let Err(fault) = result {
            // It is told why, if it still listens.
            let _ = self.send(&FromCoordinator::Refused { reason: fault.to_string() });
            let left = ShareProgress::Left { worker: self.link.name.clone(), fault };
            self.office.tell(Event::Progress(left));
        }
    }

    fn serve(&mut self) -> Result<(), WorkerFault> {
        let patience = self.office.run.patience;
        while !self.office.board.is_over() {
            if let Some(position) = self.ready
                && let Some(segment) = self.office.board.take(self.id, position)
            {
                (self.ready, self.segment) = (None, Some(segment));
                self.send(&FromCoordinator::Prove { segment })?;
            }
            if self.has_greeted && self.sent.elapsed() >= patience.beat {
                self.send(&FromCoordinator::Alive)?;
            }
            match self.link.receiver.receive()? {
                Received::Nothing if self.heard.elapsed() >= patience.silence => {
                    return Err(Error::new(ErrorKind::TimedOut, "it is silent").into());
                }
                Received::Nothing => {}
                Received::Part => self.heard = Instant::now(),
                Received::Frame(frame) => {
                    self.heard = Instant::now();
                    self.take(&frame)?;
                }
            }
        }
        self.send(&FromCoordinator::Done)?;
        self.see_off();
        Ok(())
    }

    fn take(&mut self, frame: &[u8]) -> Result<(), WorkerFault> {
        let message = decode(frame).ok_or(WorkerFault::Message)?;
        match (message, self.has_greeted) {
            (FromWorker::Hello { protocol }, false) => self.greet(protocol),
            (FromWorker::Alive, true) => Ok(()),
            (FromWorker::Ready { position }, true) if self.segment.is_none() => {
                self.ready = Some(position);
                Ok(())
            }
            (FromWorker::Proof { segment, part }, true) if self.segment == Some(segment) => {
                self.office.check(segment, &part)?;
                self.segment = None;
                let name = Some(self.link.name.clone());
                self.office.deliver(self.id, name, segment, part);
                Ok(())
            }
            _ => Err(WorkerFault::Message),
        }
    }

    fn greet(&mut self, found: u32) -> Result<(), WorkerFault> {
        if found != PROTOCOL {
            return Err(WorkerFault::Version { found, known: PROTOCOL });
        }
        self.has_greeted = true;
        let joined = ShareProgress::Joined { worker: self.link.name.clone() };
        self.office.tell(Event::Progress(joined));
        self.link.sender.send(&self.office.job)?;
        // The worker may have been busy with the job for long.
        (self.heard, self.sent) = (Instant::now(), Instant::now());
        Ok(())
    }

    fn send(&mut self, message: &FromCoordinator) -> Result<(), WorkerFault> {
        self.sent = Instant::now();
        Ok(self.link.sender.send(&encode(message)?)?)
    }

    /// Waits until the worker has gone: what was sent last may be lost with a connection that is
    /// closed while something unread has come.
    fn see_off(&mut self) {
        let started = Instant::now();
        while started.elapsed() < self.office.run.patience.beat {
            if self.link.receiver.receive().is_err() {
                return;
            }
        }
    }
}
