//! Pictures: `![description](img/name.png)`, with `"caption"` in a paragraph of their own.

use std::ops::Range;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use pulldown_cmark::{Event, Tag, TagEnd};

use crate::content::finding::Rule;
use crate::content::markdown::MarkdownReader;
use crate::content::picture::Picture;
use crate::model::html::escape;

/// A picture whose description is being read.
pub(super) struct OpenPicture {
    destination: String,
    caption: String,
    description: String,
    line: usize,
    /// The number of pictures in the description that are open.
    nested: usize,
}

impl OpenPicture {
    pub(super) fn new(destination: &str, caption: &str, line: usize) -> OpenPicture {
        OpenPicture {
            destination: destination.to_owned(),
            caption: caption.trim().to_owned(),
            description: String::new(),
            line,
            nested: 0,
        }
    }
}

/// The caption of the picture with which the open paragraph begins, and its line.
pub(super) type Caption = (String, usize);

impl MarkdownReader<'_> {
    /// Reads an event of the description of a picture, or its end.
    pub(super) fn read_picture(
        &mut self,
        mut picture: OpenPicture,
        event: Event<'_>,
        range: Range<usize>,
    ) {
        match event {
            Event::Text(text) => {
                self.text_end = range.end;
                let text = self.repaired.remove_emphasis_repair(text);
                self.add_text(&text);
                picture.description.push_str(&text);
            }
            Event::Code(text) => {
                self.add_text(&text);
                picture.description.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => picture.description.push(' '),
            Event::Start(Tag::Image { .. }) => picture.nested += 1,
            Event::End(TagEnd::Image) if picture.nested == 0 => return self.end_picture(&picture),
            Event::End(TagEnd::Image) => picture.nested -= 1,
            _ => {}
        }
        self.picture = Some(picture);
    }

    fn end_picture(&mut self, picture: &OpenPicture) {
        let line = picture.line;
        let description = picture.description.trim();
        if description.is_empty() {
            let message =
                "the picture has no description for those who do not see it: ![description](img/…)";
            self.problem(line, Rule::PictureAlt, message);
        }
        let found = match self.find_picture(&picture.destination) {
            Ok(found) => found,
            Err(Some((rule, message))) => return self.problem(line, rule, message),
            Err(None) => return,
        };
        if !picture.caption.is_empty() {
            let begins_paragraph = matches!(self.events.last(), Some(Event::Start(Tag::Paragraph)));
            match begins_paragraph {
                true => self.caption = Some((picture.caption.clone(), line)),
                false => self.report_caption(line),
            }
        }
        self.push_html(format!(
            "<img src=\"{}\" alt=\"{}\" width=\"{}\" height=\"{}\" loading=\"lazy\" decoding=\"async\">",
            found.href(),
            escape(description),
            found.width,
            found.height
        ));
        self.parsed.pictures.push(found);
    }

    /// Returns the picture at a destination, which is relative to the lesson.
    ///
    /// # Errors
    /// A rule and a message for the author; none when the file has errors of its own.
    fn find_picture(&self, destination: &str) -> Result<Arc<Picture>, Option<(Rule, String)>> {
        let outside = || {
            let message = format!(
                "{destination:?} is not in the folder of pictures: save the file in img beside the lesson, and write img/NAME"
            );
            Some((Rule::PictureFolder, message))
        };
        let decoded = percent_decode_str(destination).decode_utf8_lossy();
        let mut segments: Vec<&str> = self.context.path.split('/').collect();
        segments.pop();
        for segment in decoded.split('/') {
            match segment {
                "." => {}
                ".." => {
                    segments.pop();
                }
                segment => segments.push(segment),
            }
        }
        match segments[..] {
            [_, "img", _] => {}
            _ => return Err(outside()),
        }
        let found = self
            .context
            .pictures
            .find(self.context.locale, &segments.join("/"));
        match found {
            Ok(picture) => Ok(picture.clone()),
            Err(message) => Err(message.map(|message| (Rule::PictureMissing, message))),
        }
    }

    /// Ends a paragraph. One that consists of a picture with a caption becomes a figure.
    pub(super) fn end_paragraph(&mut self) {
        let Some((caption, line)) = self.caption.take() else {
            return self.events.push(Event::End(TagEnd::Paragraph));
        };
        match self.events[self.paragraph..] {
            [Event::Start(Tag::Paragraph), Event::Html(ref picture)] => {
                let figure = format!(
                    "<figure class=\"picture\">{picture}<figcaption>{}</figcaption></figure>\n",
                    escape(&caption)
                );
                self.events.truncate(self.paragraph);
                self.push_html(figure);
            }
            _ => {
                self.report_caption(line);
                self.events.push(Event::End(TagEnd::Paragraph));
            }
        }
    }

    fn report_caption(&mut self, line: usize) {
        let message = "a picture with a caption must be a paragraph of its own: put empty lines around it, or remove the caption";
        self.problem(line, Rule::PictureCaption, message);
    }
}
