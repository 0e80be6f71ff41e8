//! Small groups in reports that many people see: a number about so few minutes that it is about one or two students is
//! shown together with others only.
//!
//! What is published are groups of cells that do not overlap, each large enough, and sums of whole groups. So no
//! subtraction of published numbers gives a smaller group than those that are shown. How a group is large enough is said
//! in weekly minutes, because how many students there are is not known here (`privacy.small_cell_minutes`).

use std::collections::BTreeSet;

use super::plan::{Coverage, CoverageCell, CoverageRow};

/// The code of the column of services, and of the row of members, that are shown together. No real code is in small letters.
pub const POOLED: &str = "pooled";

/// The same coverage for those who see sums of the co-op: rows of members and then cells of a row that are about fewer
/// than `least_minutes` asked for a week are put together with the next smallest until nothing in the table is.
/// Mandated minutes and the others count each for themselves, since both are shown. Members in `open`, whose requests the
/// reader sees anyway, stay as they are. Of mandated minutes and the others, those that are too few even over all rows are left
/// out, so that they do not empty the table of the rest; members that are too small even together are left out of it.
pub fn pool(coverage: Coverage, open: &BTreeSet<&str>, least_minutes: i64) -> Coverage {
    let (known, mut rows): (Vec<_>, Vec<_>) =
        coverage.rows.into_iter().partition(|row| open.contains(row.member_code.as_str()));
    leave_out_small_part(&mut rows, least_minutes);
    let merged = pool_rows(&mut rows, least_minutes);
    rows.extend(merged);
    let mut disciplines = coverage.disciplines;
    let pooled: Vec<CoverageCell> = rows.iter_mut().map(|row| pool_cells(row, least_minutes)).collect();
    let is_any_pooled = pooled.iter().any(|cell| cell.requested_minutes > 0);
    let known_pooled = known.iter().map(|_| CoverageCell::default());
    let mut rows: Vec<(CoverageRow, CoverageCell)> =
        known.iter().cloned().zip(known_pooled).chain(rows.into_iter().zip(pooled)).collect();
    if is_any_pooled {
        disciplines.push(POOLED.to_owned());
        for (row, pooled) in &mut rows {
            row.cells.push(CoverageCell { discipline: POOLED.to_owned(), ..pooled.clone() });
        }
    }
    let rows: Vec<CoverageRow> = rows.into_iter().map(|(row, _)| row).collect();
    let column =
        |(index, discipline): (usize, &String)| CoverageCell::sum(rows.iter().map(|row| &row.cells[index]), discipline);
    let totals: Vec<CoverageCell> = disciplines.iter().enumerate().map(column).collect();
    let total = CoverageCell::sum(&totals, "");
    Coverage { disciplines, rows, totals, total, pooled_below_minutes: Some(least_minutes), ..coverage }
}

/// Whether every number of a cell is about nothing or about enough minutes.
fn is_enough(cell: &CoverageCell, least_minutes: i64) -> bool {
    let others = cell.requested_minutes - cell.mandated_requested_minutes;
    [cell.mandated_requested_minutes, others].iter().all(|minutes| *minutes == 0 || *minutes >= least_minutes)
}

/// Takes mandated minutes, or the others, out of all cells where there are some but too few of them in the whole table;
/// a row that has nothing else goes as well.
fn leave_out_small_part(rows: &mut Vec<CoverageRow>, least_minutes: i64) {
    let total = CoverageCell::sum(rows.iter().map(|row| &row.total), "");
    let is_small = |minutes: i64| minutes > 0 && minutes < least_minutes;
    let others_go = is_small(total.requested_minutes - total.mandated_requested_minutes);
    let mandated_go = is_small(total.mandated_requested_minutes);
    rows.retain_mut(|row| {
        let asked = row.total.requested_minutes;
        for cell in row.cells.iter_mut().chain([&mut row.total]) {
            if others_go {
                cell.requested_minutes = cell.mandated_requested_minutes;
                cell.placed_minutes = cell.mandated_placed_minutes;
            }
            if mandated_go {
                cell.requested_minutes -= std::mem::take(&mut cell.mandated_requested_minutes);
                cell.placed_minutes -= std::mem::take(&mut cell.mandated_placed_minutes);
            }
        }
        asked == 0 || row.total.requested_minutes > 0
    });
}

