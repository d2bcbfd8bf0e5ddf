//! The image of a lesson that other sites show beside a link to it (Open Graph): a PNG of 1200 × 630 pixels with the
//! name of the site, the title of the lesson and its section.
//!
//! The font has Latin letters and the 2350 syllables of KS X 1001; it is made from Pretendard Bold under the SIL Open Font
//! License (title-font.OFL.txt).

mod canvas;

use ab_glyph::FontRef;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use crate::api::SharedResponse;
use crate::content::LessonPage;
use crate::pages::social_image::canvas::{Canvas, Color, Text, wrap};
use crate::state::AppState;

const FONT: &[u8] = include_bytes!("title-font.ttf");

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 630;
const MARGIN: u32 = 80;

/// The light colors of style/tokens.css: --paper, --strong, --quiet, --accent and --on-accent.
const PAPER: Color = [0xfd, 0xfc, 0xfa];
const STRONG: Color = [0x0e, 0x12, 0x15];
const QUIET: Color = [0x5b, 0x61, 0x67];
const ACCENT: Color = [0x0a, 0x68, 0x71];
const ON_ACCENT: Color = [0xff, 0xff, 0xff];

/// The sizes of the title in pixels: the first in which it has at most [`LINES`] lines.
const TITLE_SIZES: [f32; 3] = [84.0, 68.0, 54.0];
const LINES: usize = 3;

/// Returns the address of the image of a lesson, without the origin.
pub(super) fn address(page: &LessonPage) -> String {
    format!("{}.png", page.href())
}

/// Handles `GET /{lang}/{section}/{slug}.png`.
pub(super) async fn file(state: &AppState, page: &LessonPage) -> Response {
    let section = page.path.split('/').next().unwrap_or_default();
    let site = state.site_title();
    let section = state.library.site.section_title(section, page.locale);
    let title = page.front.title.clone();
    let drawn = tokio::task::spawn_blocking(move || draw(&site, &title, &section)).await;
    match drawn {
        Ok(Ok(png)) => {
            let mut response = ([(CONTENT_TYPE, "image/png")], png).into_response();
            let shared = SharedResponse::new(address(page));
            response.extensions_mut().insert(shared);
            response
        }
        Ok(Err(error)) => {
            tracing::error!("the image of {} cannot be written: {error}", page.path);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(error) => {
            tracing::error!("the image of {} cannot be drawn: {error}", page.path);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Draws the image.
fn draw(site: &str, title: &str, section: &str) -> Result<Vec<u8>, png::EncodingError> {
    let font = &FontRef::try_from_slice(FONT).expect("the font is part of the program");
    let text = |text, size| Text { font, text, size };
    let left = MARGIN as f32;
    let mut canvas = Canvas::new(WIDTH, HEIGHT, PAPER);
    canvas.fill(0, 0, (WIDTH, 12), 0.0, ACCENT);
    canvas.fill(MARGIN, 84, (64, 64), 14.0, ACCENT);
    let initial: String = site.chars().take(1).collect();
    let initial = text(&initial, 46.0);
    let middle = left + 32.0 - initial.width() / 2.0;
    canvas.text(&initial, middle, 132.0, ON_ACCENT);
    canvas.text(&text(site, 44.0), left + 88.0, 131.0, STRONG);

    let width = (WIDTH - 2 * MARGIN) as f32;
    let sizes = TITLE_SIZES
        .iter()
        .map(|size| (*size, wrap(font, title, *size, width)));
    let all: Vec<_> = sizes.collect();
    let fitting = all.iter().find(|(_, lines)| lines.len() <= LINES);
    let (size, lines) = fitting.unwrap_or(&all[all.len() - 1]);
    let mut lines = lines.clone();
    if lines.len() > LINES {
        lines.truncate(LINES);
        lines[LINES - 1].push('…');
    }
    let line_height = size * 1.2;
    // The block of lines is centered between the name of the site and the section.
    let height = line_height * lines.len() as f32;
    let top = 340.0 - height / 2.0;
    for (at, line) in lines.iter().enumerate() {
        let base = top + line_height * at as f32 + size * 0.92;
        canvas.text(&text(line, *size), left, base, STRONG);
    }

    canvas.fill(MARGIN, 520, (72, 6), 3.0, ACCENT);
    if section != title {
        canvas.text(&text(section, 34.0), left, 570.0, QUIET);
    }
    canvas.png()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
        let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        let mut reader = decoder.read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let frame = reader.next_frame(&mut pixels).expect("a frame");
        (frame.width, frame.height, pixels)
    }

    /// Returns how many pixels of rows have another color than the background.
    fn drawn(pixels: &[u8], rows: std::ops::Range<usize>) -> usize {
        let row = WIDTH as usize * 3;
        let pixels = pixels[rows.start * row..rows.end * row].chunks(3);
        pixels.filter(|pixel| **pixel != PAPER).count()
    }

    #[test]
    fn image_has_the_size_of_open_graph_and_shows_title_and_section() {
        let png = draw("Routebook", "오류 응답", "오류").expect("drawn");
        let (width, height, pixels) = decode(&png);
        assert_eq!((width, height), (1200, 630));
        assert!(png.len() < 100_000, "{} bytes", png.len());
        assert!(drawn(&pixels, 270..410) > 3000, "title");
        assert!(drawn(&pixels, 535..590) > 300, "section");
        let (_, _, other) = decode(&draw("Routebook", "", "오류").expect("drawn"));
        assert_eq!(drawn(&other, 270..410), 0);
    }

    #[test]
    fn long_title_is_wrapped_and_cut_inside_the_margins() {
        for title in [
            "Idempotency keys, retries and what a server remembers ".repeat(8),
            "가나다라마바사".repeat(40),
            "W".repeat(400),
        ] {
            let (_, _, pixels) = decode(&draw("Routebook", &title, "Errors").expect("drawn"));
            let row = WIDTH as usize * 3;
            let margin = (WIDTH - MARGIN / 2) as usize * 3;
            let is_inside = |row: &[u8]| row[margin..].chunks(3).all(|pixel| *pixel == PAPER);
            assert!(pixels.chunks(row).skip(12).all(is_inside), "{title}");
            assert_eq!(drawn(&pixels, 480..515), 0, "{title}");
        }
    }

    #[test]
    fn lines_are_split_between_words() {
        let font = FontRef::try_from_slice(FONT).expect("a font");
        let lines = wrap(&font, "GET and  POST compared", 60.0, 300.0);
        assert_eq!(
            lines,
            ["GET and", "POST", "compared"].map(str::to_owned).to_vec()
        );
        assert_eq!(wrap(&font, "", 60.0, 400.0), [String::new()]);
    }
}
