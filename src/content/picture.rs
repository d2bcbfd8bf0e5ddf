//! Pictures: files in the folder `img` of a section, or of the content folder itself for the logo.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use imagesize::{ImageType, blob_size, image_type};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sha2::{Digest, Sha256};

use crate::content::finding::{ContentFinding, Rule};
use crate::content::load::SourceFile;
use crate::model::locale::Locale;

/// The greatest size of a file, in bytes.
const SIZE_MAX: usize = 300 * 1024;

/// The greatest width and height of a picture of pixels: a small file can have so many that a browser that shows it runs out of memory.
const SIDE_MAX: u32 = 8192;

/// The forms of pictures.
const FORMATS: &str = "svg, png, webp or jpg";

/// A picture of a lesson, or the logo.
#[derive(Debug)]
pub struct Picture {
    /// The path of the file inside the content folder.
    pub file: String,
    /// The last segment of its address: the hash of the bytes, and the format.
    pub name: String,
    /// The media type.
    pub media_type: &'static str,
    /// The width in CSS pixels.
    pub width: u32,
    /// The height in CSS pixels.
    pub height: u32,
    /// The bytes of the file.
    pub bytes: Bytes,
}

/// Why a file cannot be a logo.
#[derive(Debug, PartialEq, Eq)]
pub enum LogoError {
    /// It is larger than [`LOGO_SIZE_MAX`].
    Size,
    /// Its bytes are neither SVG nor PNG nor WebP.
    Format,
    /// It is one of these, and not valid; the text says why.
    Invalid(String),
}

/// The greatest size of a logo that is uploaded, in bytes.
pub const LOGO_SIZE_MAX: usize = 100 * 1024;

impl Picture {
    /// Reads a logo that was uploaded. Its format follows from its bytes, not from a name.
    ///
    /// # Errors
    /// [`LogoError`].
    pub fn logo(bytes: Vec<u8>) -> Result<Picture, LogoError> {
        if bytes.len() > LOGO_SIZE_MAX {
            return Err(LogoError::Size);
        }
        let ending = match image_type(&bytes) {
            Ok(ImageType::Png) => "png",
            Ok(ImageType::Webp) => "webp",
            Ok(_) => return Err(LogoError::Format),
            Err(_) if bytes.trim_ascii_start().starts_with(b"<") => "svg",
            Err(_) => return Err(LogoError::Format),
        };
        let file = SourceFile {
            path: format!("img/logo.{ending}"),
            bytes,
        };
        parse(&file).map_err(|(_, message)| LogoError::Invalid(message))
    }

    /// Returns the address of the picture, which changes with its bytes.
    pub fn href(&self) -> String {
        format!("/pictures/{}", self.name)
    }
}

/// The pictures of a content folder by their paths in it.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    found: BTreeMap<String, Arc<Picture>>,
    /// The paths of files with errors, for which a picture in a lesson is no second finding.
    invalid: Vec<String>,
}

impl Pictures {
    /// Reads the pictures among the files of a content folder; returns the findings in them.
    pub(super) fn parse(files: &[SourceFile]) -> (Pictures, Vec<ContentFinding>) {
        let mut pictures = Pictures::default();
        let mut findings = Vec::new();
        for file in files.iter().filter(|file| is_picture(&file.path)) {
            match parse(file) {
                Ok(picture) => {
                    let picture = Arc::new(picture);
                    pictures.found.insert(file.path.clone(), picture);
                }
                Err((rule, message)) => {
                    pictures.invalid.push(file.path.clone());
                    findings.push(finding(&file.path, rule, message));
                }
            }
        }
        (pictures, findings)
    }

    /// Returns the picture at a path inside the folder of a language, or else that of another language.
    ///
    /// # Errors
    /// A message for the author when there is no such file; none when the file has errors.
    pub(super) fn find(&self, locale: Locale, path: &str) -> Result<&Arc<Picture>, Option<String>> {
        let files = [locale, locale.other()].map(|locale| format!("{locale}/{path}"));
        if let Some(picture) = files.iter().find_map(|file| self.found.get(file)) {
            return Ok(picture);
        }
        let is_invalid = files.iter().any(|file| self.invalid.contains(file));
        Err((!is_invalid).then(|| format!("{} does not exist", files[0])))
    }

