//! Reads on where an answer came before its body.
//!
//! A connection closed with bytes unread is reset, and the sender never sees why it was refused. So a body that is
//! dropped unread is read and thrown away, up to a limit and a time.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::http::{Request, header};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};

/// Bytes that are thrown away at most.
const BYTES_MAX: usize = 4 << 20;

/// Time that they have to come.
const TIME_MAX: Duration = Duration::from_secs(2);

/// A request's body that does not go unread.
pub(super) struct Lingering {
    /// `None` only while it is dropped.
    body: Option<Incoming>,
    lingers: bool,
}

impl Lingering {
    /// Of a sender that waits for `100 Continue` the body is never asked for.
    pub fn wrap(request: Request<Incoming>) -> Request<Self> {
        let lingers = !request.headers().contains_key(header::EXPECT);
        request.map(|body| Self { body: Some(body), lingers })
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let unread = self.body.take().filter(|body| self.lingers && !body.is_end_stream());
        if let (Some(body), Ok(runtime)) = (unread, tokio::runtime::Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(TIME_MAX, throw_away(body)));
        }
    }
}

async fn throw_away(mut body: Incoming) {
    let mut thrown = 0;
    while let Some(Ok(frame)) = body.frame().await {
        thrown += frame.data_ref().map_or(0, Bytes::len);
        if thrown > BYTES_MAX {
            return;
        }
    }
}

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}