/// Places of the cells to put together: all that are too small, and the next smallest until their sum is enough and
/// hides more than one. Empty when all are large enough.
fn group(cells: &[&CoverageCell], least_minutes: i64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..cells.len()).filter(|place| cells[*place].requested_minutes > 0).collect();
    places.sort_by_key(|place| (is_enough(cells[*place], least_minutes), cells[*place].requested_minutes, *place));
    let mut size = places.iter().filter(|place| !is_enough(cells[**place], least_minutes)).count();
    if size == 0 {
        return Vec::new();
    }
    let sum = |size: usize| CoverageCell::sum(places[..size].iter().map(|place| cells[*place]), "");
    while size < places.len() && (size == 1 || !is_enough(&sum(size), least_minutes)) {
        size += 1;
    }
    places.truncate(size);
    places
}

/// Takes small rows out and gives the one that stands for them, if it may be shown.
fn pool_rows(rows: &mut Vec<CoverageRow>, least_minutes: i64) -> Option<CoverageRow> {
    let totals: Vec<&CoverageCell> = rows.iter().map(|row| &row.total).collect();
    let mut places = group(&totals, least_minutes);
    places.sort_unstable_by(|one, other| other.cmp(one));
    let taken: Vec<CoverageRow> = places.into_iter().map(|place| rows.remove(place)).collect();
    let total = CoverageCell::sum(taken.iter().map(|row| &row.total), "");
    if taken.is_empty() || !is_enough(&total, least_minutes) {
        return None;
    }
    let cells = taken[0]
        .cells
        .iter()
        .enumerate()
        .map(|(index, first)| CoverageCell::sum(taken.iter().map(|row| &row.cells[index]), &first.discipline));
    Some(CoverageRow {
        member_code: POOLED.to_owned(),
        member_name: "Small districts together".to_owned(),
        site_code: None,
        site_name: None,
        cells: cells.collect(),
        total,
    })
}

