//! An image in memory: rounded rectangles and text, with smooth edges, and its PNG.

use ab_glyph::{Font as _, FontRef, Glyph, PxScale, ScaleFont as _, point};

/// A color: red, green and blue from 0 to 255.
pub(super) type Color = [u8; 3];

/// An image with three bytes a pixel.
pub(super) struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Canvas {
    /// Creates an image of one color; width and height are in pixels.
    pub(super) fn new(width: u32, height: u32, color: Color) -> Canvas {
        let count = width as usize * height as usize;
        Canvas {
            width,
            height,
            pixels: color.repeat(count),
        }
    }

    /// Fills a rectangle, whose corners are rounded with a radius; all values are in pixels.
    pub(super) fn fill(
        &mut self,
        left: u32,
        top: u32,
        size: (u32, u32),
        radius: f32,
        color: Color,
    ) {
        let (width, height) = (size.0 as f32, size.1 as f32);
        for y in 0..size.1 {
            for x in 0..size.0 {
                // How far the center of the pixel is outside of the rectangle that the centers of the corners span.
                let outside = |at: u32, length: f32| {
                    let at = at as f32 + 0.5;
                    (radius - at).max(at - (length - radius)).max(0.0)
                };
                let distance = outside(x, width).hypot(outside(y, height));
                let coverage = (radius - distance + 0.5).clamp(0.0, 1.0);
                self.blend(
                    left + x,
                    top + y,
                    color,
                    if radius > 0.0 { coverage } else { 1.0 },
                );
            }
        }
    }

    /// Draws a line of text from `left` on the base line `base`.
    pub(super) fn text(&mut self, text: &Text<'_>, left: f32, base: f32, color: Color) {
        for glyph in text.glyphs(left, base) {
            let Some(outline) = text.font.outline_glyph(glyph) else {
                continue;
            };
            let bounds = outline.px_bounds();
            outline.draw(|x, y, coverage| {
                let (x, y) = (
                    bounds.min.x as i64 + i64::from(x),
                    bounds.min.y as i64 + i64::from(y),
                );
                if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) {
                    self.blend(x, y, color, coverage);
                }
            });
        }
    }

    fn blend(&mut self, x: u32, y: u32, color: Color, coverage: f32) {
        if x >= self.width || y >= self.height {
            return;
        }
        let at = (y as usize * self.width as usize + x as usize) * 3;
        for (pixel, color) in self.pixels[at..at + 3].iter_mut().zip(color) {
            let (below, above) = (f32::from(*pixel), f32::from(color));
            *pixel = (below + (above - below) * coverage).round() as u8;
        }
    }

    /// Returns the image as a PNG.
    ///
    /// # Errors
    /// Those of the encoder.
    pub(super) fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// A line of text with its font and its size in pixels.
pub(super) struct Text<'a> {
    pub(super) font: &'a FontRef<'a>,
    pub(super) text: &'a str,
    pub(super) size: f32,
}

impl Text<'_> {
    /// Returns the width in pixels.
    pub(super) fn width(&self) -> f32 {
        let font = self.font.as_scaled(PxScale::from(self.size));
        let ids = self
            .text
            .chars()
            .map(|character| self.font.glyph_id(character));
        ids.map(|id| font.h_advance(id)).sum()
    }

    fn glyphs(&self, left: f32, base: f32) -> impl Iterator<Item = Glyph> {
        let scale = PxScale::from(self.size);
        let font = self.font.as_scaled(scale);
        let mut x = left;
        self.text.chars().map(move |character| {
            let id = self.font.glyph_id(character);
            let glyph = id.with_scale_and_position(scale, point(x, base));
            x += font.h_advance(id);
            glyph
        })
    }
}

/// Splits a text into lines of at most `width` pixels: between words, and inside a word that is longer than a line.
pub(super) fn wrap(font: &FontRef<'_>, text: &str, size: f32, width: f32) -> Vec<String> {
    let fits = |text: &str| Text { font, text, size }.width() <= width;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a first line");
        let longer = match line.is_empty() {
            true => word.to_owned(),
            false => format!("{line} {word}"),
        };
        if fits(&longer) {
            *line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(String::new());
        }
        for character in word.chars() {
            let line = lines.last_mut().expect("there is a first line");
            line.push(character);
            if !fits(line) && line.chars().count() > 1 {
                line.pop();
                lines.push(character.to_string());
            }
        }
    }
    lines
}
