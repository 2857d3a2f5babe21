use super::*;
use crate::study::{Levels, factor::as_number};
use proptest::prelude::*;

fn design(kind: DesignKind, factors: &[&str], size: Option<u32>) -> Design {
    let factors = factors.iter().map(|text| Factor::parse(text).expect("it is a factor")).collect();
    Design { kind, factors, size, seed: 42, rows: Vec::new() }
}

#[test]
fn a_grid_is_every_combination_and_the_last_varies_fastest() {
    let grid = design(DesignKind::Grid, &["a=x,y", "b=0..1:3"], None);
    let expected = [["x", "0"], ["x", "0.5"], ["x", "1"], ["y", "0"], ["y", "0.5"], ["y", "1"]];
    assert_eq!(grid.points().expect("it has points"), expected);
    assert_eq!(grid.count(), Ok(6));
}

/// `SALib.sample.saltelli.sample({..., 'bounds': [[0, 1]] * 3}, N, calc_second_order=False)` of `SALib` 1.5, first and last rows.
#[test]
fn a_sobol_design_agrees_with_salib() {
    let factors = ["a=0..1", "b=0..1", "c=0..1"];
    let rows = design(DesignKind::Sobol, &factors, Some(16)).points().expect("it has points");
    assert_eq!(rows.len(), 80);
    let first = [
        ["0.09375", "0.46875", "0.46875"],
        ["0.65625", "0.46875", "0.46875"],
        ["0.09375", "0.28125", "0.46875"],
        ["0.09375", "0.46875", "0.96875"],
        ["0.65625", "0.28125", "0.96875"],
        ["0.59375", "0.96875", "0.96875"],
    ];
    assert_eq!(rows[..6], first);
    assert_eq!(rows[79], ["0.96875", "0.96875", "0.78125"]);
    // With fewer than 16 base samples SALib also skips 16 points.
    let fewer = design(DesignKind::Sobol, &factors, Some(4)).points().expect("it has points");
    assert_eq!(fewer[..], rows[..20]);
}

#[test]
fn a_design_read_from_its_json_is_identical() {
    let mut design = design(DesignKind::Morris, &["a=x,\"y, z\"", "b=0.1..0.30000000000000004", "c=1..2:5"], Some(7));
    design.seed = u64::MAX;
    // Among many doubles, a reader that rounds would change some.
    for (n, low) in (0..200).map(|n| (n, 0.1 + f64::from(n) * 1.234_567_891_234_567e-3)) {
        let levels = Levels::Range { low, high: low * 1.7, steps: None, log: false };
        design.factors.push(Factor { key: format!("key{n}"), levels });
    }
    assert_eq!(Design::from_json(&design.to_json()), Ok(design));
    let kind = r#"{"kind":"latin-hypercube","factors":[{"key":"a","levels":{"choices":["1"]}}],"size":3,"seed":1}"#;
    assert_eq!(Design::from_json(kind).expect("it is one").to_json(), kind);
    let none = kind.replace("\"size\":3", "\"size\":0");
    assert_eq!(Design::from_json(&none), Err(DesignError::SizeOfZero { kind: DesignKind::LatinHypercube }));
    let error = Design::from_json("grid").expect_err("this is no JSON").to_string();
    assert!(error.starts_with("this is not a design: "), "{error}");
}

