use super::*;

fn parse(text: &str) -> Levels {
    let factor = Factor::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(factor.key, "a.b");
    factor.levels
}

fn choices(values: &[&str]) -> Levels {
    Levels::Choices(values.iter().map(|&value| value.to_owned()).collect())
}

#[test]
fn factors_are_read_as_written() {
    assert_eq!(parse("a.b=bitcoin,asert"), choices(&["bitcoin", "asert"]));
    assert_eq!(parse(" a.b = 0.10 , 1e3 "), choices(&["0.10", "1e3"]));
    assert_eq!(
        parse(r#"a.b="x, y",'\', [1, 2], { c = "}", d = 3 }"#),
        choices(&[r#""x, y""#, r"'\'", "[1, 2]", r#"{ c = "}", d = 3 }"#])
    );
    assert_eq!(parse(r#"a.b="a\",b",c"#), choices(&[r#""a\",b""#, "c"]));
    assert_eq!(parse(r#"a.b=x="1""#), choices(&[r#"x="1""#]));
    assert_eq!(parse("a.b=0.04..0.08"), Levels::Range { low: 0.04, high: 0.08, steps: None, log: false });
    assert_eq!(parse("a.b= -1 .. 1_000 : 5 "), Levels::Range { low: -1.0, high: 1000.0, steps: Some(5), log: false });
    // Two dots that are part of a value do not make a range.
    assert_eq!(parse("a.b=../up.csv,../../price.csv"), choices(&["../up.csv", "../../price.csv"]));
    assert_eq!(parse("a.b=\"1..2\""), choices(&["\"1..2\""]));
}

#[test]
fn errors_of_factors_quote_the_text_and_name_the_remedy() {
    for (text, message) in [
        ("a.b", "`a.b` does not say what to vary; write KEY=V1,V2 or KEY=LO..HI:N"),
        ("=1,2", "`=1,2` names no key; write KEY=V1,V2 or KEY=LO..HI:N"),
        ("a.b=", "`a.b=` has an empty value; write each value between commas once, and \"\" for an empty text"),
        ("a.b=1,,2", "`a.b=1,,2` has an empty value; write each value between commas once, and \"\" for an empty text"),
        ("a.b=1,2,1", "`a.b` has the value `1` twice; leave one out"),
        (
            "a.b=1..2,5",
            "`a.b=1..2,5` has a range among other values; give either one range or all values, or quote the text that has two dots",
        ),
        (
            "a.b=low..5:3",
            "`low` in `a.b=low..5:3` is not a finite number; write LO..HI or LO..HI:N, or quote the text that has two dots",
        ),
        (
            "a.b=1..",
            "`` in `a.b=1..` is not a finite number; write LO..HI or LO..HI:N, or quote the text that has two dots",
        ),
        (
            "a.b=0..nan",
            "`nan` in `a.b=0..nan` is not a finite number; write LO..HI or LO..HI:N, or quote the text that has two dots",
        ),
        (
            "a.b=0..1e999",
            "`1e999` in `a.b=0..1e999` is not a finite number; write LO..HI or LO..HI:N, or quote the text that has two dots",
        ),
        ("a.b=2..1:3", "the range 2..1 of `a.b` is empty; its low end must be below its high end"),
        ("a.b=0.5..0.5", "the range 0.5..0.5 of `a.b` is empty; its low end must be below its high end"),
        (
            "a.b=1..2:1",
            "`1` in `a.b=1..2:1` is not a number of values; write LO..HI:N with a whole N of at least 2, or LO..HI:N:log",
        ),
        (
            "a.b=1..2:many",
            "`many` in `a.b=1..2:many` is not a number of values; write LO..HI:N with a whole N of at least 2, or LO..HI:N:log",
        ),
    ] {
        assert_eq!(Factor::parse(text).expect_err(text).to_string(), message);
    }
}

#[test]
fn a_factor_built_in_code_is_checked() {
    let made = |levels| Factor { key: "a".to_owned(), levels };
    assert!(made(choices(&["1"])).check().is_ok());
    assert!(made(choices(&[])).check().is_err());
    assert!(made(choices(&["1", " "])).check().is_err());
    for (low, high, steps) in [(f64::NAN, 1.0, None), (0.0, f64::INFINITY, None), (1.0, 0.0, None), (0.0, 1.0, Some(1))]
    {
        assert!(made(Levels::Range { low, high, steps, log: false }).check().is_err(), "{low}..{high}:{steps:?}");
    }
    assert!(Factor { key: String::new(), levels: choices(&["1"]) }.check().is_err());
}

#[test]
fn evenly_spaced_values_are_rounded_to_short_decimals() {
    let levels = |text: &str| -> Vec<String> {
        let factor = Factor::parse(text).expect("it is a range");
        factor.values().expect("it has steps")
    };
    assert_eq!(levels("a=0.1..0.5:5"), ["0.1", "0.2", "0.3", "0.4", "0.5"]);
    assert_eq!(levels("a=-0.3..0.3:3"), ["-0.3", "0", "0.3"]);
    assert_eq!(levels("a=1..10:4"), ["1", "4", "7", "10"]);
    assert_eq!(levels("a=1e20..2e20:2"), ["1e20", "2e20"]);
    // The ends are exact to the last bit.
    assert_eq!(levels("a=0.12345678901234568..0.9:2")[0], "0.12345678901234568");
    assert_eq!(levels("a=-1.7e308..1.7e308:3"), ["-1.7e308", "0", "1.7e308"]);
}

#[test]
fn a_quantile_maps_to_the_value_of_a_factor() {
    let three = Factor::parse("a=x,y,z").expect("it is one");
    let at = [0.0, 0.33, 1.0 / 3.0, 0.66, 2.0 / 3.0, 0.99, 1.0].map(|quantile| three.at(quantile));
    assert_eq!(at, ["x", "x", "y", "y", "z", "z", "z"]);
    let range = Factor::parse("a=10..20").expect("it is one");
    assert_eq!([0.0, 0.25, 1.0].map(|quantile| range.at(quantile)), ["10", "12.5", "20"]);
    let stepped = Factor::parse("a=10..20:3").expect("it is one");
    assert_eq!([0.0, 0.3, 0.5, 0.9].map(|quantile| stepped.at(quantile)), ["10", "10", "15", "20"]);
    let wide = Factor::parse("a=-1.7e308..1.7e308").expect("it is one");
    assert_eq!(wide.at(0.5), "0");
}

#[test]
fn a_logarithmic_range_is_even_in_logarithms() {
    let steps = Factor::parse("a=0.1..1000:5:log").expect("it is a range");
    assert_eq!(steps.values().expect("it has steps"), ["0.1", "1", "10", "100", "1000"]);
    let range = Factor::parse("a=1..100:log").expect("it is a range");
    assert_eq!(range.levels, Levels::Range { low: 1.0, high: 100.0, steps: None, log: true });
    assert_eq!((range.at(0.0), range.at(1.0)), ("1".to_owned(), "100".to_owned()));
    assert!((range.at(0.5).parse::<f64>().expect("a number") - 10.0).abs() < 1e-12);
    for wrong in ["a=0..1:log", "a=-1..1:3:log", "a=1..2:log:3", "a=1..2:logs"] {
        assert!(Factor::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn tables_show_texts_without_their_quotes() {
    let values = ["bitcoin", r#""sell all""#, "'1.5'", r#""say \"a\"""#, "2.5", r#"["a"]"#];
    let expected = ["bitcoin", "sell all", "1.5", "say \"a\"", "2.5", r#"["a"]"#];
    assert_eq!(values.map(|value| shown(value).into_owned()), expected);
}
