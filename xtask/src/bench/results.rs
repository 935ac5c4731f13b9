//! What was measured, and what follows from it.

use super::entrants::{Entrant, Role};
use super::measure::Sample;
use super::stats::Spread;
use super::workloads::{Shape, Workload};

/// A workload and everyone's samples.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) workload: Workload,
    pub(super) outcomes: Vec<Outcome>,
}

/// An entrant's samples, one for each repetition, or why there are none.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) entrant: Entrant,
    pub(super) samples: Result<Vec<Sample>, String>,
}

/// One of a sample's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    Cpu,
    Wall,
    Grown,
    InLua,
    Peak,
}

impl Figure {
    fn of(self, sample: &Sample) -> f64 {
        match self {
            Figure::Cpu => sample.cpu_us,
            Figure::Wall => sample.wall_us,
            Figure::Grown => sample.grown_bytes,
            Figure::InLua => sample.lua_bytes,
            Figure::Peak => sample.peak_kb,
        }
    }
}

impl Row {
    fn values(&self, index: usize, figure: Figure) -> Vec<f64> {
        let samples = self.outcomes[index].samples.as_ref();
        samples.map_or_else(|_| Vec::new(), |all| all.iter().map(|s| figure.of(s)).collect())
    }

    /// An entrant's own number.
    pub(super) fn figure(&self, index: usize, figure: Figure) -> Option<Spread> {
        Spread::of(&self.values(index, figure))
    }

    /// How many times as cheap an entrant is as the one that it is compared with.
    pub(super) fn ratio(&self, index: usize, figure: Figure) -> Option<Spread> {
        let base = self.outcomes[index].entrant.base?;
        Spread::of_pairs(&self.values(base, figure), &self.values(index, figure))
    }

    /// The first entrant in a role.
    pub(super) fn first(&self, is_it: impl Fn(Role) -> bool) -> Option<usize> {
        self.outcomes.iter().position(|outcome| is_it(outcome.entrant.role))
    }

    /// The backend's entrants' best ratio of processor time, where there is one.
    pub(super) fn best_of_ours(&self) -> Option<f64> {
        let ours = (0..self.outcomes.len())
            .filter(|index| matches!(self.outcomes[*index].entrant.role, Role::Ours(_)));
        ours.filter_map(|index| self.ratio(index, Figure::Cpu)).map(|r| r.median).reduce(f64::max)
    }

    pub(super) fn is_server(&self) -> bool {
        matches!(self.workload.shape, Shape::Server { .. })
    }

    pub(super) fn is_start(&self) -> bool {
        matches!(self.workload.shape, Shape::Start { .. })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::entrants::Program;
    use super::super::workloads::WORKLOADS;
    use super::*;
    use crate::lua::Backend;

    /// A row with one sample of these microseconds for LuaSocket, blocking, mio and a failure.
    pub(in super::super) fn row(costs: [f64; 3]) -> Row {
        let roles = [Role::Original, Role::Ours(Backend::Blocking), Role::Ours(Backend::Mio)];
        let outcome = |(role, cost): (Role, f64)| Outcome {
            entrant: Entrant {
                name: format!("{role:?}"),
                role,
                base: (role != Role::Original).then_some(0),
                program: Program::Native(Vec::new()),
            },
            samples: Ok(vec![Sample { cpu_us: cost, wall_us: 2.0 * cost, ..Sample::default() }]),
        };
        let mut outcomes: Vec<Outcome> = roles.into_iter().zip(costs).map(outcome).collect();
        outcomes.push(Outcome { samples: Err("gone & <lost>".into()), ..outcomes[1].clone() });
        outcomes[3].entrant.role = Role::Limit;
        Row { workload: Workload { bars: Some([1.5, 1.5]), ..WORKLOADS[0] }, outcomes }
    }

    #[test]
    fn ratios_are_to_the_base() {
        let row = row([3.0, 1.5, 2.0]);
        assert_eq!(row.ratio(1, Figure::Cpu).map(|ratio| ratio.median), Some(2.0));
        assert_eq!(row.ratio(2, Figure::Wall).map(|ratio| ratio.median), Some(1.5));
        assert_eq!(row.ratio(0, Figure::Cpu), None);
        assert_eq!(row.ratio(3, Figure::Cpu), None);
        assert_eq!(row.best_of_ours(), Some(2.0));
    }
}
