//! Pages for whoever sits at this machine.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// Refuses requests for another host's name: a page elsewhere that points its
/// own name at this machine must not read what is here (DNS rebinding); and
/// what would change something, unless a page of ours asks for it.
pub(super) async fn only_from_here(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_loopback) {
        let text = "These pages answer only to 127.0.0.1 and localhost.\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let is_safe = request.method() == Method::GET || request.method() == Method::HEAD;
    if !is_safe && !is_ours(request.headers()) {
        return (StatusCode::FORBIDDEN, "This comes from another page.\n").into_response();
    }
    next.run(request).await
}

/// Whether a request that changes something comes from a page of ours: a
/// browser says so with every POST, and a mail's frame has no origin.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://"));
    origin.map(|(_, host)| host) == text(header::HOST) && origin.is_some()
}

/// Whether `host`, a name with or without a port, is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').unwrap_or((host, "")),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit());
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return false;
    }
    ["127.0.0.1", "localhost", "::1"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_names_of_this_machine_are_from_here() {
        for host in ["127.0.0.1", "127.0.0.1:8500", "localhost:1", "LOCALHOST", "[::1]:8500"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com:8500",
            "127.0.0.1.nip.io",
            "[::2]",
            "[::1]x.evil",
            "localhost:a.evil",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    fn comes_from(origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8500"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        is_ours(&headers)
    }

    #[test]
    fn only_our_own_pages_may_write() {
        assert!(comes_from(Some("http://127.0.0.1:8500")));
        for other in ["null", "http://127.0.0.1:8501", "https://example.com"] {
            assert!(!comes_from(Some(other)), "{other}");
        }
        assert!(!comes_from(None));
    }
}
