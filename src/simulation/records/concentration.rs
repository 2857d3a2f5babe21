//! Concentration of hashrate among owners. An agent of weight w stands for w owners of equal size.
//!
//! Owners are active firms with machines, running or not. Firms that have left and entrants that have not entered are not owners: neither has a
//! machine that could run.

/// Concentration of running hashrate over owners, or of any quantity counted in whole numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Concentration {
    /// Herfindahl-Hirschman index, `sum of w (s/w)^2` over shares s: 1/n for n equal owners, 1 for a single one, 0 if nothing runs.
    pub hhi: f64,
    /// Gini coefficient, owners whose machines are all off included: 0 for equal owners.
    pub gini: f64,
    /// Nakamoto coefficient: the number of the largest owners that together run more than half; 0 if nothing runs.
    pub nakamoto: f64,
    /// Share of the largest owner.
    pub top1: f64,
    /// Share of the five largest.
    pub top5: f64,
    /// Share of the ten largest.
    pub top10: f64,
}

impl Concentration {
    /// Concentration of the running hashrate (MH/s) of agents, each with the number of owners that it stands for.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
    pub fn of(agents: impl Iterator<Item = (u64, f64)>) -> Self {
        let mut total = 0;
        let mut owners: Vec<(f64, f64)> = agents
            .filter(|&(_, weight)| weight > 0.0)
            .inspect(|&(hash, _)| total += hash)
            .map(|(hash, weight)| (hash as f64 / weight, weight))
            .collect();
        if total == 0 {
            return Self::default();
        }
        let total = total as f64;
        let share = |&(size, weight): &(f64, f64)| (size / total) * (size / total) * weight;
        let mut result = Self { hhi: owners.iter().map(share).sum(), ..Self::default() };
        owners.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let all: f64 = owners.iter().map(|(_, weight)| weight).sum();
        // Area under the cumulative holdings of owners, the largest first.
        let (mut held, mut count, mut area) = (0.0, 0.0, 0.0);
        let half = total / 2.0;
        for (size, weight) in owners {
            let here = size * weight;
            if held <= half && held + here > half {
                result.nakamoto = count + ((half - held) / size).floor() + 1.0;
            }
            for (share, most) in [(&mut result.top1, 1.0), (&mut result.top5, 5.0), (&mut result.top10, 10.0)] {
                *share += (most - count).clamp(0.0, weight) * size / total;
            }
            area += weight * (held + here / 2.0);
            held += here;
            count += weight;
        }
        result.gini = 2.0 * area / (held * all) - 1.0;
        result
    }
}

#[cfg(test)]
mod tests {
    use super::Concentration;

    fn of(hash_mh: &[u64], weight: &[f64]) -> Concentration {
        Concentration::of(hash_mh.iter().copied().zip(weight.iter().copied()))
    }

    /// T16: n equal firms have HHI 1/n, Gini 0, Nakamoto n/2 + 1; the k largest have k/n.
    #[test]
    fn t16_equal_firms() {
        for n in [1usize, 2, 3, 10, 101] {
            let found = of(&vec![7u64; n], &vec![1.0; n]);
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let count = n as f64;
            assert!((found.hhi - 1.0 / count).abs() < 1e-12);
            assert!(found.gini.abs() < 1e-12);
            assert!((found.nakamoto - ((count / 2.0).floor() + 1.0)).abs() < 1e-12, "{n} firms");
            for (share, k) in [(found.top1, 1.0), (found.top5, 5.0), (found.top10, 10.0)] {
                assert!((share - f64::min(k / count, 1.0)).abs() < 1e-12, "{n} firms: {share} of {k}");
            }
        }
    }

    /// An agent of weight w counts as w owners: one agent of weight 10 is ten equal firms.
    #[test]
    fn weight_counts_as_owners() {
        let split = of(&[vec![6u64; 10], vec![9]].concat(), &[1.0; 11]);
        let whole = of(&[60, 9], &[10.0, 1.0]);
        for (a, b) in [
            (split.hhi, whole.hhi),
            (split.gini, whole.gini),
            (split.nakamoto, whole.nakamoto),
            (split.top1, whole.top1),
            (split.top5, whole.top5),
            (split.top10, whole.top10),
        ] {
            assert!((a - b).abs() < 1e-12, "{split:?} {whole:?}");
        }
    }

    /// By hand: shares .5, .3, .2 have HHI .38; the largest alone does not have more than half, two have; Gini of (2,3,5) is 0.2.
    #[test]
    fn unequal_firms_by_hand() {
        let found = of(&[5u64, 3, 2], &[1.0; 3]);
        assert!((found.hhi - 0.38).abs() < 1e-12);
        assert!((found.nakamoto - 2.0).abs() < 1e-12);
        assert!((found.gini - 0.2).abs() < 1e-12);
        assert!((found.top1 - 0.5).abs() < 1e-12 && (found.top5 - 1.0).abs() < 1e-12);
        assert_eq!(of(&[0, 0], &[1.0, 1.0]), Concentration::default());
        // One of two is idle: Gini of (0, 1) is 1/2; an agent of weight zero is not counted.
        assert!((of(&[0, 9, 0], &[1.0, 1.0, 0.0]).gini - 0.5).abs() < 1e-12);
    }
}
