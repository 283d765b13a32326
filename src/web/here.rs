//! Pages for whoever sits at this machine.

use axum::{
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// Refuses requests for another host's name: a page elsewhere that points its
/// own name at this machine must not read what is here (DNS rebinding).
pub(super) async fn only_from_here(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_loopback) {
        let text = "These pages answer only to 127.0.0.1 and localhost.\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    next.run(request).await
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(host, |(name, _)| name),
        None => host.split(':').next().unwrap_or_default(),
    };
    ["127.0.0.1", "localhost", "::1"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_names_of_this_machine_are_from_here() {
        for host in ["127.0.0.1", "127.0.0.1:8500", "localhost:1", "LOCALHOST", "[::1]:8500"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "example.com", "localhost.example.com:8500", "127.0.0.1.nip.io", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
