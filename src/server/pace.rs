//! How long a connection may go on as it is: one deadline, moved by what happens on the socket.
//!
//! Not here: how long a body may take, which ends in a response; see `refusal`.

use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::server::listen::ServerLimits;

/// How long what a client still sends is taken and thrown away after the last response, for a socket
/// that is closed with unread bytes takes the response back (RFC 9112, section 9.6).
const LINGER: Duration = Duration::from_secs(1);

/// The pace of one connection.
#[derive(Debug)]
pub(super) struct ConnectionDeadline {
    limits: ServerLimits,
    state: Mutex<DeadlineState>,
    finished: CancellationToken,
}

#[derive(Debug)]
struct DeadlineState {
    phase: ConnectionPhase,
    /// When the phase must have ended.
    ends: Option<Instant>,
    /// When the client must have taken more of a response; none while it does.
    taken: Option<Instant>,
    /// Who reads the connection, when the end of what the client sends is withheld from it.
    withheld: Option<Waker>,
    /// Who waits for more of the body of the request.
    body: Option<Waker>,
    /// Whether the end has come before the end of the body.
    incomplete: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectionPhase {
    /// A head arrives.
    Head,
    /// A request is read and answered; the limits of bodies and handlers hold.
    Answer,
    /// The answer is made, and not all of it is sent.
    Flush,
    /// Between an answer and the next head.
    Idle,
    /// After the last answer.
    Closing,
}

impl ConnectionDeadline {
    /// That of a new connection: its first head counts from now.
    pub(super) fn new(limits: ServerLimits) -> Arc<ConnectionDeadline> {
        let state = DeadlineState {
            phase: ConnectionPhase::Head,
            ends: Some(Instant::now() + limits.header),
            taken: None,
            withheld: None,
            body: None,
            incomplete: false,
        };
        Arc::new(ConnectionDeadline {
            limits,
            state: Mutex::new(state),
            finished: CancellationToken::new(),
        })
    }

    /// A head has arrived; the answer lasts until the guard is dropped.
    pub(super) fn answer(self: &Arc<ConnectionDeadline>) -> ResponseGuard {
        self.enter(ConnectionPhase::Answer);
        ResponseGuard(self.clone())
    }

    /// A body follows the head, and is read with this.
    pub(super) fn read(self: &Arc<ConnectionDeadline>) -> ReadingBody {
        ReadingBody(self.clone())
    }

    /// Is cancelled when the client has closed its side of the connection.
    pub(super) fn finished(&self) -> &CancellationToken {
        &self.finished
    }

    /// The client has closed its side. Returns whether that is withheld: a request that has arrived
    /// whole is answered (RFC 9112, section 9.6). Whether it has is known when the handler next reads
    /// its body, for hyper passes on what it has before it reads on.
    fn withholds_end(&self, context: &Context<'_>) -> bool {
        self.finished.cancel();
        let mut state = self.state();
        let answering = matches!(
            state.phase,
            ConnectionPhase::Answer | ConnectionPhase::Flush
        );
        if !answering || state.incomplete {
            return false;
        }
        state.withheld = Some(context.waker().clone());
        if let Some(body) = state.body.take() {
            body.wake();
        }
        true
    }

    /// Ends when the connection has to.
    pub(super) async fn overdue(&self) {
        let mut sleep = pin!(sleep_until(Instant::now()));
        // All that moves the deadline happens while the connection is polled, so whoever polls this
        // after it needs no other wake-up.
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
            ConnectionPhase::Answer | ConnectionPhase::Flush => None,
            ConnectionPhase::Idle => Some(self.limits.idle),
            ConnectionPhase::Closing => Some(LINGER),
        };
        let mut state = self.state();
        state.phase = phase;
        state.ends = limit.map(|limit| Instant::now() + limit);
        if phase == ConnectionPhase::Idle
            && let Some(reader) = state.withheld.take()
        {
            reader.wake();
        }
    }

    /// All that was to be sent has been.
    fn flushed(&self) {
        if self.phase() == ConnectionPhase::Flush {
            self.enter(ConnectionPhase::Idle);
        }
    }

    /// Bytes have arrived: between two requests they begin a head.
    fn received(&self) {
        if self.phase() == ConnectionPhase::Idle {
            self.enter(ConnectionPhase::Head);
        }
    }

    /// The client has taken some of a response, or has no room for it.
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

/// That a request is being answered.
#[derive(Debug)]
pub(super) struct ResponseGuard(Arc<ConnectionDeadline>);

impl Drop for ResponseGuard {
    fn drop(&mut self) {
        self.0.enter(ConnectionPhase::Flush);
    }
}

/// That the body of a request is being read.
#[derive(Debug)]
pub(super) struct ReadingBody(Arc<ConnectionDeadline>);

impl ReadingBody {
    /// The handler waits for more of the body. When the end was withheld, more will not come.
    pub(super) fn wait(&self, context: &Context<'_>) {
        let mut state = self.0.state();
        match state.withheld.take() {
            Some(reader) => {
                state.incomplete = true;
                reader.wake();
            }
            None => state.body = Some(context.waker().clone()),
        }
    }
}

impl Drop for ReadingBody {
    fn drop(&mut self) {
        self.0.state().body = None;
    }
}

/// The socket of a connection, which tells the pace what happens.
#[derive(Debug)]
pub(super) struct DeadlineStream {
    socket: TcpStream,
    pace: Arc<ConnectionDeadline>,
}

impl DeadlineStream {
    /// The socket at this pace.
    pub(super) fn new(socket: TcpStream, pace: Arc<ConnectionDeadline>) -> DeadlineStream {
        DeadlineStream { socket, pace }
    }
}

/// Until a request is answered and the answer sent, the end of what the client sends is withheld from
/// hyper, which would take it for the end of the client and give up the answer. Then hyper is woken, for
/// it does not read again by itself after a read that was pending. hyper's own `half_close(true)` does
/// not read at all meanwhile, so that a connection that was reset would go unnoticed.
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
        } else if self.pace.withholds_end(context) {
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
        ready!(Pin::new(&mut self.socket).poll_flush(context))?;
        self.pace.flushed();
        Poll::Ready(Ok(()))
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
