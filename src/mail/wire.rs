//! The stream under lettre's connection.
//!
//! Three things that lettre lacks: `TCP_NODELAY`; one write for what it sends
//! as several (a message's body and its final dot wait for each other's
//! acknowledgement otherwise: 23 messages a second); and an answer to "did the
//! final dot leave?".

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// Whether everything that was written has been handed to the system.
#[derive(Clone, Debug, Default)]
pub(super) struct Departure(Arc<AtomicBool>);

impl Departure {
    /// Whether nothing that was written is still here.
    pub(super) fn is_complete(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A TCP or TLS stream that holds writes back until the next read.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    peer: SocketAddr,
    /// Bytes to be read before those of the stream.
    greeting: Vec<u8>,
    pending: Vec<u8>,
    sent: usize,
    departure: Departure,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// A wire over a plain connection.
    pub(super) fn plain(stream: TcpStream) -> io::Result<Wire> {
        stream.set_nodelay(true)?;
        let peer = stream.peer_addr()?;
        Ok(Wire::new(Stream::Plain(stream), peer))
    }

    /// A wire over TLS.
    pub(super) fn tls(stream: TlsStream<TcpStream>) -> io::Result<Wire> {
        stream.get_ref().0.set_nodelay(true)?;
        let peer = stream.get_ref().0.peer_addr()?;
        Ok(Wire::new(Stream::Tls(Box::new(stream)), peer))
    }

    /// Lets the reader see `greeting` first: after STARTTLS a server does not
    /// greet again, and lettre waits for it.
    pub(super) fn with_greeting(mut self, greeting: &str) -> Wire {
        self.greeting = greeting.as_bytes().to_vec();
        self
    }

    /// Tells, from outside, whether everything has left.
    pub(super) fn departure(&self) -> Departure {
        self.departure.clone()
    }

    fn new(stream: Stream, peer: SocketAddr) -> Wire {
        let departure = Departure(Arc::new(AtomicBool::new(true)));
        Wire { stream, peer, greeting: Vec::new(), pending: Vec::new(), sent: 0, departure }
    }

    fn poll_depart(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.departure.is_complete() {
            return Poll::Ready(Ok(()));
        }
        while self.sent < self.pending.len() {
            let rest = &self.pending[self.sent..];
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += written;
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.pending.clear();
        self.sent = 0;
        self.departure.0.store(true, Ordering::Release);
        Poll::Ready(Ok(()))
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = &mut *self;
        ready!(wire.poll_depart(cx))?;
        if !wire.greeting.is_empty() {
            let count = wire.greeting.len().min(buf.remaining());
            buf.put_slice(&wire.greeting[..count]);
            wire.greeting.drain(..count);
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut wire.stream).poll_read(cx, buf))?;
        // Some servers answer in Latin-1; lettre reads only UTF-8.
        for byte in &mut buf.filled_mut()[before..] {
            if !byte.is_ascii() {
                *byte = b'?';
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.departure.0.store(false, Ordering::Release);
        self.pending.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    /// Nothing: what was written leaves with the next read.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