    /// Returns the picture at a path inside the content folder.
    ///
    /// # Errors
    /// The same as [`Pictures::find`].
    pub(super) fn at(&self, path: &str) -> Result<&Arc<Picture>, Option<String>> {
        let is_invalid = self.invalid.iter().any(|invalid| invalid == path);
        self.found
            .get(path)
            .ok_or_else(|| (!is_invalid).then(|| format!("{path} does not exist")))
    }

    /// Reports the pictures of which no path is among those used.
    pub(super) fn check_use(&self, used: &[&str]) -> Vec<ContentFinding> {
        let unused = self.found.keys().filter(|file| !used.contains(&&***file));
        let message = "no lesson shows it: remove it, or write ![description](img/…) in a lesson";
        unused
            .map(|file| finding(file, Rule::UnusedPicture, message.to_owned()))
            .collect()
    }
}

fn finding(file: &str, rule: Rule, message: String) -> ContentFinding {
    ContentFinding {
        file: file.to_owned(),
        line: 1,
        rule,
        message,
    }
}

/// Returns whether a file is meant as a picture: all files in the folders of pictures, and files anywhere whose names say so.
pub(super) fn is_picture(path: &str) -> bool {
    is_in_picture_folder(path) || format_of(path).is_some()
}

/// Returns whether a file is in the folder `img` of a section or of the content folder.
fn is_in_picture_folder(path: &str) -> bool {
    match path.split('/').collect::<Vec<_>>()[..] {
        ["img", _] => true,
        [locale, _, "img", _] => Locale::parse(locale).is_some(),
        _ => false,
    }
}

/// The formats of pictures by the endings of their files.
fn format_of(path: &str) -> Option<(&'static str, &'static str)> {
    let (_, ending) = path.rsplit_once('.')?;
    Some(match ending {
        "svg" => ("svg", "image/svg+xml"),
        "png" => ("png", "image/png"),
        "webp" => ("webp", "image/webp"),
        "jpg" | "jpeg" => ("jpg", "image/jpeg"),
        _ => return None,
    })
}

/// Reads a file.
///
/// # Errors
/// A rule and a message for the author.
fn parse(file: &SourceFile) -> Result<Picture, (Rule, String)> {
    if !is_in_picture_folder(&file.path) {
        let message = "is outside of the folder of pictures: move it to LANGUAGE/SECTION/img/";
        return Err((Rule::PictureFolder, message.to_owned()));
    }
    let Some((ending, media_type)) = format_of(&file.path) else {
        let message = format!("is no picture that can be shown: save it as {FORMATS}");
        return Err((Rule::PictureFormat, message));
    };
    if file.bytes.len() > SIZE_MAX {
        let message = format!("is larger than {} kB: save it smaller", SIZE_MAX / 1024);
        return Err((Rule::PictureSize, message));
    }
    let size = match ending {
        "svg" => svg_size(&file.bytes),
        _ => raster_size(ending, &file.bytes),
    };
    let (width, height) = size.map_err(|message| (Rule::PictureFormat, message))?;
    if ending != "svg" && width.max(height) > SIDE_MAX {
        let message = format!(
            "has {width} × {height} pixels: a picture has at most {SIDE_MAX} a side, save it smaller"
        );
        return Err((Rule::PictureSize, message));
    }
    let mut name = String::new();
    for byte in Sha256::digest(&file.bytes).iter().take(16) {
        write!(name, "{byte:02x}").expect("a string can be written");
    }
    Ok(Picture {
        file: file.path.clone(),
        name: format!("{name}.{ending}"),
        media_type,
        width,
        height,
        bytes: file.bytes.clone().into(),
    })
}