/// Empties the cells of a row that are shown together, and gives their sum.
fn pool_cells(row: &mut CoverageRow, least_minutes: i64) -> CoverageCell {
    let cells: Vec<&CoverageCell> = row.cells.iter().collect();
    let places = group(&cells, least_minutes);
    let sum = CoverageCell::sum(places.iter().map(|place| &row.cells[*place]), POOLED);
    for place in places {
        let cell = &mut row.cells[place];
        *cell = CoverageCell { discipline: cell.discipline.clone(), is_pooled: true, ..CoverageCell::default() };
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::PlanId;
    use proptest::prelude::*;

    const DISCIPLINES: [&str; 4] = ["OT", "PT", "SLP", "SW"];

    /// A table of cells given as mandated and other minutes.
    fn table(minutes: &[Vec<(i64, i64)>]) -> Coverage {
        let cell = |(place, (mandated, other)): (usize, &(i64, i64))| CoverageCell {
            discipline: DISCIPLINES[place].to_owned(),
            requested_minutes: mandated + other,
            placed_minutes: (mandated + other) / 2,
            mandated_requested_minutes: *mandated,
            mandated_placed_minutes: mandated / 2,
            is_pooled: false,
        };
        let row = |(place, row): (usize, &Vec<(i64, i64)>)| {
            let cells: Vec<CoverageCell> = row.iter().enumerate().map(cell).collect();
            CoverageRow {
                member_code: format!("M{place}"),
                member_name: format!("Member {place}"),
                site_code: None,
                site_name: None,
                total: CoverageCell::sum(&cells, ""),
                cells,
            }
        };
        let rows: Vec<CoverageRow> = minutes.iter().enumerate().map(row).collect();
        let column = |index: usize| CoverageCell::sum(rows.iter().map(|row| &row.cells[index]), DISCIPLINES[index]);
        let totals: Vec<CoverageCell> = (0..DISCIPLINES.len()).map(column).collect();
        Coverage {
            plan_id: PlanId::new(),
            disciplines: DISCIPLINES.map(str::to_owned).to_vec(),
            total: CoverageCell::sum(&totals, ""),
            totals,
            rows,
            mandated_placed_at_most: None,
            pooled_below_minutes: None,
        }
    }

    fn minutes(row: &CoverageRow) -> Vec<i64> {
        row.cells.iter().map(|cell| cell.requested_minutes).collect()
    }

    #[test]
    fn a_small_cell_is_shown_with_the_next_smallest_and_sums_stay() {
        let large = table(&[vec![(300, 0), (60, 0), (500, 0), (200, 0)], vec![(200, 0); 4]]);
        let pooled = pool(large.clone(), &BTreeSet::new(), 150);
        assert_eq!(pooled.disciplines.last().map(String::as_str), Some(POOLED));
        assert_eq!(minutes(&pooled.rows[0]), [300, 0, 500, 0, 260], "60 alone would follow from the total of the row");
        assert_eq!(minutes(&pooled.rows[1]), [200, 200, 200, 200, 0]);
        assert!(pooled.rows[0].cells[1].is_pooled && pooled.rows[0].cells[3].is_pooled);
        let totals: Vec<i64> = pooled.totals.iter().map(|cell| cell.requested_minutes).collect();
        assert_eq!(totals, [500, 200, 700, 200, 260], "a column adds up what is shown in it");
        assert_eq!((&pooled.total, &pooled.rows[0].total), (&large.total, &large.rows[0].total));
    }

    #[test]
    fn the_rest_beside_mandated_minutes_counts_for_itself() {
        let pooled = pool(table(&[vec![(300, 30), (300, 0), (300, 160), (0, 0)]]), &BTreeSet::new(), 150);
        assert_eq!(minutes(&pooled.rows[0]), [0, 0, 0, 0, 1090], "30 minutes of consult are hidden among 190");
    }

    #[test]
    fn a_few_minutes_of_one_kind_do_not_empty_the_table_of_the_other() {
        let none = (0, 0);
        let rows = [vec![(300, 30), (300, 0), none, none], vec![(400, 60), (200, 0), none, none]];
        let pooled = pool(table(&rows), &BTreeSet::new(), 150);
        let shown: Vec<Vec<i64>> = pooled.rows.iter().map(minutes).collect();
        assert_eq!(
            shown,
            [[300, 300, 0, 0], [400, 200, 0, 0]],
            "90 minutes of consult in the whole co-op are not shown at all"
        );
        let rows = [vec![(60, 300), none, none, none], vec![(30, 200), none, none, none]];
        let pooled = pool(table(&rows), &BTreeSet::new(), 150);
        assert_eq!((pooled.rows.len(), pooled.total.requested_minutes), (2, 500));
        assert_eq!(pooled.total.mandated_requested_minutes, 0);
    }

    #[test]
    fn small_members_are_one_row_or_left_out_and_ones_own_stays() {
        let rows = [vec![(400, 0); 4], vec![(30, 0), (60, 0), (0, 0), (0, 0)], vec![(90, 0), (0, 0), (0, 0), (0, 0)]];
        let names = |table: &Coverage| table.rows.iter().map(|row| row.member_name.clone()).collect::<Vec<_>>();
        let pooled = pool(table(&rows), &BTreeSet::new(), 150);
        assert_eq!(names(&pooled), ["Member 0", "Small districts together"]);
        assert_eq!(minutes(&pooled.rows[1]), [0, 0, 0, 0, 180]);
        let own = pool(table(&rows), &BTreeSet::from(["M1"]), 150);
        assert_eq!(names(&own), ["Member 1", "Small districts together"], "90 alone would follow from the total");
        assert_eq!(minutes(&own.rows[0])[..2], [30, 60]);
        let few = pool(table(&rows[1..2]), &BTreeSet::new(), 150);
        assert_eq!((few.rows.len(), few.total.requested_minutes), (0, 0));
        assert_eq!(pool(table(&rows), &BTreeSet::new(), 0).rows, table(&rows).rows, "0 pools nothing");
    }

    proptest! {
        #[test]
        fn nothing_that_is_shown_or_follows_by_subtraction_is_small(
            rows in prop::collection::vec(prop::collection::vec((0i64..12, 0i64..6), 4), 1..7),
            least in 1i64..300,
        ) {
            let rows: Vec<Vec<(i64, i64)>> =
                rows.iter().map(|row| row.iter().map(|(one, other)| (one * 30, other * 15)).collect()).collect();
            let whole = table(&rows);
            let pooled = pool(whole.clone(), &BTreeSet::new(), least);
            // The groups: every cell that is shown. All else in the table is a sum of whole groups.
            for row in &pooled.rows {
                for cell in &row.cells {
                    prop_assert!(is_enough(cell, least), "{row:?}");
                }
                prop_assert_eq!(&CoverageCell::sum(&row.cells, ""), &row.total);
                let hidden = row.cells.iter().filter(|cell| cell.is_pooled).count();
                prop_assert!(hidden != 1, "one alone is no group: {row:?}");
            }
            prop_assert_eq!(&CoverageCell::sum(&pooled.totals, ""), &pooled.total);
            let mandated = |coverage: &Coverage| coverage.total.mandated_requested_minutes;
            let others = |coverage: &Coverage| coverage.total.requested_minutes - mandated(coverage);
            for (asked, shown) in [(mandated(&whole), mandated(&pooled)), (others(&whole), others(&pooled))] {
                prop_assert!(shown == asked || asked < least && shown == 0, "{asked} asked, {shown} shown");
            }
        }
    }
}
