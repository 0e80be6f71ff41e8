//! The only file that names the solver: programs of [`super::linear`] through good_lp to HiGHS.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use good_lp::solvers::highs::{HighsParallelType, HighsProblem, highs as good_highs};
use good_lp::{
    DualValues, Expression, ProblemVariables, Solution, SolutionStatus, SolutionWithDual, SolverModel, Variable,
    constraint, variable,
};

use super::linear::{Program, Solved};

/// Written into every plan.
pub(crate) const SOLVER_NAME: &str = "HiGHS 1.15.0";

/// Three times faster than the dual method on these programs, from co-ops to states.
const PRIMAL_SIMPLEX: i32 = 4;

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
    if seconds.is_none() {
        return solved(program, None);
    }
    let program = program.clone();
    within(seconds, move |seconds| solved(&program, seconds)).flatten()
}

/// Some work with the solver, which is told its limit. With a limit the work is left behind when it takes two seconds more;
/// without any time it is not begun.
pub(crate) fn within<T: Send + 'static>(
    seconds: Option<f64>,
    work: impl FnOnce(Option<f64>) -> T + Send + 'static,
) -> Option<T> {
    match seconds {
        None => Some(work(None)),
        Some(0.0) => None,
        Some(limit) => answer_within(Duration::from_secs_f64(limit) + PATIENCE, move || work(seconds)),
    }
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
    let mut model = limited(variables.maximise(objective).using(good_highs), seconds);
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

/// A program that is solved again and again with other limits of its columns; each answer starts from the last one.
pub(crate) struct Session {
    /// As it is solved next.
    pub program: Program,
    columns: Vec<highs::Col>,
    /// Nothing after the solver failed.
    model: Option<highs::Model>,
    ends: Option<Instant>,
}

impl Session {
    /// Opens a session that may take so many seconds in all.
    pub(crate) fn open(program: Program, seconds: Option<f64>) -> Session {
        let (columns, mut model) = model(&program, &[]);
        model.set_option("simplex_strategy", PRIMAL_SIMPLEX);
        let ends = seconds.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
        Session { program, columns, model: Some(model), ends }
    }

    /// Changes the limits of a column.
    pub(crate) fn limit(&mut self, column: usize, least: f64, most: f64) {
        self.program.range[column] = (least, most);
        if let Some(model) = &mut self.model {
            model.change_column_bounds(self.columns[column], least..=most);
        }
    }

    /// An optimal solution; `None` when there is none or time runs out.
    pub(crate) fn solve(&mut self) -> Option<Solved> {
        let mut model = self.model.take()?;
        if let Some(ends) = self.ends {
            let left = ends.saturating_duration_since(Instant::now()).as_secs_f64();
            model.set_option("time_limit", left.max(0.01));
        }
        let solved = model.try_solve().ok()?;
        if solved.status() != highs::HighsModelStatus::Optimal {
            return None;
        }
        let solution = solved.get_solution();
        let values = solution.columns().to_vec();
        let prices = solution.dual_rows().iter().map(|price| price.abs()).collect();
        self.model = Some(solved.into());
        Some(Solved { values, prices })
    }
}

/// Where a branch-and-bound search ends, besides at its time limit.
pub(crate) struct Branching {
    /// The bound need not come closer to the best solution than this.
    pub gap: f64,
    /// Most nodes: where a search without a clock ends.
    pub nodes: i32,
}

/// An upper bound on a program some of whose columns must be whole numbers, given a solution that keeps all rows: the
/// solver's own. `None` when it has none.
pub(crate) fn whole_bound(
    program: Program,
    whole: Vec<usize>,
    known: Vec<f64>,
    ends: Branching,
    seconds: Option<f64>,
) -> Option<f64> {
    let bound = within(seconds, move |seconds| {
        let (_, mut model) = model(&program, &whole);
        model.set_option("mip_abs_gap", ends.gap);
        model.set_option("mip_rel_gap", 0.0);
        model.set_option("mip_max_nodes", ends.nodes);
        // A solution is known; it is the bound that is wanted.
        model.set_option("mip_heuristic_effort", 0.0);
        if let Some(seconds) = seconds {
            model.set_option("time_limit", seconds.max(0.01));
        }
        model.try_set_solution(Some(&known), None, None, None).ok()?;
        model.try_solve().ok()?.double_info_value(c"mip_dual_bound").ok()
    });
    bound.flatten().filter(|bound| bound.is_finite())
}

/// The solver's own model of a program, with the columns that must be whole in ascending order.
fn model(program: &Program, whole: &[usize]) -> (Vec<highs::Col>, highs::Model) {
    let mut rows = highs::RowProblem::default();
    let columns: Vec<highs::Col> = (program.objective.iter().zip(&program.range).enumerate())
        .map(|(column, (worth, (least, most)))| match whole.binary_search(&column) {
            Ok(_) => rows.add_integer_column(*worth, *least..=*most),
            Err(_) => rows.add_column(*worth, *least..=*most),
        })
        .collect();
    for row in &program.rows {
        rows.add_row(..=row.most, row.terms.iter().map(|(column, factor)| (columns[*column], *factor)));
    }
    let mut model = rows.optimise(highs::Sense::Maximise);
    model.make_quiet();
    model.set_option("parallel", "off");
    model.set_option("threads", 1);
    (columns, model)
}

fn limited(model: HighsProblem, seconds: Option<f64>) -> HighsProblem {
    let model =
        model.set_option("simplex_strategy", PRIMAL_SIMPLEX).set_parallel(HighsParallelType::Off).set_threads(1);
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
