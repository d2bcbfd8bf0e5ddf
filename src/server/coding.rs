//! Content codings: selects the coding of a response (RFC 9110, section 12.5.3) and encodes bytes.

use std::io::{self, Write};

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;
use flate2::Compression;
use flate2::write::GzEncoder;

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// `br` (RFC 7932).
    Brotli,
    /// `gzip` (RFC 1952).
    Gzip,
    /// `identity`: the bytes without encoding.
    Identity,
}

impl Coding {
    /// Every coding, in the order of the server's preference: among those that a client accepts
    /// equally, the first is chosen.
    pub(super) const ALL: [Coding; 3] = [Coding::Brotli, Coding::Gzip, Coding::Identity];

    /// Returns the value of `Content-Encoding`, or `None` for [`Coding::Identity`].
    pub(super) fn token(self) -> Option<&'static str> {
        match self {
            Coding::Brotli => Some("br"),
            Coding::Gzip => Some("gzip"),
            Coding::Identity => None,
        }
    }

    /// Returns the available coding that the client prefers, or [`Coding::Identity`] when the
    /// client excludes all of them.
    pub(super) fn negotiate(request: &HeaderMap, available: &[Coding]) -> Coding {
        let mut best = (Coding::Identity, 0.0);
        for &coding in available {
            let weight = coding.weight(request);
            if weight > best.1 {
                best = (coding, weight);
            }
        }
        best.0
    }

    fn is_named(self, name: &str) -> bool {
        let names: &[&str] = match self {
            Coding::Brotli => &["br"],
            Coding::Gzip => &["gzip", "x-gzip"],
            Coding::Identity => &["identity"],
        };
        names.iter().any(|other| other.eq_ignore_ascii_case(name))
    }

    fn weight(self, request: &HeaderMap) -> f32 {
        let mut wildcard = None;
        for field in request.get_all(ACCEPT_ENCODING) {
            let Ok(field) = field.to_str() else { continue };
            for member in field.split(',') {
                let (name, parameters) = member.split_once(';').unwrap_or((member, ""));
                let Some(weight) = quality(parameters) else {
                    continue;
                };
                match name.trim() {
                    "*" => wildcard = Some(weight),
                    name if self.is_named(name) => return weight,
                    _ => {}
                }
            }
        }
        // A coding that the field does not list is not acceptable, except `identity`, which has the
        // lowest preference.
        wildcard.unwrap_or(match self {
            Coding::Identity => f32::MIN_POSITIVE,
            _ => 0.0,
        })
    }
}

/// Parses a weight `q=…`, which is 1 when absent; returns `None` when it is invalid (RFC 9110,
/// section 12.4.2).
fn quality(parameters: &str) -> Option<f32> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1.0);
    }
    let (name, value) = parameters.split_once('=')?;
    let is_weight = name.trim().eq_ignore_ascii_case("q");
    let weight = value.trim().parse().ok().filter(|_| is_weight)?;
    (0.0..=1.0).contains(&weight).then_some(weight)
}

/// Compresses with gzip at the highest level.
///
/// # Errors
/// Does not occur in practice, because the output is in memory.
pub(super) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Compresses with brotli at a quality from 0 to 11.
///
/// # Errors
/// Does not occur in practice, because the output is in memory.
pub(super) fn brotli(mut bytes: &[u8], quality: i32) -> io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use super::Coding::{Brotli, Gzip, Identity};
    use super::*;

    fn negotiated(fields: &[&str]) -> Coding {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(ACCEPT_ENCODING, field.parse().expect("a value"));
        }
        Coding::negotiate(&headers, &Coding::ALL)
    }

    #[test]
    fn coding_with_highest_weight_is_chosen() {
        for (fields, expected) in [
            (&[][..], Identity),
            (&[""], Identity),
            (&["gzip, deflate, br, zstd"], Brotli),
            (&["gzip"], Gzip),
            (&["x-gzip"], Gzip),
            (&["BR"], Brotli),
            (&["deflate"], Identity),
            (&["br;q=0.5, gzip"], Gzip),
            (&["br; q=0, gzip ; Q=0.001"], Gzip),
            (&["br;q=0.000, *;q=0.1"], Gzip),
            (&["gzip", "br"], Brotli),
            (&["*"], Brotli),
            (&["identity, br;q=0.9"], Identity),
            (&["identity;q=0"], Identity),
            (&["*;q=0"], Identity),
            (&["br;q=2, gzip;q=x"], Identity),
        ] {
            assert_eq!(negotiated(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn coding_that_is_not_available_is_not_chosen() {
        let headers =
            HeaderMap::from_iter([(ACCEPT_ENCODING, "br, gzip".parse().expect("a value"))]);
        assert_eq!(Coding::negotiate(&headers, &[Gzip, Identity]), Gzip);
    }
}
