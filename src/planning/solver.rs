//! The only file that names the solver: programs of [`super::linear`] through good_lp to HiGHS.

use good_lp::solvers::highs::{HighsParallelType, HighsProblem, highs};
use good_lp::{
    DualValues, Expression, ProblemVariables, Solution, SolutionStatus, SolutionWithDual, SolverModel, Variable,
    constraint, variable,
};

use super::linear::{Program, Solved};

/// Written into every plan.
pub(crate) const SOLVER_NAME: &str = "HiGHS 1.15.0";

/// Solves a program to optimality on one thread. `None` when it has no solution or time runs out.
pub(crate) fn solve(program: &Program, seconds: f64) -> Option<Solved> {
    if program.objective.is_empty() {
        return Some(Solved { values: Vec::new(), prices: vec![0.0; program.rows.len()] });
    }
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

fn limited(model: HighsProblem, seconds: f64) -> HighsProblem {
    model.set_parallel(HighsParallelType::Off).set_threads(1).set_time_limit(seconds.max(0.01))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_optimum_comes_with_prices_that_prove_it() {
        let mut program = Program::default();
        let (x, y) = (program.column(3.0, 0.0, 2.0), program.column(2.0, 0.0, 3.0));
        program.at_most(vec![(x, 1.0), (y, 1.0)], 4.0);
        let solved = solve(&program, 5.0).expect("solvable");
        assert_eq!(solved.values, [2.0, 2.0]);
        assert_eq!(solved.prices, [2.0]);
        assert_eq!(program.bound(&solved.prices), 10.0);
    }
}
