//! The only file that names the solver: programs of [`super::linear`] through good_lp to HiGHS.

use std::sync::mpsc::channel;
use std::time::Duration;

use good_lp::solvers::highs::{HighsParallelType, HighsProblem, highs};
use good_lp::{
    DualValues, Expression, ProblemVariables, Solution, SolutionStatus, SolutionWithDual, SolverModel, Variable,
    constraint, variable,
};

use super::linear::{Program, Solved};

/// Written into every plan.
pub(crate) const SOLVER_NAME: &str = "HiGHS 1.15.0";

/// After its limit the solver has this long to obey before it is left alone.
const PATIENCE: Duration = Duration::from_secs(2);

/// Solves a program to optimality on one thread. `None` when it has no solution or time runs out.
///
/// The solver does not always keep to its own limit. With a limit it therefore works on a thread of its own, which is
/// left behind two seconds after the limit; it ends with the process at the latest.
pub(crate) fn solve(program: &Program, seconds: Option<f64>) -> Option<Solved> {
    if program.objective.is_empty() {
        return Some(Solved { values: Vec::new(), prices: vec![0.0; program.rows.len()] });
    }
    let Some(seconds) = seconds else { return solved(program, None) };
    let program = program.clone();
    answer_within(Duration::from_secs_f64(seconds) + PATIENCE, move || solved(&program, Some(seconds))).flatten()
}

/// What some work on a thread of its own answers, unless it takes too long.
fn answer_within<T: Send + 'static>(most: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (say, hear) = channel();
    std::thread::spawn(move || {
        // Nobody listens any more when it took too long.
        let _ = say.send(work());
    });
    hear.recv_timeout(most).ok()
}

fn solved(program: &Program, seconds: Option<f64>) -> Option<Solved> {
    let mut variables = ProblemVariables::new();
    let columns: Vec<Variable> =
        program.range.iter().map(|(least, most)| variables.add(variable().clamp(*least, *most))).collect();
    let mut objective = Expression::with_capacity(columns.len());
    columns.iter().zip(&program.objective).for_each(|(column, worth)| objective.add_mul(*worth, column));
    let mut model = limited(variables.maximise(objective).using(highs), seconds);
    let rows: Vec<_> = program
        .rows
        .iter()
        .map(|row| {
            let mut sum = Expression::with_capacity(row.terms.len());
            row.terms.iter().for_each(|(column, factor)| sum.add_mul(*factor, columns[*column]));
            model.add_constraint(constraint::leq(sum, row.most))
        })
        .collect();
    let mut solution = model.solve().ok()?;
    if !matches!(solution.status(), SolutionStatus::Optimal | SolutionStatus::GapLimit) {
        return None;
    }
    let values = columns.iter().map(|column| solution.value(*column)).collect();
    let duals = solution.compute_dual();
    // The sign of a price depends on the direction of the solver; a "<=" row of a maximum has none below zero.
    let prices = rows.into_iter().map(|row| duals.dual(row).abs()).collect();
    Some(Solved { values, prices })
}

fn limited(model: HighsProblem, seconds: Option<f64>) -> HighsProblem {
    let model = model.set_parallel(HighsParallelType::Off).set_threads(1);
    match seconds {
        Some(seconds) => model.set_time_limit(seconds.max(0.01)),
        None => model,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solver_that_does_not_stop_is_left_alone() {
        let (end, wait) = channel::<()>();
        // It waits for a word that comes only after it was given up.
        assert_eq!(answer_within(Duration::from_millis(20), move || wait.recv().is_ok()), None);
        assert_eq!(answer_within(Duration::from_secs(60), || 7), Some(7));
        drop(end);
    }

    #[test]
    fn an_optimum_comes_with_prices_that_prove_it() {
        let mut program = Program::default();
        let (x, y) = (program.column(3.0, 0.0, 2.0), program.column(2.0, 0.0, 3.0));
        program.at_most(vec![(x, 1.0), (y, 1.0)], 4.0);
        let solved = solve(&program, Some(5.0)).expect("solvable");
        assert_eq!(solved.values, [2.0, 2.0]);
        assert_eq!(solved.prices, [2.0]);
        assert_eq!(program.bound(&solved.prices), 10.0);
    }
}
