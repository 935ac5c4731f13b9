//! The statistics: medians and quartiles, and ratios of what was measured side by side.

/// The middle of some numbers and the middles of its halves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) low: f64,
    pub(super) median: f64,
    pub(super) high: f64,
}

impl Spread {
    /// Of at least one number; all must be numbers.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        if sorted.is_empty() || sorted.iter().any(|value| !value.is_finite()) {
            return None;
        }
        sorted.sort_by(f64::total_cmp);
        let at = |share| quantile(&sorted, share);
        Some(Spread { low: at(0.25), median: at(0.5), high: at(0.75) })
    }

    /// Of `base / other`, one ratio for each repetition: above 1, the other is the cheaper one. What slows the machine
    /// down for a while slows both, so that the ratio of a pair is steadier than the ratio of two medians.
    pub(super) fn of_pairs(base: &[f64], other: &[f64]) -> Option<Self> {
        let ratios: Vec<f64> = base.iter().zip(other).map(|(base, other)| base / other).collect();
        Spread::of(&ratios)
    }
}

/// Between two values in proportion, where the share falls between them.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * part
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(low: f64, median: f64, high: f64) -> Option<Spread> {
        Some(Spread { low, median, high })
    }

    #[test]
    fn quartiles_are_found_and_interpolated() {
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0, 5.0, 4.0]), spread(2.0, 3.0, 4.0));
        assert_eq!(Spread::of(&[4.0, 1.0, 2.0, 3.0]), spread(1.75, 2.5, 3.25));
        assert_eq!(Spread::of(&[7.0]), spread(7.0, 7.0, 7.0));
    }

    #[test]
    fn what_is_no_number_gives_nothing() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[1.0, f64::NAN]), None);
        assert_eq!(Spread::of_pairs(&[1.0], &[0.0]), None);
    }

    #[test]
    fn pairs_cancel_what_slows_both() {
        // The third repetition ran on a busy machine; the ratio of medians would be 2.4 / 1.1.
        let (base, other) = ([2.0, 2.4, 20.0], [1.0, 1.2, 10.0]);
        assert_eq!(Spread::of_pairs(&base, &other), spread(2.0, 2.0, 2.0));
    }

    #[test]
    fn pairs_end_with_the_shorter_list() {
        assert_eq!(Spread::of_pairs(&[6.0, 6.0], &[2.0]), spread(3.0, 3.0, 3.0));
    }
}
