//! Solvers for symmetric positive-definite linear systems with few unknowns.

/// The lower triangle L of A = L Lᵀ, by rows; A is given by rows, either as its lower triangle or in full.
///
/// Returns `None` if A is not positive definite.
pub(super) fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut lower = vec![vec![0.0; n]; n];
    for row in 0..n {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| lower[row][k] * lower[column][k]).sum();
            let rest = matrix[row][column] - known;
            lower[row][column] = if row == column {
                if !(rest > 0.0 && rest.is_finite()) {
                    return None;
                }
                libm::sqrt(rest)
            } else {
                rest / lower[column][column]
            };
        }
    }
    Some(lower)
}

/// Solves L z = b for z.
pub(super) fn forward(lower: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut solved: Vec<f64> = Vec::with_capacity(right.len());
    for (row, &value) in lower.iter().zip(right) {
        let known: f64 = row.iter().zip(&solved).map(|(a, b)| a * b).sum();
        solved.push((value - known) / row[solved.len()]);
    }
    solved
}

/// Solves L Lᵀ x = b for x.
pub(super) fn solve(lower: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut solved = forward(lower, right);
    for row in (0..solved.len()).rev() {
        let known: f64 = (row + 1..solved.len()).map(|k| lower[k][row] * solved[k]).sum();
        solved[row] = (solved[row] - known) / lower[row][row];
    }
    solved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_positive_definite_system_is_solved() {
        let matrix = vec![vec![4.0, 2.0, 0.4], vec![2.0, 3.0, 0.5], vec![0.4, 0.5, 2.0]];
        let lower = cholesky(&matrix).expect("it is positive definite");
        let x = solve(&lower, &[1.0, -2.0, 3.0]);
        for (row, right) in matrix.iter().zip([1.0, -2.0, 3.0]) {
            let left: f64 = row.iter().zip(&x).map(|(a, b)| a * b).sum();
            assert!((left - right).abs() < 1e-12);
        }
        assert_eq!(cholesky(&[vec![1.0, 2.0], vec![2.0, 1.0]]), None);
    }
}
