//! Large programs, solved with a part of their columns at a time (column generation).
//!
//! Of the hundreds of thousands of minutes that specialists of a state could give, next to none are given. The program is
//! solved with the columns that look promising; its row prices tell which others would bring something, those are added,
//! and so on. Whatever the prices are, [`Program::bound`] makes a proof of them, over all columns.

use std::time::{Duration, Instant};

use super::linear::Program;
use super::solver;

/// Rounds at most. Four to six are what a state takes.
const ROUNDS_MAX: usize = 12;
/// A bound so close to what the columns at hand reach is not worth another round, as a part of it.
const CLOSE: f64 = 0.0002;

/// Row prices that prove a bound close to the best. `first` tells the columns to begin with, which together must have a
/// solution. `None` when not even one round fits into the time.
pub(crate) fn prices(program: &Program, first: Vec<bool>, seconds: Option<f64>) -> Option<Vec<f64>> {
    let ends = seconds.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
    let mut chosen = first;
    chosen.iter_mut().zip(&program.range).for_each(|(chosen, (least, _))| *chosen |= *least > 0.0);
    let mut best: Option<(f64, Vec<f64>)> = None;
    for _ in 0..ROUNDS_MAX {
        let left = ends.map(|ends| ends.saturating_duration_since(Instant::now()).as_secs_f64());
        let part = program.part(&chosen);
        let Some(solved) = solver::solve(&part, left) else { break };
        let reached: f64 = part.objective.iter().zip(&solved.values).map(|(worth, value)| worth * value).sum();
        let bound = program.bound(&solved.prices);
        let reduced = program.reduced_costs(&solved.prices);
        if best.as_ref().is_none_or(|best| bound < best.0) {
            best = Some((bound, solved.prices));
        }
        if bound - reached <= CLOSE * reached || !add_promising(program, &mut chosen, &reduced) {
            break;
        }
    }
    best.map(|(_, prices)| prices)
}

/// Adds the columns that would bring most, at most half as many as there are. Whether there are any.
fn add_promising(program: &Program, chosen: &mut [bool], reduced: &[f64]) -> bool {
    let worth = |column: usize| reduced[column] * program.range[column].1;
    let mut promising: Vec<usize> =
        (0..chosen.len()).filter(|column| !chosen[*column] && worth(*column) > 1e-6).collect();
    promising.sort_unstable_by(|left, right| worth(*right).total_cmp(&worth(*left)).then(left.cmp(right)));
    promising.truncate(chosen.iter().filter(|chosen| **chosen).count() / 2 + 1);
    promising.iter().for_each(|column| chosen[*column] = true);
    !promising.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten people with ten minutes each, twenty requests of eight; a minute of a pair is worth more or less.
    fn program() -> Program {
        let mut program = Program::default();
        let mut of_request: Vec<Vec<(usize, f64)>> = vec![Vec::new(); 20];
        for person in 0..10 {
            let mut of_person = Vec::new();
            for (request, of_request) in of_request.iter_mut().enumerate() {
                let column = program.column(1.0 + ((person * 7 + request * 3) % 11) as f64, 0.0, 8.0);
                of_person.push((column, 1.0));
                of_request.push((column, 1.0));
            }
            program.at_most(of_person, 10.0);
        }
        for columns in of_request {
            program.at_most(columns, 8.0);
        }
        program
    }

    #[test]
    fn few_columns_at_a_time_prove_what_all_of_them_prove() {
        let program = program();
        let all = solver::solve(&program, None).expect("solvable");
        let optimum = program.bound(&all.prices);
        // Without any column to begin with, the first prices are nothing and all columns promise something.
        for every in [usize::MAX, 40, 7] {
            let first: Vec<bool> = (0..program.objective.len()).map(|column| column % every == 0).collect();
            let found = program.bound(&prices(&program, first, None).expect("solvable"));
            assert!((optimum - 1e-6..=optimum * 1.001).contains(&found), "{found} for {optimum}");
        }
        assert!(prices(&program, vec![true; 200], Some(0.0)).is_none(), "no time, no answer");
    }

    #[test]
    fn what_must_be_is_there_from_the_beginning() {
        let mut program = program();
        program.range[3] = (5.0, 8.0);
        let found = prices(&program, vec![false; 200], None).expect("solvable");
        let all = solver::solve(&program, None).expect("solvable");
        assert!(program.bound(&found) <= program.bound(&all.prices) * 1.001);
    }
}
