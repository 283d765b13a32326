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

/// The longest reply line that is read; the rest of a longer one is dropped.
const REPLY_LINE_MAX: usize = 900;

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
    /// Reply lines that are ready to be read.
    ready: Vec<u8>,
    /// The beginning of a reply line whose end has not come.
    partial: Vec<u8>,
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
        self.ready = greeting.as_bytes().to_vec();
        self
    }

    /// Tells, from outside, whether everything has left.
    pub(super) fn departure(&self) -> Departure {
        self.departure.clone()
    }

    fn new(stream: Stream, peer: SocketAddr) -> Wire {
        let departure = Departure(Arc::new(AtomicBool::new(true)));
        Wire {
            stream,
            peer,
            ready: Vec::new(),
            partial: Vec::new(),
            pending: Vec::new(),
            sent: 0,
            departure,
        }
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
        loop {
            if !wire.ready.is_empty() {
                let count = wire.ready.len().min(buf.remaining());
                buf.put_slice(&wire.ready[..count]);
                wire.ready.drain(..count);
                return Poll::Ready(Ok(()));
            }
            let mut bytes = [0; 4_096];
            let mut fresh = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut wire.stream).poll_read(cx, &mut fresh))?;
            if fresh.filled().is_empty() {
                // The end; half a line is no reply.
                return Poll::Ready(Ok(()));
            }
            for byte in fresh.filled() {
                read_byte(*byte, &mut wire.partial, &mut wire.ready);
            }
        }
    }
}

/// Takes one byte of a reply in; a line that is complete becomes ready, in a
/// form that lettre reads.
///
/// lettre refuses what servers say all the same: text that is not UTF-8, a
/// code without text (`250`, which RFC 5321 4.2 allows), lines of more than
/// 1,000 bytes. A refused reply to the final dot would be a second copy.
fn read_byte(byte: u8, partial: &mut Vec<u8>, ready: &mut Vec<u8>) {
    if byte != b'\n' {
        if partial.len() < REPLY_LINE_MAX {
            partial.push(if byte.is_ascii() { byte } else { b'?' });
        }
        return;
    }
    while partial.last() == Some(&b'\r') {
        partial.pop();
    }
    let is_bare_code = partial.len() == 3 && partial.iter().all(u8::is_ascii_digit);
    ready.append(partial);
    ready.extend_from_slice(if is_bare_code { b" .\r\n" } else { b"\r\n" });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reply: &[u8], expected: &str) {
        let (mut partial, mut ready) = (Vec::new(), Vec::new());
        for byte in reply {
            read_byte(*byte, &mut partial, &mut ready);
        }
        assert_eq!(String::from_utf8(ready).expect("ASCII"), expected);
    }

    #[test]
    fn odd_replies_become_ones_that_are_read() {
        check(b"250 ok\r\n", "250 ok\r\n");
        check(b"250\r\n", "250 .\r\n");
        check(b"250\n", "250 .\r\n");
        check(b"250-one\r\n250 two\r\n", "250-one\r\n250 two\r\n");
        check(b"450 zur\xfcck\r\n", "450 zur?ck\r\n");
        check(b"250 half", "");
        check(
            &[&b"250 "[..], &[b'x'; 5_000], b"\r\n"].concat(),
            &format!("250 {}\r\n", "x".repeat(896)),
        );
    }
}
