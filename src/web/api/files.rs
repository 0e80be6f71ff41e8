//! Routes of reports: the same rows as JSON, as CSV and as a workbook.

use actix_web::http::Method;
use serde_json::json;

use super::{Api, Narrowing};
use crate::operations::reports::{FileFormat, file};
use crate::operations::{Context, OperationError, ReadTx};
use crate::reports::school_year::Tabular;
use crate::web::answer;
use crate::web::call::Call;
use crate::web::document::Described;
use crate::web::record::Record;

impl Api {
    /// A report at `path`, and its files at `path/csv` and `path/xlsx`.
    pub fn report<F: Narrowing, T: Record + Tabular>(
        &mut self,
        path: &str,
        [summary, as_csv, as_xlsx]: [&'static str; 3],
        look: fn(&mut ReadTx, &Context, &F) -> Result<T, OperationError>,
    ) {
        let input = |call: &Call| {
            let mut query = call.query()?;
            let filter = F::read(&mut query);
            query.finish().map(|()| filter)
        };
        let parameters = F::parameters(&mut self.document);
        let described = Described { parameters, ..self.described_record::<T>(path, summary) };
        let read = move |tx: &mut ReadTx, ctx: &Context, filter: F| look(tx, ctx, &filter);
        self.reading(described, input, read, |call, found| answer::record(call, &found));
        for (format, summary) in [(FileFormat::Csv, as_csv), (FileFormat::Xlsx, as_xlsx)] {
            let (ending, content) = match format {
                FileFormat::Csv => ("csv", json!({"text/csv": {"schema": {"type": "string"}}})),
                FileFormat::Xlsx => ("xlsx", json!({answer::XLSX: {"schema": {"type": "string", "format": "binary"}}})),
            };
            let parameters = F::parameters(&mut self.document);
            let answers = vec![(200, json!({"description": "The file", "content": content}))];
            let path = format!("{path}/{ending}");
            let described = Described { parameters, answers, ..self.described(Method::GET, &path, summary) };
            let read = move |tx: &mut ReadTx, ctx: &Context, filter: F| {
                let found = look(tx, ctx, &filter)?;
                file(ctx, &found, format)
            };
            self.reading(described, input, read, |_, file| answer::report(file));
        }
    }
}
