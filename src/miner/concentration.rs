//! How concentrated hashrate is among owners. An agent of weight w stands for w owners of equal size.

/// Herfindahl-Hirschman index, `sum of w (s/w)^2` over shares s: 1/n for n equal owners, 1 for a single one, 0 where nobody runs.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
pub fn hhi(hash_mh: &[u64], weight: &[f64]) -> f64 {
    let total: u64 = hash_mh.iter().sum();
    if total == 0 {
        return 0.0;
    }
    let total = total as f64;
    hash_mh.iter().zip(weight).map(|(&hash, weight)| (hash as f64 / total) * (hash as f64 / total) / weight).sum()
}

/// Nakamoto coefficient: how many of the largest owners together run more than half; 0 where nobody runs.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
pub fn nakamoto(hash_mh: &[u64], weight: &[f64]) -> f64 {
    let total: u64 = hash_mh.iter().sum();
    let mut owners: Vec<(f64, f64)> = hash_mh
        .iter()
        .zip(weight)
        .filter(|(hash, _)| **hash > 0)
        .map(|(&hash, &weight)| (hash as f64 / weight, weight))
        .collect();
    owners.sort_by(|a, b| b.0.total_cmp(&a.0));
    let half = total as f64 / 2.0;
    let (mut held, mut count) = (0.0, 0.0);
    for (size, weight) in owners {
        if held + size * weight > half {
            return count + ((half - held) / size).floor() + 1.0;
        }
        held += size * weight;
        count += weight;
    }
    0.0
}

/// Gini coefficient of owners' hashrate, idle ones included: 0 for equal owners.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
pub fn gini(hash_mh: &[u64], weight: &[f64]) -> f64 {
    let mut owners: Vec<(f64, f64)> =
        hash_mh.iter().zip(weight).map(|(&hash, &weight)| (hash as f64 / weight, weight)).collect();
    owners.sort_by(|a, b| a.0.total_cmp(&b.0));
    let owners_total: f64 = weight.iter().sum();
    let (mut below, mut area) = (0.0, 0.0);
    for (size, weight) in owners {
        area += weight * (below + size * weight / 2.0);
        below += size * weight;
    }
    if below == 0.0 { 0.0 } else { 1.0 - 2.0 * area / (below * owners_total) }
}

#[cfg(test)]
mod tests {
    use super::{gini, hhi, nakamoto};

    /// T16: n equal firms have HHI 1/n, Gini 0, Nakamoto n/2 + 1.
    #[test]
    fn t16_equal_firms() {
        for n in [1usize, 2, 3, 10, 101] {
            let (hash, weight) = (vec![7u64; n], vec![1.0; n]);
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let count = n as f64;
            assert!((hhi(&hash, &weight) - 1.0 / count).abs() < 1e-12);
            assert!(gini(&hash, &weight).abs() < 1e-12);
            assert!((nakamoto(&hash, &weight) - ((count / 2.0).floor() + 1.0)).abs() < 1e-12, "{n} firms");
        }
    }

    /// An agent of weight w counts as w owners: one agent of weight 10 is ten equal firms.
    #[test]
    fn weight_counts_as_owners() {
        let split = (vec![6u64; 10], vec![1.0; 10]);
        let whole = (vec![60u64], vec![10.0]);
        assert!((hhi(&split.0, &split.1) - hhi(&whole.0, &whole.1)).abs() < 1e-12);
        assert!((nakamoto(&split.0, &split.1) - nakamoto(&whole.0, &whole.1)).abs() < 1e-12);
        assert!((gini(&split.0, &split.1) - gini(&whole.0, &whole.1)).abs() < 1e-12);
    }

    /// By hand: shares .5, .3, .2 have HHI .38; the largest alone has not more than half, two have; Gini of (2,3,5) is 0.2.
    #[test]
    fn unequal_firms_by_hand() {
        let (hash, weight) = ([5u64, 3, 2], [1.0; 3]);
        assert!((hhi(&hash, &weight) - 0.38).abs() < 1e-12);
        assert!((nakamoto(&hash, &weight) - 2.0).abs() < 1e-12);
        assert!((gini(&hash, &weight) - 0.2).abs() < 1e-12);
        assert!(hhi(&[0, 0], &[1.0, 1.0]).abs() < 1e-12);
    }
}
