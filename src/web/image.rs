//! `/i/NAME`: the images that mails show. A name is the hash of its content,
//! so an answer is good for ever, and tells nothing about who asks.

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::door::{Door, not_now, nothing_here};
use crate::model::ImageName;

/// GET `/i/{name}`.
pub(super) async fn show(State(door): State<Door>, Path(name): Path<String>) -> Response {
    let Some(name) = ImageName::parse(&name) else {
        return nothing_here(State(door)).await.into_response();
    };
    match door.store.image(&name).await {
        Ok(Some(bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, name.media_type()),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
            ];
            (headers, bytes).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => not_now(),
    }
}
