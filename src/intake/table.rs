//! A CSV file as rows of trimmed cells that know where they stand, under a strict header.
//!
//! Accepted: UTF-8 with or without a byte order mark, either line ending, quoted cells (RFC 4180), columns in any
//! order, empty lines. Refused: unknown, missing and doubled columns, control characters and line breaks in a cell.

use super::FileFault;
use super::limits::{FILE_BYTES_MAX, FILE_ROWS_MAX};

/// The name and columns of one file of an import folder.
pub(super) struct Shape {
    /// Name of the file.
    pub file: &'static str,
    /// Names of its columns, in any order; all must be there but the optional ones.
    pub columns: &'static [&'static str],
    /// Those that may be left out.
    pub optional: &'static [&'static str],
}

/// The rows of one file.
pub(super) struct Table {
    shape: &'static Shape,
    /// For each column of the shape, its place in the file; `None` when an optional one is left out.
    places: Vec<Option<usize>>,
    rows: Vec<TableRow>,
}

struct TableRow {
    line: usize,
    cells: Vec<String>,
}

impl TableRow {
    /// A cell; empty when its column is left out.
    fn cell(&self, place: Option<usize>) -> &str {
        place.and_then(|place| self.cells.get(place)).map_or("", String::as_str)
    }
}

impl Table {
    /// A table without rows, for a file that is not in the folder.
    pub fn empty(shape: &'static Shape) -> Table {
        Table { shape, places: (0..shape.columns.len()).map(Some).collect(), rows: Vec::new() }
    }

    /// Reads a file. When its header cannot be trusted the table is empty, so that one fault does not become hundreds.
    pub fn read(shape: &'static Shape, bytes: &[u8], faults: &mut Vec<FileFault>) -> Table {
        let mut table = Table::empty(shape);
        let Some(text) = table.decode(bytes, faults) else { return table };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut lines = LineCounter::new(text);
        let mut header: Option<usize> = None;
        for record in reader.records() {
            // Reading from memory text that is valid UTF-8 with rows of any length: there is nothing left to fail.
            let Ok(record) = record else { continue };
            let line = lines.at(record.position().map_or(0, |position| position.byte() as usize));
            let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
            match header {
                None if table.read_header(line, &cells, faults) => header = Some(cells.len()),
                None => return table,
                Some(_) if cells.iter().all(String::is_empty) => {}
                Some(_) if table.rows.len() == FILE_ROWS_MAX => {
                    let message = format!("more than {FILE_ROWS_MAX} rows; split the file into several imports");
                    faults.push(table.fault_at(line, 1, message));
                    return table;
                }
                Some(width) => table.read_row(line, cells, width, faults),
            }
        }
        if header.is_none() {
            faults.push(table.fault_at(1, 1, format!("the file is empty; begin it with {}", shape.columns.join(","))));
        }
        table
    }

    /// The cells of one column.
    pub fn column(&self, name: &str) -> impl Iterator<Item = &str> {
        let place = self.place(name);
        self.rows.iter().map(move |row| row.cell(place)).filter(|cell| !cell.is_empty())
    }

