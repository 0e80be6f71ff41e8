//! Sharing out minutes fairly in a linear program: the worst-served member as well as possible, then the next, and so on.
//!
//! One program answers all the questions. Each next question differs only in the limits of a few columns, so the solver
//! goes on from its last answer, which is several times faster than asking anew.

use crate::planning::linear::Program;
use crate::planning::solver::Session;

/// Minutes by which a level that was reached may be missed later, so that rounding never makes a program infeasible.
const SLACK: f64 = 1e-3;
/// A price above this holds a level down.
const PRICE: f64 = 1e-7;

/// The program and the columns that the questions are asked with.
pub(super) struct Sharing {
    program: Program,
    /// Mandated minutes of all members, of which a question may ask for a least number.
    total: usize,
    /// The lowest share of all members that are not settled yet: the objective.
    level: usize,
    members: Vec<Member>,
}

/// A member with mandated minutes in the program.
struct Member {
    asked: f64,
    /// Its part of what it asks for, from 0 to 1.
    share: usize,
    /// How far its share may lie below the level: 0 until it is settled.
    below: usize,
    /// The row `share + below >= level`.
    row: usize,
}

/// The fairest sharing.
pub(super) struct Shared {
    /// By column of the program.
    pub values: Vec<f64>,
    /// Proven: no sharing serves the worst-served member better.
    pub worst_at_most: f64,
}

impl Sharing {
    /// `mandated` are the columns of mandated minutes with their members; `asked` and `elsewhere` are by member.
    pub(super) fn new(mut program: Program, mandated: &[(usize, usize)], asked: &[u32], elsewhere: &[u32]) -> Sharing {
        program.objective.fill(0.0);
        let total = program.column(0.0, 0.0, f64::from(asked.iter().sum::<u32>()));
        let level = program.column(1.0, 0.0, 1.0);
        let mut all: Vec<(usize, f64)> = mandated.iter().map(|(column, _)| (*column, 1.0)).collect();
        all.push((total, -1.0));
        program.at_least(all, 0.0);
        let mut members = Vec::new();
        for (member, asked) in asked.iter().map(|asked| f64::from(*asked)).enumerate() {
            let own = mandated.iter().filter(|(_, other)| *other == member);
            let mut minutes: Vec<(usize, f64)> = own.map(|(column, _)| (*column, 1.0)).collect();
            if minutes.is_empty() {
                continue;
            }
            let (share, below) = (program.column(0.0, 0.0, 1.0), program.column(0.0, 0.0, 0.0));
            minutes.push((share, -asked));
            program.at_least(minutes, -f64::from(elsewhere[member]));
            let row = program.at_least(vec![(share, 1.0), (below, 1.0), (level, -1.0)], 0.0);
            members.push(Member { asked, share, below, row });
        }
        Sharing { program, total, level, members }
    }

    /// The fairest sharing that has so many minutes in total. `None` when time runs out.
    pub(super) fn fairest(mut self, total: u32, seconds: Option<f64>) -> Option<Shared> {
        let mut session = Session::open(self.program.clone(), seconds);
        // Without a total first, so that the proof holds for plans with fewer minutes as well.
        let best = session.solve()?;
        let worst_at_most = session.program.bound(&best.prices);
        let most = session.program.range[self.total].1;
        session.limit(self.total, (f64::from(total) - SLACK).clamp(0.0, most), most);
        let mut fairest = None;
        // When time runs out, those who come next get what the last answer happens to give them.
        while let Some(solved) = session.solve() {
            let level = solved.values[self.level];
            // Members whose row has a price hold the level down: nothing can be done for them any more.
            let (held, free): (Vec<Member>, Vec<Member>) =
                self.members.into_iter().partition(|member| solved.prices[member.row] > PRICE);
            if held.is_empty() || free.is_empty() || level > 1.0 - 1e-9 {
                return Some(Shared { values: solved.values, worst_at_most });
            }
            fairest = Some(Shared { values: solved.values, worst_at_most });
            for member in &held {
                session.limit(member.share, (level - SLACK / member.asked).max(0.0), 1.0);
                session.limit(member.below, 0.0, 1.0);
            }
            self.members = free;
        }
        fairest
    }
}