/// Returns width and height of a picture that consists of pixels.
fn raster_size(ending: &str, bytes: &[u8]) -> Result<(u32, u32), String> {
    let expected = match ending {
        "png" => ImageType::Png,
        "webp" => ImageType::Webp,
        _ => ImageType::Jpeg,
    };
    let cannot = |_| format!("is not a valid {ending} file: save it again");
    if image_type(bytes).map_err(cannot)? != expected {
        return Err(format!(
            "is not a {ending} file: give the file the ending of its format"
        ));
    }
    let size = blob_size(bytes).map_err(cannot)?;
    let pixels = |length| u32::try_from(length).ok().filter(|length| *length > 0);
    match (pixels(size.width), pixels(size.height)) {
        (Some(width), Some(height)) => Ok((width, height)),
        _ => Err("has no width or height: save it again".to_owned()),
    }
}

/// Returns width and height of an SVG document, after reading it to its end.
fn svg_size(bytes: &[u8]) -> Result<(u32, u32), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8: save the file as UTF-8")?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    let mut size = None;
    let mut depth = 0_usize;
    loop {
        let event = reader.read_event().map_err(|cause| {
            let read = usize::try_from(reader.error_position()).unwrap_or(bytes.len());
            let before = &bytes[..read.min(bytes.len())];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            format!("is not well-formed XML, line {line}: {cause}")
        })?;
        match event {
            Event::Start(element) => {
                depth += 1;
                if size.is_none() {
                    size = Some(root_size(&element)?);
                }
            }
            Event::Empty(element) if size.is_none() => size = Some(root_size(&element)?),
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof if depth > 0 => {
                return Err("is not well-formed XML: an element is not closed".to_owned());
            }
            Event::Eof => return size.ok_or_else(|| "has no <svg> element".to_owned()),
            _ => {}
        }
    }
}

