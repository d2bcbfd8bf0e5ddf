//! Limits how long a connection may stay in one phase: one deadline, which events on the socket
//! move.
//!
//! The time limit of a request body, which leads to a response, is in `refusal`.

use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::server::listen::ServerLimits;

/// How long bytes from the client are read and discarded after the last response. Closing a socket
/// with unread bytes resets the connection, and the client may then lose the response (RFC 9112,
/// section 9.6).
const LINGER: Duration = Duration::from_secs(1);

/// The phase and deadline of one connection.
#[derive(Debug)]
pub(super) struct ConnectionDeadline {
    limits: ServerLimits,
    state: Mutex<DeadlineState>,
    finished: CancellationToken,
}

#[derive(Debug)]
struct DeadlineState {
    phase: ConnectionPhase,
    /// The time by which the phase must end.
    ends: Option<Instant>,
    /// The time by which the client must have read more of a response; `None` while it keeps
    /// reading.
    taken: Option<Instant>,
    /// Whether the body of the request is still being read.
    reading: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectionPhase {
    /// The head of a request is arriving.
    Head,
    /// A request is being read and answered; the time limits of bodies and handlers apply.
    Answer,
    /// Idle between a response and the next head.
    Idle,
    /// After the last response.
    Closing,
}

impl ConnectionDeadline {
    /// Returns the state of a new connection; the time for its first head starts now.
    pub(super) fn new(limits: ServerLimits) -> Arc<ConnectionDeadline> {
        let state = DeadlineState {
            phase: ConnectionPhase::Head,
            ends: Some(Instant::now() + limits.header),
            taken: None,
            reading: false,
        };
        Arc::new(ConnectionDeadline {
            limits,
            state: Mutex::new(state),
            finished: CancellationToken::new(),
        })
    }

    /// Marks that a head has arrived; the exchange lasts until the guard is dropped.
    pub(super) fn answer(self: &Arc<ConnectionDeadline>) -> ResponseGuard {
        self.enter(ConnectionPhase::Answer);
        ResponseGuard(self.clone())
    }

    /// Marks that a body follows the head; it is being read until the guard is dropped.
    pub(super) fn read(self: &Arc<ConnectionDeadline>) -> ReadingBody {
        self.state().reading = true;
        ReadingBody(self.clone())
    }

    /// Returns the token that is cancelled when the client has closed its side of the connection.
    pub(super) fn finished(&self) -> &CancellationToken {
        &self.finished
    }

    /// Records that the client has closed its side. Returns whether the connection continues: a
    /// request that has arrived completely still gets its response (RFC 9112, section 9.6).
    fn half_closed(&self) -> bool {
        self.finished.cancel();
        let state = self.state();
        state.phase == ConnectionPhase::Answer && !state.reading
    }

    /// Completes when the connection must be closed.
    pub(super) async fn overdue(&self) {
        let mut sleep = pin!(sleep_until(Instant::now()));
        // The deadline moves only while the connection is polled, so a caller that polls this
        // future after the connection needs no other waker.
        std::future::poll_fn(|context| {
            let Some(deadline) = self.deadline() else {
                return Poll::Pending;
            };
            if sleep.deadline() != deadline {
                sleep.as_mut().reset(deadline);
            }
            sleep.as_mut().poll(context)
        })
        .await;
    }

    fn deadline(&self) -> Option<Instant> {
        let state = self.state();
        state.ends.into_iter().chain(state.taken).min()
    }

    fn enter(&self, phase: ConnectionPhase) {
        let limit = match phase {
            ConnectionPhase::Head => Some(self.limits.header),
            ConnectionPhase::Answer => None,
            ConnectionPhase::Idle => Some(self.limits.idle),
            ConnectionPhase::Closing => Some(LINGER),
        };
        let mut state = self.state();
        state.phase = phase;
        state.ends = limit.map(|limit| Instant::now() + limit);
    }

    /// Records that bytes have arrived; on an idle connection they begin a head.
    fn received(&self) {
        if self.phase() == ConnectionPhase::Idle {
            self.enter(ConnectionPhase::Head);
        }
    }

    /// Records whether the client has read some of a response or its receive window is full.
    fn sent(&self, taken: bool) {
        let mut state = self.state();
        match taken {
            true => state.taken = None,
            false => {
                let limit = self.limits.write;
                state.taken.get_or_insert_with(|| Instant::now() + limit);
            }
        }
    }

    fn phase(&self) -> ConnectionPhase {
        self.state().phase
    }

    fn state(&self) -> MutexGuard<'_, DeadlineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A guard: a request is being answered.
#[derive(Debug)]
pub(super) struct ResponseGuard(Arc<ConnectionDeadline>);

impl Drop for ResponseGuard {
    fn drop(&mut self) {
        self.0.enter(ConnectionPhase::Idle);
    }
}

/// A guard: the body of a request is being read.
#[derive(Debug)]
pub(super) struct ReadingBody(Arc<ConnectionDeadline>);

impl Drop for ReadingBody {
    fn drop(&mut self) {
        self.0.state().reading = false;
    }
}

/// The socket of a connection; reports reads and writes to the deadline.
#[derive(Debug)]
pub(super) struct DeadlineStream {
    socket: TcpStream,
    pace: Arc<ConnectionDeadline>,
}

impl DeadlineStream {
    /// Wraps a socket.
    pub(super) fn new(socket: TcpStream, pace: Arc<ConnectionDeadline>) -> DeadlineStream {
        DeadlineStream { socket, pace }
    }
}

/// While a request is being answered, this hides the end of the client's input from hyper, which
/// would treat it as a closed connection and drop the response. hyper's own `half_close(true)`
/// stops reading meanwhile, so it would not notice a reset connection.
impl AsyncRead for DeadlineStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.pace.received();
        } else if self.pace.half_closed() {
            // No waker is registered: the connection reads again after the response, and gets the
            // end of input then.
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for DeadlineStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.pace.sent(written.is_ready());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(context, slices);
        self.pace.sent(written.is_ready());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.pace.phase() != ConnectionPhase::Closing {
            ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
            self.pace.enter(ConnectionPhase::Closing);
        }
        loop {
            let mut scrap = [0; 4096];
            let mut scrap = ReadBuf::new(&mut scrap);
            let read = ready!(Pin::new(&mut self.socket).poll_read(context, &mut scrap));
            if read.is_err() || scrap.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