#[test]
fn invalid_designs_are_refused_before_any_point_is_created() {
    use DesignKind::{Grid, LatinHypercube, Morris, Sobol};
    let hundred = (0..7).map(|n| format!("k{n}=0..1:100")).collect::<Vec<_>>();
    let hundred: Vec<&str> = hundred.iter().map(String::as_str).collect();
    let many = (0..65).map(|n| format!("k{n}=0..1")).collect::<Vec<_>>();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (kind, factors, size, message) in [
        (Grid, &[][..], None, "nothing varies; name at least one key with --vary KEY=V1,V2 or --vary KEY=LO..HI:N"),
        (Grid, &["a=1", "a=2"], None, "`a` is varied twice; give all its values at once"),
        (
            Grid,
            &["a=1..2"],
            None,
            "the range of `a` has no number of values, which a grid needs; write `--vary a=LO..HI:N` or `--vary a=V1,V2`, or choose a --design that samples",
        ),
        (
            Grid,
            &["a=1,2"],
            Some(9),
            "a grid has as many points as there are combinations; leave out --points 9, or choose another --design",
        ),
        (Grid, &hundred, None, "100000000000000 points are more than 1000000; take fewer values, factors or --points"),
        (
            LatinHypercube,
            &["a=1..2"],
            None,
            "a latin-hypercube design needs a number of points; give it with --points N",
        ),
        (Morris, &["a=1..2"], None, "a morris design needs a number of trajectories; give it with --points N"),
        (Morris, &["a=1..2"], Some(0), "--points 0 makes no morris design; give at least 1"),
        (
            LatinHypercube,
            &["a=1..2"],
            Some(100_000_001),
            "100000001 points are more than 1000000; take fewer values, factors or --points",
        ),
        (
            Sobol,
            &["a=1..2"],
            None,
            "a sobol design needs a number of base samples, a power of two; give it with --points N",
        ),
        (
            Sobol,
            &["a=1..2"],
            Some(1000),
            "--points 1000 is not a power of two from 2 to 1048576, as a sobol design needs; 1024 is the nearest",
        ),
        (
            Sobol,
            &["a=1..2"],
            Some(1),
            "--points 1 is not a power of two from 2 to 1048576, as a sobol design needs; 2 is the nearest",
        ),
        (
            Sobol,
            &["a=1..2"],
            Some(u32::MAX),
            "--points 4294967295 is not a power of two from 2 to 1048576, as a sobol design needs; 1048576 is the nearest",
        ),
        (
            Sobol,
            &many,
            Some(2),
            "a sobol design takes 64 factors at most, not 65; use --design morris first to find the important ones",
        ),
    ] {
        let design = design(kind, factors, size);
        assert_eq!(design.count().expect_err(message).to_string(), message);
        assert_eq!(design.points().expect_err(message).to_string(), message);
        assert_eq!(design.unit_points().expect_err(message).to_string(), message);
    }
    assert_eq!(
        DesignKind::parse("lhs").expect_err("there is none").to_string(),
        "there is no design `lhs`; there are grid, latin-hypercube, sobol, sobol-second-order and morris"
    );
    assert_eq!(DesignKind::ALL.map(|kind| DesignKind::parse(kind.name())), DesignKind::ALL.map(Ok));
}