/// Returns width and height of the outermost element: its attributes, or else the size of its `viewBox`.
fn root_size(root: &BytesStart<'_>) -> Result<(u32, u32), String> {
    let attribute = |name: &str| {
        let attribute = root.try_get_attribute(name).ok().flatten()?;
        Some(attribute.value.into_owned())
    };
    if root.local_name().as_ref() != "svg" {
        return Err("its first element is not <svg>".to_owned());
    }
    if attribute("xmlns").as_deref() != Some("http://www.w3.org/2000/svg") {
        return Err(
            "browsers do not show it: add xmlns=\"http://www.w3.org/2000/svg\" to <svg>".to_owned(),
        );
    }
    let length = |text: &str| {
        let length: f64 = text.trim().trim_end_matches("px").parse().ok()?;
        let is_size = length.is_finite() && (0.5..=100_000.0).contains(&length);
        // At most 100,000, so nothing is cut off.
        is_size.then(|| length.round() as u32)
    };
    let size = |name: &str| length(&attribute(name)?);
    let view_box = attribute("viewBox").and_then(|text| {
        let mut numbers = text.split([' ', ',']).filter(|number| !number.is_empty());
        let (width, height) = (numbers.nth(2)?, numbers.next()?);
        Some((length(width)?, length(height)?))
    });
    match (size("width"), size("height"), view_box) {
        (Some(width), Some(height), _) => Ok((width, height)),
        (_, _, Some(size)) => Ok(size),
        _ => Err(
            "has no size: add width and height, or viewBox=\"0 0 WIDTH HEIGHT\", to <svg>"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the beginning of a PNG file.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    fn read(path: &str, bytes: &[u8]) -> Result<Picture, (Rule, String)> {
        parse(&SourceFile {
            path: path.to_owned(),
            bytes: bytes.to_vec(),
        })
    }

    fn svg(attributes: &str) -> Result<(u32, u32), String> {
        let text = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" {attributes}><g/></svg>");
        svg_size(text.as_bytes())
    }

    #[test]
    fn size_of_an_svg_is_its_attributes_or_its_view_box() {
        assert_eq!(svg("width=\"20\" height=\"10.6px\""), Ok((20, 11)));
        assert_eq!(svg("viewBox=\"0 0 640 360\""), Ok((640, 360)));
        assert_eq!(svg("width=\"100%\" viewBox=\"-1,-1, 64,36\""), Ok((64, 36)));
        for wrong in [
            "",
            "width=\"20\"",
            "viewBox=\"0 0 10\"",
            "width=\"0\" height=\"0\"",
        ] {
            assert!(svg(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn svg_that_browsers_do_not_show_is_refused() {
        for wrong in [
            "<svg width=\"1\" height=\"1\"/>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\">",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"><g></svg>",
            "<html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
            "",
            "text",
        ] {
            assert!(svg_size(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn file_that_cannot_be_shown_is_refused_with_its_rule() {
        let picture = read("en/a/img/b.png", &png(3, 2)).expect("a picture");
        assert_eq!((picture.width, picture.height), (3, 2));
        assert_eq!(picture.media_type, "image/png");
        assert!(picture.name.ends_with(".png") && picture.name.len() == 36);
        let other = read("en/a/img/b.png", &png(3, 3)).expect("a picture");
        assert_ne!(other.name, picture.name);
        let rule = |path: &str, bytes: &[u8]| read(path, bytes).expect_err(path).0;
        assert_eq!(rule("en/a/b.png", &png(3, 2)), Rule::PictureFolder);
        assert_eq!(rule("en/a/img/c/b.png", &png(3, 2)), Rule::PictureFolder);
        assert_eq!(rule("en/a/img/b.gif", b"GIF89a"), Rule::PictureFormat);
        assert_eq!(rule("en/a/img/b.jpg", &png(3, 2)), Rule::PictureFormat);
        assert_eq!(rule("en/a/img/b.png", &png(0, 2)), Rule::PictureFormat);
        assert_eq!(rule("en/a/img/b.png", b""), Rule::PictureFormat);
        assert!(read("en/a/img/b.png", &png(SIDE_MAX, SIDE_MAX)).is_ok());
        for (width, height) in [(SIDE_MAX + 1, 1), (1, SIDE_MAX + 1), (1 << 31, 1 << 31)] {
            let found = rule("en/a/img/b.png", &png(width, height));
            assert_eq!(found, Rule::PictureSize, "{width} × {height}");
        }
        let mut large = png(3, 2);
        large.resize(SIZE_MAX, 0);
        assert!(read("en/a/img/b.png", &large).is_ok());
        large.push(0);
        assert_eq!(rule("en/a/img/b.png", &large), Rule::PictureSize);
    }

    #[test]
    fn format_of_an_uploaded_logo_follows_from_its_bytes() {
        let svg = b" <?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 4 2\"/>";
        let logo = |bytes: &[u8]| Picture::logo(bytes.to_vec());
        let media_type = |bytes: &[u8]| logo(bytes).expect("a logo").media_type;
        assert_eq!(media_type(svg), "image/svg+xml");
        assert_eq!(media_type(&png(3, 2)), "image/png");
        for other in [
            &b"GIF89a\x01\0\x01\0"[..],
            b"\xff\xd8\xff\xe0",
            b"text",
            b"",
        ] {
            assert_eq!(logo(other).err(), Some(LogoError::Format), "{other:?}");
        }
        assert!(matches!(logo(b"<html/>"), Err(LogoError::Invalid(_))));
        assert!(matches!(logo(&png(0, 2)), Err(LogoError::Invalid(_))));
        let Err(LogoError::Invalid(message)) = logo(&png(1 << 31, 2)) else {
            panic!("a logo with too many pixels");
        };
        assert!(message.contains("2147483648 × 2 pixels"), "{message}");
        let mut large = png(3, 2);
        large.resize(LOGO_SIZE_MAX + 1, 0);
        assert_eq!(logo(&large).err(), Some(LogoError::Size));
    }

    #[test]
    fn picture_that_no_lesson_shows_is_a_warning() {
        let file = |path: &str| SourceFile {
            path: path.to_owned(),
            bytes: png(3, 2),
        };
        let files = [
            file("en/a/img/b.png"),
            file("ko/a/img/b.png"),
            file("img/logo.png"),
            file("exercises/x.toml"),
        ];
        let (pictures, findings) = Pictures::parse(&files);
        assert_eq!(findings, []);
        let unused = pictures.check_use(&["en/a/img/b.png", "img/logo.png"]);
        let found: Vec<_> = unused
            .iter()
            .map(|one| (&*one.file, one.is_warning()))
            .collect();
        assert_eq!(found, [("ko/a/img/b.png", true)]);
    }
}
