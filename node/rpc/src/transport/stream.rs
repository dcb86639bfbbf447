//! A socket whose other end must take what is sent to it.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

/// A client for which something waits takes this many bytes a second, on average over a window of
/// the longest stall.
const RATE_MIN: u64 = 16 << 10;

/// A socket. Writes fail when its other end is slower than that.
#[derive(Debug)]
pub(super) struct Watched {
    stream: TcpStream,
    /// How long the other end may take nothing.
    stall_max: Duration,
    window: Option<Window>,
}

/// A time in which the other end must take so much, begun when it did not take all.
#[derive(Debug)]
struct Window {
    end: Pin<Box<Sleep>>,
    taken: usize,
    /// Whether the last write could not go on.
    is_blocked: bool,
}

impl Watched {
    pub(super) const fn new(stream: TcpStream, stall_max: Duration) -> Self {
        Self { stream, stall_max, window: None }
    }

    fn bytes_min(&self) -> usize {
        let bytes = u128::from(RATE_MIN) * self.stall_max.as_millis() / 1_000;
        usize::try_from(bytes).unwrap_or(usize::MAX).max(1)
    }

    /// Looks at the outcome of a write.
    fn watch(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(count)) => {
                if let Some(window) = &mut self.window {
                    window.taken = window.taken.saturating_add(count);
                    window.is_blocked = false;
                    if window.end.deadline() <= Instant::now() {
                        self.window = None;
                    }
                }
                written
            }
            Poll::Ready(Err(_)) => written,
            Poll::Pending => self.wait(context),
        }
    }

    /// Waits for the other end, unless that took too little in the last window.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let bytes_min = self.bytes_min();
        loop {
            let end = Instant::now() + self.stall_max;
            let window = self.window.get_or_insert_with(|| Window {
                end: Box::pin(sleep_until(end)),
                taken: 0,
                is_blocked: true,
            });
            if window.end.as_mut().poll(context).is_pending() {
                window.is_blocked = true;
                return Poll::Pending;
            }
            // A window that ended while nothing waited says nothing.
            if window.is_blocked && window.taken < bytes_min {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.window = None;
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
