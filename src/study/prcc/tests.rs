use super::*;

fn columns(text: &str, skip: usize) -> Vec<Vec<f64>> {
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').skip(skip).map(|cell| cell.parse().expect("a number")).collect())
        .collect();
    (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column]).collect()).collect()
}

/// On the same draws, pingouin finds the same coefficients: `prcc/reference.py`.
#[test]
fn coefficients_are_those_of_pingouin() {
    let mut factors = columns(include_str!("draws.csv"), 0);
    let results = factors.pop().expect("the result is the last column");
    let expected = columns(include_str!("expected.csv"), 1);
    let found = prcc(&factors, &results).expect("it varies");
    assert_eq!((found.len(), expected[0].len()), (5, 5));
    for (place, found) in found.into_iter().enumerate() {
        let Prcc { value, low, high } = found.expect("each factor varies");
        for (found, expected) in [(value, expected[0][place]), (low, expected[1][place]), (high, expected[2][place])] {
            assert!((found - expected).abs() < 1e-9, "factor {place}: {found}, not {expected}");
        }
    }
}

#[test]
fn a_factor_that_does_not_vary_or_follows_from_others_has_no_coefficient() {
    let ramp: Vec<f64> = (0..60).map(f64::from).collect();
    let wave: Vec<f64> = ramp.iter().map(|x| libm::sin(7.0 * x)).collect();
    let found = prcc(&[ramp.clone(), vec![1.0; 60]], &wave).expect("it varies");
    assert!(found[0].is_some() && found[1].is_none());
    assert_eq!(prcc(&[ramp.clone(), ramp.clone()], &wave), Ok(vec![None, None]));
    assert_eq!(prcc(std::slice::from_ref(&ramp), &[1.0; 60]), Err(EstimateError::Constant));
    assert!(prcc(&[ramp], &[1.0, 2.0]).is_err());
}

#[test]
fn equal_values_share_their_rank() {
    assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0, 3.0]), [4.0, 1.0, 4.0, 2.0, 4.0]);
}

/// With the points that a ranking needs, the interval of a coefficient of zero ends at 0.3.
#[test]
fn a_ranking_needs_enough_points_for_its_intervals() {
    let points = points_needed(5);
    let end = |points: usize| libm::tanh(Z / libm::sqrt(count(points) - 4.0 - 3.0));
    assert!(end(points) < 0.3 && end(points - 2) > 0.3, "{}", end(points));
}
