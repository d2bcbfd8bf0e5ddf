//! Files for spreadsheets: CSV (RFC 4180) in UTF-8 with a byte order mark, without cells that would run as formulas.

use crate::api;

/// Spreadsheets read UTF-8 only when a file begins with it.
const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Returns the text of a file with these records, the head first.
pub(crate) fn csv_text(records: &[Vec<String>]) -> String {
    format!("{BYTE_ORDER_MARK}{}", csv_lines(records))
}

/// Returns the lines of these records, which continue such a file.
pub(crate) fn csv_lines(records: &[Vec<String>]) -> String {
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
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns a cell that no spreadsheet runs as a formula.
fn neutral_cell(cell: &str) -> String {
    match cell.is_empty() {
        true => String::new(),
        false => api::neutralize(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_neutral() {
        let record = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let records = [record(["a", "b", "c"]), record(["=1+1", "a\",b", ""])];
        assert_eq!(csv_text(&records), "\u{FEFF}a,b,c\n'=1+1,\"a\"\",b\",\n");
        assert_eq!(csv_lines(&records[1..]), "'=1+1,\"a\"\",b\",\n");
    }
}
