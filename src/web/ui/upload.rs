//! A form with one file (`multipart/form-data`, RFC 7578). The body is small and read as a whole, so this is enough; the
//! limit is that of the route.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{Error, FromRequest, HttpRequest, web};

use super::holder::Holder;
use super::typed::Typed;

/// More parts than this are no form of ours.
const PARTS_MAX: usize = 20;

/// A form with a file that one of our pages sent, and who sent it.
pub(super) struct Upload {
    pub holder: Holder,
    pub typed: Typed,
    /// The file; absent when none was chosen or the body was too large.
    pub file: Option<Vec<u8>>,
}

impl FromRequest for Upload {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Upload, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = web::Bytes::from_request(request, payload);
        let holder = Holder::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let holder = holder.await?;
            let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let read = body.await.ok().and_then(|body| parts(kind, &body));
            let (typed, file) = read.unwrap_or_default();
            match holder.complete().and_then(|()| holder.check_form(&request, typed.one("form"))) {
                Ok(()) => Ok(Upload { holder, typed, file }),
                Err(answer) => Err(InternalError::from_response("the form is refused", answer).into()),
            }
        })
    }
}

/// The entries of a body and its file, or nothing when it is not such a body.
fn parts(kind: &str, body: &[u8]) -> Option<(Typed, Option<Vec<u8>>)> {
    let (name, rest) = kind.split_once(';')?;
    let boundary = rest.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?.trim_matches('"');
    if !name.trim().eq_ignore_ascii_case("multipart/form-data") || !(1..=70).contains(&boundary.len()) {
        return None;
    }
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let mut rest = body.strip_prefix(&delimiter[2..])?;
    let (mut typed, mut file) = (Typed::default(), None);
    for _ in 0..PARTS_MAX {
        if rest.starts_with(b"--") {
            return Some((typed, file));
        }
        let part = rest.strip_prefix(b"\r\n")?;
        let end = find(part, &delimiter)?;
        let head = find(&part[..end], b"\r\n\r\n")?;
        let value = &part[head + 4..end];
        let head = std::str::from_utf8(&part[..head]).ok()?;
        match disposition(head)? {
            (_, true) => file = Some(value.to_vec()).filter(|bytes| !bytes.is_empty()).or(file),
            (name, false) => typed.0.push((name, String::from_utf8(value.to_vec()).ok()?)),
        }
        rest = &part[end + delimiter.len()..];
    }
    None
}

/// The name of a part, and whether it is a file.
fn disposition(head: &str) -> Option<(String, bool)> {
    let line = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    // The names are our own: they hold no quotation marks and no semicolons.
    let value = |key: &str| line.split(';').find_map(|one| one.trim().strip_prefix(key)?.strip_prefix('='));
    let name = value("name")?.trim_matches('"').to_owned();
    Some((name, line.contains("filename")))
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=xYz";

    fn body(parts: &[(&str, &str)]) -> Vec<u8> {
        let part = |(head, value): &(&str, &str)| {
            format!("--xYz\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n")
        };
        (parts.iter().map(part).collect::<String>() + "--xYz--\r\n").into_bytes()
    }

    #[test]
    fn entries_and_the_file_come_as_they_were_sent() {
        let sent = body(&[("name=\"form\"", "t"), ("name=\"file\"; filename=\"a;b.csv\"", "a,b\r\n--xY\r\n")]);
        let (typed, file) = parts(KIND, &sent).expect("a form");
        assert_eq!((typed.one("form"), file.as_deref()), ("t", Some(b"a,b\r\n--xY\r\n".as_slice())));
        let none = body(&[("name=\"form\"", "t"), ("name=\"file\"; filename=\"\"", "")]);
        assert_eq!(parts(KIND, &none).expect("a form").1, None);
    }

    #[test]
    fn what_is_cut_short_or_not_such_a_body_is_nothing() {
        let sent = body(&[("name=\"form\"", "t")]);
        for length in 0..sent.len() - 4 {
            assert!(parts(KIND, &sent[..length]).is_none(), "{length}");
        }
        for kind in [
            "",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "text/csv; boundary=xYz",
            "multipart/form-data; boundary=other",
        ] {
            assert!(parts(kind, &sent).is_none(), "{kind}");
        }
        let many: Vec<(&str, &str)> = vec![("name=\"a\"", "b"); PARTS_MAX + 1];
        assert!(parts(KIND, &body(&many)).is_none());
    }
}
