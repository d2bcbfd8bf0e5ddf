//! The time limits of a connection: one deadline, which events on the socket move.
//!
//! The time limit of a request body is in `refusal`, because it ends in a response.

use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::server::limits::ServerLimits;

/// The time in which bytes of the client are read and discarded after the last response, because
/// closing a socket with unread bytes can destroy the response (RFC 9112, section 9.6).
const LINGER: Duration = Duration::from_secs(1);

/// The deadline of one connection.
#[derive(Debug)]
pub(super) struct ConnectionDeadline {
    limits: ServerLimits,
    state: Mutex<DeadlineState>,
    client_finished: CancellationToken,
}

#[derive(Debug)]
struct DeadlineState {
    phase: ConnectionPhase,
    /// The time by which the phase must have ended.
    phase_deadline: Option<Instant>,
    /// The time by which the client must have accepted more bytes of a response; `None` while the
    /// socket has room.
    write_deadline: Option<Instant>,
    /// The task that reads the connection, while the end of input is withheld from it.
    withheld_reader: Option<Waker>,
    /// The task that waits for more of the request body.
    body_reader: Option<Waker>,
    /// Whether the client has closed its side before the end of the body.
    is_incomplete: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectionPhase {
    /// A head is being received.
    Head,
    /// A request is being read and answered. The limits of bodies and handlers apply instead.
    Response,
    /// The response is complete but not all of it has been sent.
    Flush,
    /// No byte of the next head has arrived after a response.
    Idle,
    /// The last response has been sent.
    Closing,
}

impl ConnectionDeadline {
    /// Creates the deadline of a new connection; the time limit of the first head begins now.
    pub(super) fn new(limits: ServerLimits) -> Arc<ConnectionDeadline> {
        let state = DeadlineState {
            phase: ConnectionPhase::Head,
            phase_deadline: Some(Instant::now() + limits.header),
            write_deadline: None,
            withheld_reader: None,
            body_reader: None,
            is_incomplete: false,
        };
        Arc::new(ConnectionDeadline {
            limits,
            state: Mutex::new(state),
            client_finished: CancellationToken::new(),
        })
    }

    /// Records that a head has arrived; the response is in progress until the guard is dropped.
    pub(super) fn begin_response(self: &Arc<ConnectionDeadline>) -> ResponseGuard {
        self.enter(ConnectionPhase::Response);
        ResponseGuard(self.clone())
    }

    /// Returns the value to which the reader of the request body reports.
    pub(super) fn begin_body(self: &Arc<ConnectionDeadline>) -> BodyProgress {
        BodyProgress(self.clone())
    }

    /// Returns a token that is cancelled when the client has closed its side of the connection.
    pub(super) fn client_finished(&self) -> &CancellationToken {
        &self.client_finished
    }

    /// Records that the client has closed its side. Returns whether the end of input must be
    /// withheld from hyper, because a complete request is still answered (RFC 9112, section 9.6).
    ///
    /// Whether the request is complete is known when the handler next reads its body: hyper passes
    /// on the bytes that it has before it reads more.
    fn withhold_end(&self, context: &Context<'_>) -> bool {
        self.client_finished.cancel();
        let mut state = self.state();
        let is_answering = matches!(
            state.phase,
            ConnectionPhase::Response | ConnectionPhase::Flush
        );
        if !is_answering || state.is_incomplete {
            return false;
        }
        state.withheld_reader = Some(context.waker().clone());
        if let Some(body_reader) = state.body_reader.take() {
            body_reader.wake();
        }
        true
    }

    /// Waits until the deadline has passed.
    pub(super) async fn expired(&self) {
        let mut sleep = pin!(sleep_until(Instant::now()));
        // The deadline moves only while the connection is polled. The caller polls this future after
        // the connection, so no other wake-up is needed.
        std::future::poll_fn(|context| {
            let Some(deadline) = self.earliest() else {
                return Poll::Pending;
            };
            if sleep.deadline() != deadline {
                sleep.as_mut().reset(deadline);
            }
            sleep.as_mut().poll(context)
        })
        .await;
    }