/// The points of random designs are part of the results, so they must not change between versions.
#[test]
fn points_of_random_designs_do_not_change_between_versions() {
    let texts = |kind| {
        let rows = design(kind, &["a=0..3", "b=x,y,z"], Some(3)).points().expect("it has points");
        rows.iter().map(|row| row.join(" ")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        [texts(DesignKind::LatinHypercube), texts(DesignKind::Morris)],
        [
            "2.6077286899089813 x, 1.2508598864078522 y, 0.035045236349105835 z",
            "3 z, 1 z, 1 y, 1 z, 3 z, 3 x, 3 x, 1 x, 1 z"
        ]
    );
}

#[test]
fn adding_or_reordering_factors_changes_no_column() {
    for kind in [DesignKind::LatinHypercube, DesignKind::Morris] {
        let two = design(kind, &["a=0..1", "b=0..1"], Some(50)).unit_points().expect("it has points");
        let three = design(kind, &["c=0..1", "b=0..1", "a=0..1"], Some(50)).unit_points().expect("it has points");
        let starts = |rows: &[Vec<f64>], place: usize, every: usize| -> Vec<f64> {
            rows.iter().step_by(every).map(|row| row[place]).collect()
        };
        let (every_2, every_3) = if kind == DesignKind::Morris { (3, 4) } else { (1, 1) };
        assert_eq!(starts(&two, 0, every_2), starts(&three, 2, every_3), "{kind}");
        assert_ne!(starts(&two, 0, every_2), starts(&two, 1, every_2), "{kind}: factors are not alike");
    }
    let other = |seed| Design { seed, ..design(DesignKind::LatinHypercube, &["a=0..1"], Some(9)) }.points();
    assert_eq!(other(1), other(1));
    assert_ne!(other(1), other(2));
}

proptest! {
    #[test]
    fn a_latin_hypercube_has_one_point_in_each_part(
        size in 1_u32..200, factors in 1_usize..6, seed: u64, shares in 1_u32..6
    ) {
        let factors = (0..factors).map(|n| Factor::parse(&format!("k{n}=0..1")).expect("it is a factor")).collect();
        let mut design = Design { kind: DesignKind::LatinHypercube, factors, size: Some(size), seed, rows: Vec::new() };
        let rows = design.unit_points().expect("it has points");
        prop_assert_eq!(rows.len() as u64, design.count().expect("it can be counted"));
        for factor in 0..design.factors.len() {
            let mut parts: Vec<f64> = rows.iter().map(|row| (row[factor] * f64::from(size)).floor()).collect();
            parts.sort_by(f64::total_cmp);
            prop_assert!(parts.iter().zip(0..size).all(|(part, n)| part.to_bits() == f64::from(n).to_bits()), "{:?}", parts);
        }
        // Choices are used equally often whenever that is possible.
        let values: Vec<_> = (0..shares).map(|n| n.to_string()).collect();
        design.factors = vec![Factor { key: "c".to_owned(), levels: Levels::Choices(values.clone()) }];
        design.size = Some(size * shares);
        let points = design.points().expect("it has points");
        for value in values {
            prop_assert_eq!(points.iter().filter(|row| row[0] == value).count(), size as usize);
        }
    }

    #[test]
    fn a_morris_trajectory_moves_each_factor_once_by_the_step(size in 1_u32..30, factors in 1_usize..8, seed: u64) {
        let factors = (0..factors).map(|n| Factor::parse(&format!("k{n}=0..1")).expect("it is a factor")).collect();
        let design = Design { kind: DesignKind::Morris, factors, size: Some(size), seed, rows: Vec::new() };
        let rows = design.unit_points().expect("it has points");
        prop_assert_eq!(rows.len() as u64, design.count().expect("it can be counted"));
        for trajectory in rows.chunks(design.factors.len() + 1) {
            let mut moved = BTreeSet::new();
            for pair in trajectory.windows(2) {
                let moves: Vec<usize> = (0..design.factors.len()).filter(|&n| pair[0][n].to_bits() != pair[1][n].to_bits()).collect();
                prop_assert_eq!(moves.len(), 1);
                let step = pair[1][moves[0]] - pair[0][moves[0]];
                prop_assert!((step.abs() - 2.0 / 3.0).abs() < 1e-15);
                prop_assert!(moved.insert(moves[0]), "each once");
            }
            prop_assert!(trajectory[0].iter().all(|u| [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0].contains(u)));
        }
    }

    #[test]
    fn a_sobol_design_is_radial(power in 1_u32..7, factors in 1_usize..=64) {
        let factors = (0..factors).map(|n| Factor::parse(&format!("k{n}=0..1")).expect("it is a factor")).collect();
        let design = Design { kind: DesignKind::Sobol, factors, size: Some(1 << power), seed: 0, rows: Vec::new() };
        let rows = design.unit_points().expect("it has points");
        prop_assert_eq!(rows.len() as u64, design.count().expect("it can be counted"));
        for sample in rows.chunks(design.factors.len() + 2) {
            let (a, b) = (&sample[0], &sample[sample.len() - 1]);
            for (factor, ab) in sample[1..sample.len() - 1].iter().enumerate() {
                for place in 0..a.len() {
                    let from = if place == factor { b } else { a };
                    prop_assert_eq!(ab[place].to_bits(), from[place].to_bits());
                }
            }
        }
    }
}

/// Over 2000 trajectories all levels, directions and orders occur about equally often (within five standard errors).
#[test]
fn morris_levels_directions_and_orders_are_equally_frequent() {
    let design = design(DesignKind::Morris, &["a=0..1", "b=0..1", "c=0..1"], Some(2000));
    let rows = design.unit_points().expect("it has points");
    let share = |holds: &dyn Fn(&[Vec<f64>]) -> bool| {
        as_number(rows.chunks(4).filter(|trajectory| holds(trajectory)).count() as u64) / 2000.0
    };
    for factor in 0..3 {
        for level in [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0] {
            let found = share(&|trajectory| (trajectory[0][factor] - level).abs() < 1e-12);
            assert!((found - 0.25).abs() < 5.0 * (0.25 * 0.75_f64 / 2000.0).sqrt(), "{factor} from {level}: {found}");
        }
        let first = share(&|trajectory| (trajectory[0][factor] - trajectory[1][factor]).abs() > 0.1);
        assert!((first - 1.0 / 3.0).abs() < 5.0 * (2.0 / 9.0_f64 / 2000.0).sqrt(), "{factor} moves first: {first}");
    }
}

#[test]
fn a_design_is_named_with_its_size() {
    let factors = ["a=1,2,3", "b=0..1"].map(|text| Factor::parse(text).expect("it is sound"));
    let named = |kind, size, count: usize| {
        let design = Design { kind, factors: factors[..count].to_vec(), size, seed: 1, rows: Vec::new() };
        design.in_words().expect("it is sound")
    };
    assert_eq!(named(DesignKind::LatinHypercube, Some(1_200), 2), "Latin hypercube of 1,200 points over 2 keys");
    assert_eq!(named(DesignKind::Sobol, Some(256), 2), "Sobol' design of 256 base samples (1,024 points) over 2 keys");
    assert_eq!(named(DesignKind::Morris, Some(1), 2), "Morris design of 1 trajectory (3 points) over 2 keys");
    assert_eq!(named(DesignKind::Grid, None, 1), "Grid of 3 points over 1 key");
}
