//! Links of a lesson: converts the file paths that authors write to page addresses.

use crate::model::locale::Locale;

/// A link to a lesson of the site, whose target must exist.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Link {
    /// The path of the target, `section/slug`.
    pub(super) path: String,
    /// The id of a heading or request block of the target.
    pub(super) fragment: Option<String>,
    /// The line in the file, from 1.
    pub(super) line: usize,
}

/// Returns the address for a destination as written, and the link to check when the target is a lesson.
///
/// # Errors
/// A message for the author, without file and line.
pub(super) fn resolve(
    destination: &str,
    locale: Locale,
    from: &str,
    line: usize,
) -> Result<(String, Option<Link>), String> {
    // Browsers remove control characters from an address, so they could hide a scheme such as `javascript:`.
    if destination.contains(char::is_control) {
        return Err(format!("{destination:?} contains a control character"));
    }
    if ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| destination.starts_with(scheme))
    {
        return Ok((destination.to_owned(), None));
    }
    let (file, fragment) = match destination.split_once('#') {
        Some((file, fragment)) => (file, Some(fragment.to_owned())),
        None => (destination, None),
    };
    if file.is_empty() {
        return Ok((
            destination.to_owned(),
            Some(Link {
                path: from.to_owned(),
                fragment,
                line,
            }),
        ));
    }
    let path = file
        .strip_suffix(".md")
        .filter(|file| !file.starts_with('/') && !file.contains(':'))
        .ok_or_else(|| {
            format!(
                "{destination:?} is neither https://… nor the relative path of a lesson's file: write it as ../section/name.md"
            )
        })?;
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop().ok_or_else(|| {
                    format!("{destination:?} leads out of the folder of the language")
                })?;
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    let address = match &fragment {
        Some(fragment) => format!("/{locale}/{path}#{fragment}"),
        None => format!("/{locale}/{path}"),
    };
    Ok((
        address,
        Some(Link {
            path,
            fragment,
            line,
        }),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_paths_are_resolved_to_page_addresses() {
        let address = |destination: &str| {
            resolve(destination, Locale::Ko, "methods/get", 1).map(|(address, _)| address)
        };
        assert_eq!(
            address("../routing/paths.md#a"),
            Ok("/ko/routing/paths#a".to_owned())
        );
        assert_eq!(address("post.md"), Ok("/ko/methods/post".to_owned()));
        assert_eq!(address("#top"), Ok("#top".to_owned()));
        assert_eq!(
            address("https://example.com/"),
            Ok("https://example.com/".to_owned())
        );
        for bad in [
            "javascript:alert(1)",
            "/ko/methods/get",
            "../../../x.md",
            "get",
            "data:x.md",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
