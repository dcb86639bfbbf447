//! The coordinator's side of one connection.

use std::io::{Error, ErrorKind};
use std::time::Instant;

use super::{Event, Office, ShareProgress};
use crate::share::board::WorkerId;
use crate::share::link::{Link, Received};
use crate::share::message::{FromCoordinator, FromWorker, PROTOCOL, decode, encode};
use crate::share::{SLOW, WorkerFault, caught};

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
    /// When it was last asked for something: for a proof, or to get ready.
    asked: Instant,
}

impl<'a> Desk<'a> {
    pub fn new(office: &'a Office<'a>, id: WorkerId, link: Link) -> Self {
        let now = Instant::now();
        let (ready, segment) = (None, None);
        let (heard, sent, asked) = (now, now, now);
        Self { office, id, link, ready, segment, has_greeted: false, heard, sent, asked }
    }

    /// Works with this worker until the run is over or the worker is at fault. What panics over one
    /// worker must not stop the others.
    pub fn attend(mut self, is_full: bool) {
        let result = match is_full {
            true => Err(WorkerFault::TooMany { limit: super::WORKERS_MAX }),
            false => caught(|| self.serve()).unwrap_or(Err(WorkerFault::Panicked)),
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
                self.asked = Instant::now();
                self.send(&FromCoordinator::Prove { segment })?;
            }
            self.beat()?;
            let after = self.asked.elapsed();
            if self.has_greeted && self.ready.is_none() && after >= patience.again * SLOW {
                return Err(WorkerFault::Slow { after });
            }
            match self.link.receiver.receive()? {
                Received::Nothing if self.heard.elapsed() >= patience.silence => {
                    return Err(Error::new(ErrorKind::TimedOut, "it is silent").into());
                }
                Received::Nothing => {}
                Received::Part => self.heard = Instant::now(),
                Received::Frame(frame) => {
                    self.heard = Instant::now();
                    self.take(frame)?;
                }
            }
        }
        self.send(&FromCoordinator::Done)?;
        self.see_off();
        Ok(())
    }

    fn take(&mut self, frame: Vec<u8>) -> Result<(), WorkerFault> {
        let message = decode(&frame).ok_or(WorkerFault::Message)?;
        // A proof may have to wait for its turn, and once is enough to hold it.
        drop(frame);
        match (message, self.has_greeted) {
            (FromWorker::Hello { protocol }, false) => self.greet(protocol),
            (FromWorker::Alive, true) => Ok(()),
            (FromWorker::Ready { position }, true) if self.segment.is_none() => {
                self.ready = Some(position);
                Ok(())
            }
            (FromWorker::Proof { segment, part }, true) if self.segment == Some(segment) => {
                let office = self.office;
                // Many may lie at once, and an honest worker must not give up behind them.
                office.check(segment, &part, || self.beat())?;
                (self.segment, self.asked) = (None, Instant::now());
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
        self.send_frame(&self.office.job)?;
        // The worker may have been busy with the job for long.
        (self.heard, self.asked) = (Instant::now(), Instant::now());
        Ok(())
    }

    fn beat(&mut self) -> Result<(), WorkerFault> {
        if self.has_greeted && self.sent.elapsed() >= self.office.run.patience.beat {
            self.send(&FromCoordinator::Alive)?;
        }
        Ok(())
    }

    fn send(&mut self, message: &FromCoordinator) -> Result<(), WorkerFault> {
        self.send_frame(&encode(message)?)
    }

    /// Sends a frame, and gives up if that would hold up the end of the run.
    fn send_frame(&mut self, frame: &[u8]) -> Result<(), WorkerFault> {
        let Office { board, run, .. } = self.office;
        self.link.sender.send_while(frame, &|| !board.is_over_for(run.patience.beat))?;
        self.sent = Instant::now();
        Ok(())
    }

    /// Waits until the worker has gone: what was sent last may be lost with a connection that is
    /// closed while something unread has come.
    fn see_off(&mut self) {
        while !self.office.board.is_over_for(self.office.run.patience.beat) {
            if self.link.receiver.receive().is_err() {
                return;
            }
        }
    }
}
