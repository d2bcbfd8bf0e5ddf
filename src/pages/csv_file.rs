//! Files for spreadsheets: CSV (RFC 4180) in UTF-8 with a byte order mark, without cells that would run as formulas.

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::api;

/// Returns the text of a file with these records, the head first.
pub(crate) fn csv_text(records: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        let cells = record.iter().map(|cell| neutral_cell(cell));
        writer
            .write_record(cells)
            .expect("all records have the same length, and memory does not fail");
    }
    let bytes = writer
        .into_inner()
        .expect("writing to memory does not fail");
    // Spreadsheets read UTF-8 only with a byte order mark.
    format!("\u{FEFF}{}", String::from_utf8_lossy(&bytes))
}

/// Returns a cell that no spreadsheet runs as a formula.
fn neutral_cell(cell: &str) -> String {
    match cell.is_empty() {
        true => String::new(),
        false => api::neutralize(cell),
    }
}

/// Returns a response with such a text, which browsers store as a file.
pub(super) fn csv_file(name: &str, text: String) -> Response {
    download(name, "text/csv; charset=utf-8", text)
}

/// Returns a response that browsers store as a file, and nobody keeps.
pub(super) fn download(name: &str, content_type: &'static str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition).expect("the name is ASCII");
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::csv_text;

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_neutral() {
        let record = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let records = [record(["a", "b", "c"]), record(["=1+1", "a\",b", ""])];
        assert_eq!(csv_text(&records), "\u{FEFF}a,b,c\n'=1+1,\"a\"\",b\",\n");
    }
}
