//! Linear programs as plain data, and an upper bound that does not rely on the solver being right.

/// Maximize `objective · x` under rows `coefficients · x <= most` and `0 <= least <= x <= most`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    /// Objective coefficient of each column.
    pub objective: Vec<f64>,
    /// Least and most of each column.
    pub range: Vec<(f64, f64)>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// `sum of coefficient * column <= most`.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub terms: Vec<(usize, f64)>,
    pub most: f64,
}

/// An optimal solution.
pub(crate) struct Solved {
    pub values: Vec<f64>,
    /// One price a row, zero or more.
    pub prices: Vec<f64>,
}

impl Program {
    /// Adds a column.
    pub(crate) fn column(&mut self, objective: f64, least: f64, most: f64) -> usize {
        self.objective.push(objective);
        self.range.push((least, most));
        self.objective.len() - 1
    }

    /// Adds a row `terms <= most`.
    pub(crate) fn at_most(&mut self, mut terms: Vec<(usize, f64)>, most: f64) -> usize {
        // Programs of a state have millions of terms.
        terms.shrink_to_fit();
        self.rows.push(Row { terms, most });
        self.rows.len() - 1
    }

    /// Adds a row `terms >= least`.
    pub(crate) fn at_least(&mut self, terms: Vec<(usize, f64)>, least: f64) -> usize {
        self.at_most(terms.into_iter().map(|(column, factor)| (column, -factor)).collect(), -least)
    }

    /// An upper bound on the objective by weak duality: for any prices >= 0 of the rows,
    /// `max c·x <= sum most * price + sum over columns of max(reduced cost * least, reduced cost * most)`.
    /// It holds whatever the prices are; good prices make it tight.
    pub(crate) fn bound(&self, prices: &[f64]) -> f64 {
        let limits: f64 = self.rows.iter().zip(prices).map(|(row, price)| row.most * price.max(0.0)).sum();
        let columns = self.reduced_costs(prices).into_iter().zip(&self.range);
        limits + columns.map(|(cost, (least, most))| (cost * least).max(cost * most)).sum::<f64>()
    }

    /// What one more of each column brings when the rows that it takes from are paid for.
    pub(crate) fn reduced_costs(&self, prices: &[f64]) -> Vec<f64> {
        let mut reduced = self.objective.clone();
        for (row, price) in self.rows.iter().zip(prices) {
            row.terms.iter().for_each(|(column, factor)| reduced[*column] -= factor * price.max(0.0));
        }
        reduced
    }

    /// The program with some of its columns only, all others being 0. It has the same rows.
    pub(crate) fn part(&self, chosen: &[bool]) -> Program {
        let mut part = Program::default();
        let mut position = vec![usize::MAX; chosen.len()];
        for column in (0..chosen.len()).filter(|column| chosen[*column]) {
            let (least, most) = self.range[column];
            position[column] = part.column(self.objective[column], least, most);
        }
        for row in &self.rows {
            let kept = row.terms.iter().filter(|(column, _)| chosen[*column]);
            part.at_most(kept.map(|(column, factor)| (position[*column], *factor)).collect(), row.most);
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// max 3x + 2y, x + y <= 4, x <= 2, y <= 3: optimum 10 with row price 2.
    fn example() -> Program {
        let mut program = Program::default();
        let (x, y) = (program.column(3.0, 0.0, 2.0), program.column(2.0, 0.0, 3.0));
        program.at_most(vec![(x, 1.0), (y, 1.0)], 4.0);
        program
    }

    #[test]
    fn a_bound_holds_for_any_prices_and_is_tight_for_the_best() {
        assert_eq!(example().bound(&[2.0]), 10.0);
        for price in [0.0, 1.0, 2.5, 7.0, -3.0] {
            assert!(example().bound(&[price]) >= 10.0, "{price}");
        }
    }
}
