//! A report as a table: what it is, for which days and when it was made stand above its columns and rows. The page, the
//! CSV file and the workbook show the same table, so that they cannot differ.

use super::csv::{Cell, records};
use super::xlsx;
use crate::domain::report::ReportKind;

/// A report as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Which report.
    pub kind: ReportKind,
    /// What stands above: a label and its value.
    pub head: Vec<(&'static str, Cell)>,
    /// The columns.
    pub columns: Vec<&'static str>,
    /// The rows, each with a cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// All rows together, with a cell a column; absent where nothing can be added up.
    pub total: Option<Vec<Cell>>,
    /// The name of its files, without an ending.
    pub file_name: String,
}

impl Table {
    /// Every line of the files: the head, an empty line, the columns, the rows, the total. Each has as many cells as
    /// there are columns.
    pub(super) fn lines(&self) -> Vec<Vec<Cell>> {
        let text = |text: &&str| Cell::Text((*text).to_owned());
        let head = self.head.iter().map(|(label, value)| vec![text(label), value.clone()]);
        let columns = self.columns.iter().map(text).collect();
        let body = self.rows.iter().chain(&self.total).cloned();
        let mut lines: Vec<Vec<Cell>> = head.chain([Vec::new(), columns]).chain(body).collect();
        lines.iter_mut().for_each(|line| line.resize(self.columns.len().max(2), Cell::Empty));
        lines
    }

    /// As CSV.
    pub fn csv(&self) -> Vec<u8> {
        records(self.lines().into_iter().map(|line| line.iter().map(Cell::written).collect()))
    }

    /// As a workbook of one sheet.
    ///
    /// # Errors
    /// A sentence when the table is larger than a workbook can hold.
    pub fn xlsx(&self) -> Result<Vec<u8>, String> {
        xlsx::encode(self)
    }
}
