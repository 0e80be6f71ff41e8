//! Style sheet, font and favicon, compiled in. A page links them with a hash of their bytes, so that a browser may keep
//! them for a year and still never shows an old one.

use std::fmt::Write;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

/// The longest day of the week grid: 24 hours of five minutes, the head, and the line after the last row.
const GRID_ROWS_MAX: usize = 24 * 12 + 2;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: Vec<u8>,
    hash: String,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset("coop.css", "text/css; charset=utf-8", style_sheet().into_bytes()),
        asset("public-sans.woff2", "font/woff2", include_bytes!("../assets/public-sans.woff2").to_vec()),
        asset("mark.svg", "image/svg+xml", include_bytes!("../assets/mark.svg").to_vec()),
    ]
});

fn asset(name: &'static str, content_type: &'static str, bytes: Vec<u8>) -> Asset {
    let hash = Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Asset { name, content_type, bytes, hash }
}

/// The written style sheet and one class for each place in the week grid: a page may not carry styles of its own.
fn style_sheet() -> String {
    let mut sheet = include_str!("../assets/coop.css").to_owned();
    for row in 1..=GRID_ROWS_MAX {
        // Writing into a String cannot fail.
        let _ = write!(sheet, ".at-{row}{{grid-row-start:{row}}}.for-{row}{{grid-row-end:span {row}}}");
    }
    sheet
}

/// The address of an asset, with its hash.
pub(super) fn address(name: &str) -> String {
    let hash = ASSETS.iter().find(|asset| asset.name == name).map_or("", |asset| &asset.hash);
    format!("/assets/{name}?v={hash}")
}

/// `GET /assets/{name}`
pub(super) async fn get(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name.as_str()) else {
        return super::not_found(request).await;
    };
    let tag = format!("\"{}\"", asset.hash);
    // Only an address that names these very bytes may be kept for good.
    let keep = if request.query_string() == format!("v={}", asset.hash) {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.contains(&tag));
    let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((CACHE_CONTROL, keep)).insert_header((ETAG, tag));
    answer.insert_header(("X-Content-Type-Options", "nosniff"));
    if is_known {
        return answer.finish();
    }
    answer.content_type(asset.content_type).body(asset.bytes.as_slice())
}
