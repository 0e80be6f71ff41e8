//! CSV tables that a spreadsheet opens without surprises.
//!
//! RFC 4180: comma, CRLF, quotes where needed. A text cell that a spreadsheet would take for a formula gets an
//! apostrophe before it (OWASP ASVS 5.0, 1.2.10); numbers are cells of their own type, so `-12.50` stays a number.

use chrono::NaiveDate;

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text; guarded against being read as a formula.
    Text(String),
    /// A whole number: minutes, counts.
    Integer(i64),
    /// Money in cents, written in dollars like `-1234.56`.
    Cents(i64),
    /// A date, written `2027-01-04`.
    Date(NaiveDate),
    /// Nothing.
    Empty,
}

impl Cell {
    /// The cell's text before CSV quoting.
    pub(super) fn written(&self) -> String {
        match self {
            Cell::Text(text) => guarded(text),
            Cell::Integer(number) => number.to_string(),
            Cell::Cents(cents) => dollars(*cents),
            Cell::Date(date) => date.to_string(),
            Cell::Empty => String::new(),
        }
    }
}

/// The table as UTF-8 bytes, header first. Every row has as many cells as the header, by type.
pub fn encode<const COLUMNS: usize>(header: [&str; COLUMNS], rows: &[[Cell; COLUMNS]]) -> Vec<u8> {
    let header = header.map(guarded).to_vec();
    let rows = rows.iter().map(|row| row.iter().map(Cell::written).collect());
    records(std::iter::once(header).chain(rows))
}

/// Rows as UTF-8 bytes.
pub(super) fn records(rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .has_headers(false)
        .flexible(true)
        .from_writer(&mut bytes);
    for record in rows {
        // Cannot fail: records may have any length, and a Vec takes every byte.
        writer.write_record(record).expect("written into memory");
    }
    writer.flush().expect("written into memory");
    drop(writer);
    bytes
}

/// Puts an apostrophe before text whose first character would make a spreadsheet calculate.
pub(super) fn guarded(text: &str) -> String {
    const STARTS_A_FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];
    if text.starts_with(STARTS_A_FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// Cents as dollars, exactly.
fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let size = cents.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Another reader gets the text back, with an apostrophe before it exactly when it could calculate.
        #[test]
        fn text_comes_back_as_it_was(text in "[=+@＝\\-\t\r\0'\"a, \n]{0,6}") {
            let table = encode(["text", "end"], &[[Cell::Text(text.clone()), Cell::Integer(1)]]);
            let record = ::csv::Reader::from_reader(table.as_slice()).into_records().next();
            let read = record.expect("a row").expect("a readable row")[0].to_owned();
            let calculates = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '＝']);
            prop_assert!(!calculates(&read));
            prop_assert_eq!(read, if calculates(&text) { format!("'{text}") } else { text });
        }
    }

    #[test]
    fn cents_are_written_exactly() {
        let written = [0, 5, -5, 1_250, -123_456, i64::MAX, i64::MIN].map(dollars);
        let expected = ["0.00", "0.05", "-0.05", "12.50", "-1234.56", "92233720368547758.07", "-92233720368547758.08"];
        assert_eq!(written, expected);
    }

    #[test]
    fn text_that_would_calculate_is_guarded_and_numbers_are_not() {
        for start in ["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"] {
            assert_eq!(guarded(&format!("{start}1+1")), format!("'{start}1+1"));
        }
        assert_eq!(guarded("Fox Park - annex"), "Fox Park - annex");
        let row = [Cell::Cents(-1_250), Cell::Integer(-30), Cell::Text("-12.50".to_owned())];
        assert_eq!(encode(["a", "b", "c"], &[row]), b"a,b,c\r\n-12.50,-30,'-12.50\r\n");
    }

    #[test]
    fn a_table_follows_rfc_4180() {
        let date = NaiveDate::from_ymd_opt(2027, 1, 4).expect("a date");
        let rows = [
            [Cell::Text("a \"b\", c".to_owned()), Cell::Date(date)],
            [Cell::Text("two\r\nlines".to_owned()), Cell::Empty],
        ];
        let expected = "name,=on\r\n\"a \"\"b\"\", c\",2027-01-04\r\n\"two\r\nlines\",\r\n".replace("=on", "'=on");
        assert_eq!(encode(["name", "=on"], &rows), expected.as_bytes());
    }
}
