//! Workbooks (Office Open XML) with the cells of a table: numbers are numbers, dates are dates, text is text and guarded
//! like in CSV (OWASP ASVS 5.0, 1.2.10), so that saving a sheet as CSV is no way around the guard.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::csv::Cell;
use super::table::Table;

/// The table as the bytes of a workbook; the same table gives the same bytes.
///
/// # Errors
/// A sentence when the table is larger than a workbook can hold.
pub fn encode(table: &Table) -> Result<Vec<u8>, String> {
    write(table).map_err(|error| format!("the workbook could not be made: {error}"))
}

fn write(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // Otherwise the library asks the machine for the time.
    let properties = DocProperties::new().set_title(table.kind.title());
    book.set_properties(&properties.set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    let (bold, date) = (Format::new().set_bold(), Format::new().set_num_format("yyyy-mm-dd"));
    let money = Format::new().set_num_format("0.00");
    let sheet = book.add_worksheet();
    sheet.set_name(table.kind.title())?;
    let columns_at = table.head.len() + 1;
    for (row, line) in table.lines().iter().enumerate() {
        let is_bold = row == columns_at || (table.total.is_some() && row == columns_at + table.rows.len() + 1);
        for (column, cell) in line.iter().enumerate() {
            let place = (row as u32, column as u16);
            let plain = if is_bold { &bold } else { &Format::default() };
            put(sheet, place, cell, (plain, &date, &money))?;
        }
    }
    sheet.set_freeze_panes(columns_at as u32 + 1, 0)?;
    book.save_to_buffer()
}

fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    (plain, date, money): (&Format, &Format, &Format),
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(_) => {
            sheet.write_string_with_format(row, column, cell.written(), plain)?;
        }
        Cell::Date(day) => {
            use chrono::Datelike;
            match u16::try_from(day.year())
                .map(|year| ExcelDateTime::from_ymd(year, day.month() as u8, day.day() as u8))
            {
                Ok(Ok(day)) => sheet.write_datetime_with_format(row, column, &day, date)?,
                // Workbooks know no day before 1900.
                _ => sheet.write_string_with_format(row, column, cell.written(), plain)?,
            };
        }
        // A workbook has one kind of number, which holds whole numbers exactly up to 2^53; beyond, the text is exact.
        Cell::Integer(number) => match i32::try_from(*number) {
            Ok(number) => {
                sheet.write_number_with_format(row, column, number, plain)?;
            }
            Err(_) => {
                sheet.write_string_with_format(row, column, cell.written(), plain)?;
            }
        },
        Cell::Cents(_) => match cell.written().parse::<f64>() {
            Ok(amount) => {
                sheet.write_number_with_format(row, column, amount, money)?;
            }
            Err(_) => {
                sheet.write_string_with_format(row, column, cell.written(), plain)?;
            }
        },
    }
    Ok(())
}