    /// Reads every row with `read_row`; a row for which it answers `None` has noted its faults and is left out.
    pub fn rows<T>(
        &self,
        faults: &mut Vec<FileFault>,
        mut read_row: impl FnMut(&mut RowReader<'_>) -> Option<T>,
    ) -> Vec<T> {
        self.rows.iter().filter_map(|row| read_row(&mut RowReader { table: self, row, faults })).collect()
    }

    /// A fault of a cell, for checks that are made after all rows were read.
    pub fn fault(&self, line: usize, column: &str, message: String) -> FileFault {
        self.fault_at(line, self.place(column).unwrap_or(0) + 1, message)
    }

    fn fault_at(&self, line: usize, column: usize, message: String) -> FileFault {
        FileFault { file: self.shape.file.to_owned(), line, column, message }
    }

    fn place(&self, name: &str) -> Option<usize> {
        let index = self.shape.columns.iter().position(|column| *column == name)?;
        self.places.get(index).copied().flatten()
    }

    fn decode<'a>(&self, bytes: &'a [u8], faults: &mut Vec<FileFault>) -> Option<&'a str> {
        if bytes.len() > FILE_BYTES_MAX {
            let message = format!("the file is larger than {FILE_BYTES_MAX} bytes; split it into several imports");
            faults.push(self.fault_at(1, 1, message));
            return None;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
                let message = "the file is not UTF-8 from here on; save it as \"CSV UTF-8\"".to_owned();
                faults.push(self.fault_at(line, 1, message));
                None
            }
        }
    }

    /// Whether the header can be trusted; otherwise its faults are noted.
    fn read_header(&mut self, line: usize, cells: &[String], faults: &mut Vec<FileFault>) -> bool {
        let before = faults.len();
        for (place, name) in cells.iter().enumerate() {
            if !self.shape.columns.contains(&name.as_str()) {
                let message = format!("\"{name}\" is not a column of this file; its columns are {}", self.columns());
                faults.push(self.fault_at(line, place + 1, message));
            } else if cells[..place].contains(name) {
                faults.push(self.fault_at(line, place + 1, format!("column {name} is there twice; remove one")));
            }
        }
        let missing: Vec<&str> =
            self.needed().copied().filter(|column| !cells.iter().any(|cell| cell == column)).collect();
        if !missing.is_empty() {
            let message = format!("missing {}; the columns are {}", missing.join(", "), self.columns());
            faults.push(self.fault_at(line, cells.len() + 1, message));
        }
        self.places = self.shape.columns.iter().map(|column| cells.iter().position(|cell| cell == column)).collect();
        faults.len() == before
    }

    fn read_row(&mut self, line: usize, cells: Vec<String>, width: usize, faults: &mut Vec<FileFault>) {
        if let Some(place) = cells.iter().position(|cell| cell.chars().any(char::is_control)) {
            let message = "this cell holds a line break or control character; remove it, or close the quotation mark \
                           that opens here";
            faults.push(self.fault_at(line, place + 1, message.to_owned()));
        } else if cells.len() == width {
            self.rows.push(TableRow { line, cells });
        } else {
            let message = format!(
                "{} cells where the header has {width}; put quotation marks around a cell that holds a comma",
                cells.len()
            );
            faults.push(self.fault_at(line, cells.len().min(width) + 1, message));
        }
    }

    fn needed(&self) -> impl Iterator<Item = &'static &'static str> {
        let optional = self.shape.optional;
        self.shape.columns.iter().filter(move |column| !optional.contains(column))
    }

    fn columns(&self) -> String {
        self.shape.columns.join(", ")
    }
}

/// One row while it is read; notes faults where they stand.
pub(super) struct RowReader<'a> {
    table: &'a Table,
    row: &'a TableRow,
    faults: &'a mut Vec<FileFault>,
}

impl RowReader<'_> {
    /// Line of the row in its file.
    pub fn line(&self) -> usize {
        self.row.line
    }

    /// The text of a cell, trimmed.
    pub fn text(&self, column: &str) -> &str {
        self.row.cell(self.table.place(column))
    }

    /// Whether the file has the column.
    pub fn has(&self, column: &str) -> bool {
        self.table.place(column).is_some()
    }

    /// Notes a fault of a cell.
    pub fn note(&mut self, column: &str, message: String) {
        let fault = self.table.fault(self.row.line, column, message);
        self.faults.push(fault);
    }

    /// Reads a cell that must not be empty; `None` once a fault was noted.
    pub fn required<T>(&mut self, column: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        if self.text(column).is_empty() {
            self.note(column, format!("{column} is empty; it is needed"));
            return None;
        }
        self.parsed(column, parse)
    }

    /// Reads a cell that may be empty: `Some(None)`; `None` once a fault was noted.
    pub fn optional<T>(&mut self, column: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<Option<T>> {
        if self.text(column).is_empty() { Some(None) } else { self.parsed(column, parse).map(Some) }
    }

    /// Reads a cell whatever it holds; `None` once a fault was noted.
    pub fn parsed<T>(&mut self, column: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match parse(self.text(column)) {
            Ok(value) => Some(value),
            Err(message) => {
                self.note(column, format!("{column}: {message}"));
                None
            }
        }
    }
}

/// Finds the line of a record. The reader's own count points at the empty lines before a record, this one does not.
struct LineCounter<'a> {
    text: &'a str,
    counted_to: usize,
    line: usize,
}

impl<'a> LineCounter<'a> {
    fn new(text: &'a str) -> LineCounter<'a> {
        LineCounter { text, counted_to: 0, line: 1 }
    }

    /// The line of the record that the reader met at this byte; records come in order.
    fn at(&mut self, byte: usize) -> usize {
        let bytes = self.text.as_bytes();
        let starts = (byte..bytes.len()).find(|&place| !matches!(bytes[place], b'\r' | b'\n')).unwrap_or(byte);
        self.line += bytes[self.counted_to..starts].iter().filter(|byte| **byte == b'\n').count();
        self.counted_to = starts;
        self.line
    }
}