    fn earliest(&self) -> Option<Instant> {
        let state = self.state();
        let deadlines = state.phase_deadline.into_iter();
        deadlines.chain(state.write_deadline).min()
    }

    fn enter(&self, phase: ConnectionPhase) {
        let limit = match phase {
            ConnectionPhase::Head => Some(self.limits.header),
            ConnectionPhase::Response | ConnectionPhase::Flush => None,
            ConnectionPhase::Idle => Some(self.limits.idle),
            ConnectionPhase::Closing => Some(LINGER),
        };
        let mut state = self.state();
        state.phase = phase;
        state.phase_deadline = limit.map(|limit| Instant::now() + limit);
        if phase == ConnectionPhase::Idle
            && let Some(reader) = state.withheld_reader.take()
        {
            reader.wake();
        }
    }

    /// Records that all bytes of a response have been sent.
    fn record_flush(&self) {
        if self.phase() == ConnectionPhase::Flush {
            self.enter(ConnectionPhase::Idle);
        }
    }

    /// Records that bytes have arrived. Between two requests they begin a head.
    fn record_read(&self) {
        if self.phase() == ConnectionPhase::Idle {
            self.enter(ConnectionPhase::Head);
        }
    }

    /// Records whether the socket has accepted bytes of a response or has no room for them.
    fn record_write(&self, is_accepted: bool) {
        let mut state = self.state();
        match is_accepted {
            true => state.write_deadline = None,
            false => {
                let limit = self.limits.write;
                state
                    .write_deadline
                    .get_or_insert_with(|| Instant::now() + limit);
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

/// Marks a response as in progress until it is dropped.
#[derive(Debug)]
pub(super) struct ResponseGuard(Arc<ConnectionDeadline>);

impl Drop for ResponseGuard {
    fn drop(&mut self) {
        self.0.enter(ConnectionPhase::Flush);
    }
}

/// The connection that the reader of a request body reports to.
#[derive(Debug)]
pub(super) struct BodyProgress(Arc<ConnectionDeadline>);

impl BodyProgress {
    /// Records that the handler waits for more of the body. If the end of input has been withheld,
    /// the request is incomplete, and the end is passed on.
    pub(super) fn wait(&self, context: &Context<'_>) {
        let mut state = self.0.state();
        match state.withheld_reader.take() {
            Some(reader) => {
                state.is_incomplete = true;
                reader.wake();
            }
            None => state.body_reader = Some(context.waker().clone()),
        }
    }
}

impl Drop for BodyProgress {
    fn drop(&mut self) {
        self.0.state().body_reader = None;
    }
}

/// The socket of a connection; reports reads and writes to the deadline.
#[derive(Debug)]
pub(super) struct DeadlineStream {
    socket: TcpStream,
    deadline: Arc<ConnectionDeadline>,
}

impl DeadlineStream {
    /// Combines a socket and its deadline.
    pub(super) fn new(socket: TcpStream, deadline: Arc<ConnectionDeadline>) -> DeadlineStream {
        DeadlineStream { socket, deadline }
    }
}

/// Withholds the end of input from hyper until a request is answered and its response is sent.
/// Otherwise hyper would take the end for a closed connection and drop the handler. Afterwards hyper
/// must be woken, because it does not read again by itself after a pending read. hyper's own
/// `half_close(true)` is not used: it does not read in the meantime, so it would not notice a reset.
impl AsyncRead for DeadlineStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.deadline.record_read();
        } else if self.deadline.withhold_end(context) {
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
        self.deadline.record_write(written.is_ready());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(context, slices);
        self.deadline.record_write(written.is_ready());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.socket).poll_flush(context))?;
        self.deadline.record_flush();
        Poll::Ready(Ok(()))
    }

    /// Closes the server's side, then reads and discards what the client still sends, until it closes
    /// its side or [`LINGER`] has passed.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.deadline.phase() != ConnectionPhase::Closing {
            ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
            self.deadline.enter(ConnectionPhase::Closing);
        }
        loop {
            let mut discarded = [0; 4096];
            let mut discarded = ReadBuf::new(&mut discarded);
            let read = ready!(Pin::new(&mut self.socket).poll_read(context, &mut discarded));
            if read.is_err() || discarded.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
