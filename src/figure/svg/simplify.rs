//! Fewer points for the same line.
//!
//! Douglas and Peucker, *The Canadian Cartographer* 10 (1973), 112–122: of a stretch only its ends are kept where no
//! point between them lies further from their chord than the tolerance. So a figure of many days stays small.

/// A line finer than this is not seen: a third of a pixel at 300 to the inch, mm.
const TOLERANCE: f64 = 0.03;

/// The points of `line` (mm) that are needed to draw it; its ends are among them.
pub(super) fn simplified(line: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let Some(last) = line.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut kept = vec![false; line.len()];
    kept[0] = true;
    kept[last] = true;
    let mut stretches = vec![(0, last)];
    while let Some((from, to)) = stretches.pop() {
        let farthest = (from + 1..to)
            .map(|place| (place, distance(line[place], line[from], line[to])))
            .max_by(|one, other| one.1.total_cmp(&other.1));
        if let Some((place, far)) = farthest
            && far > TOLERANCE
        {
            kept[place] = true;
            stretches.extend([(from, place), (place, to)]);
        }
    }
    line.iter().zip(kept).filter(|&(_, kept)| kept).map(|(&point, _)| point).collect()
}

/// From a point to the stretch between two others.
fn distance((x, y): (f64, f64), (x0, y0): (f64, f64), (x1, y1): (f64, f64)) -> f64 {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { (((x - x0) * dx + (y - y0) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    libm::hypot(x - x0 - along * dx, y - y0 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_stretch_keeps_its_ends_and_corners_stay() {
        let line: Vec<(f64, f64)> = (0..=20).map(|x| (f64::from(x), f64::from((x - 10).max(0)))).collect();
        assert_eq!(simplified(&line), [(0.0, 0.0), (10.0, 0.0), (20.0, 10.0)]);
        assert!(simplified(&[]).is_empty());
        assert_eq!(simplified(&[(1.0, 2.0)]), [(1.0, 2.0)]);
    }

    #[test]
    fn simplification_moves_no_point_beyond_the_tolerance() {
        let wave: Vec<(f64, f64)> =
            (0..500).map(|place| (f64::from(place) * 0.3, 8.0 * libm::sin(f64::from(place) * 0.05))).collect();
        let drawn = simplified(&wave);
        assert!(drawn.len() < 200, "{}", drawn.len());
        for &point in &wave {
            let nearest = drawn.windows(2).map(|pair| distance(point, pair[0], pair[1])).fold(f64::INFINITY, f64::min);
            assert!(nearest <= TOLERANCE, "{nearest}");
        }
    }

    /// A closed outline begins and ends at one point: it must not vanish.
    #[test]
    fn an_outline_keeps_its_corners() {
        let square = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)];
        assert_eq!(simplified(&square), square);
    }
}
