use super::example::{GOOD, Shelf, bad, changed};

/// A row of the example, what it is changed to, and what must be said: the message, the bytes underlined, the label, a part of the help.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const CASES: [Case; 64] = [
    (
        "format = 1",
        "format = 2",
        "`format` is 2, but must be at most 1",
        "2",
        "must be at most 1",
        "Version of the scenario language",
    ),
    ("title = \"Two miners\"", "", "`title` is missing", "", "", "Title on charts"),
    (
        "title = \"Two miners\"",
        "title = 3",
        "`title` must be text in quotes, not a whole number",
        "3",
        "this is a whole number",
        "Title on charts",
    ),
    (
        "sources = [\"made up\"]",
        "sources = [1]",
        "`sources` must be text in quotes, not a whole number",
        "1",
        "this is a whole number",
        "free text",
    ),
    (
        "question = ",
        "qestion = ",
        "`qestion` is not a known key",
        "qestion",
        "did you mean `question`?",
        "the keys at the top are format, title",
    ),
    (
        "start = \"2018-09-20\"",
        "start = \"20 Sep\"",
        "`run.start` must be a date such as 2018-09-20 or 2018-09-20T12:00:00Z",
        "\"20 Sep\"",
        "not a date",
        "First instant",
    ),
    (
        "start = \"2018-09-20\"",
        "start = \"2018-02-30\"",
        "`run.start` must be a date such as 2018-09-20 or 2018-09-20T12:00:00Z",
        "\"2018-02-30\"",
        "not a date",
        "First instant",
    ),
    (
        "start = \"2018-09-20\"",
        "start = \"1066-10-14\"",
        "`run.start` must be between 1970 and 2200",
        "\"1066-10-14\"",
        "not in that time",
        "First instant",
    ),
    (
        "days = 180",
        "days = \"180\"",
        "`run.days` must be a number, not text",
        "\"180\"",
        "this is text",
        "days, in d: Length of the run.",
    ),
    (
        "days = 180",
        "days = -180",
        "`run.days` is -180, but must be above 0",
        "-180",
        "must be above 0",
        "Length of the run.",
    ),
    ("days = 180", "days = 0", "`run.days` is 0, but must be above 0", "0", "must be above 0", "Length of the run."),
    ("days = 180", "days = nan", "`run.days` must be a finite number", "nan", "not finite", "Length of the run."),
    ("days = 180", "days = inf", "`run.days` must be a finite number", "inf", "not finite", "Length of the run."),
    (
        "days = 180",
        "days = 40000",
        "`run.days` is 40000, but must be at most 36500",
        "40000",
        "must be at most 36500",
        "Length of the run.",
    ),
    (
        "step = \"1d\"",
        "step = \"7h\"",
        "`run.step` must be `block`, or a duration that divides a day, such as 1d, 6h or 30min",
        "\"7h\"",
        "must be `block`, or a duration that divides a day, such as 1d, 6h or 30min",
        "decisions are updated",
    ),
    (
        "step = \"1d\"",
        "step = \"0d\"",
        "`run.step` must be `block`, or a duration that divides a day, such as 1d, 6h or 30min",
        "\"0d\"",
        "must be `block`, or a duration that divides a day, such as 1d, 6h or 30min",
        "decisions are updated",
    ),
    (
        "step = \"1d\"",
        "step = \"1s\"",
        "the run has 15552000 steps, more than 1e7",
        "\"1s\"",
        "too short a step",
        "lengthen `run.step`",
    ),
    (
        "replicas = 20",
        "replicas = 2.5",
        "`run.replicas` must be a whole number, not a number",
        "2.5",
        "this is a number",
        "histories",
    ),
    (
        "replicas = 20",
        "replicas = 1000000000000000000",
        "`run.replicas` is 1e18, but must be at most 100000000",
        "1000000000000000000",
        "must be at most 100000000",
        "histories",
    ),
    (
        "seed = 7",
        "seed = 99999999999999999999",
        "`run.seed` is 1e20, but must be below 2^63",
        "99999999999999999999",
        "must be below 2^63",
        "all random numbers",
    ),
    (
        "height = 542304",
        "hieght = 542304",
        "`chain.height` is missing",
        "[chain]",
        "needs `height`",
        "Height of the last block",
    ),
    (
        "difficulty = 7.1526e12",
        "",
        "`chain.difficulty` or `nbits` is missing",
        "[chain]",
        "needs one of them",
        "compact target",
    ),
    (
        "difficulty = 7.1526e12",
        "difficulty = 7.1526e12\nnbits = \"172819a1\"",
        "`chain.difficulty` and `nbits` are both given",
        "7.1526e12",
        "one of the two",
        "either as a number",
    ),
    (
        "difficulty = 7.1526e12",
        "difficulty = 0.5",
        "`chain.difficulty` is easier than `pow_limit` allows",
        "0.5",
        "difficulty must be at least 1",
        "easiest compact target",
    ),
    (
        "difficulty = 7.1526e12",
        "nbits = \"17\"",
        "`chain.nbits` must be a compact target of eight hexadecimal digits, such as \"1d00ffff\"",
        "\"17\"",
        "must be a compact target of eight hexadecimal digits, such as \"1d00ffff\"",
        "Exact compact target",
    ),
    (
        "arrivals = \"poisson\"",
        "arrivals = \"posson\"",
        "`chain.arrivals` must be one of fluid, poisson, exact",
        "\"posson\"",
        "did you mean `poisson`?",
        "How blocks arrive",
    ),
    (
        "blocks = 942",
        "blocks = 942000",
        "`chain.history` has 942000 blocks, but the chain only 542304",
        "[{ blocks = 942000, minutes = 10.0 }]",
        "more blocks than the chain has",
        "ends with the block",
    ),
    (
        "minutes = 10.0",
        "minute = 10.0",
        "`chain.history[0].minutes` is missing",
        "{ blocks = 942, minute = 10.0 }",
        "needs `minutes`",
        "Length of each interval",
    ),
    (
        "[chain.retarget.asert]",
        "[chain.retarget.asret]",
        "`chain.retarget.asret` is not a known kind",
        "asret",
        "did you mean `asert`?",
        "the kinds in [chain.retarget] are bitcoin, asert",
    ),
    (
        "half_life_days = 2.0",
        "half_life_days = 2.0\nwindow = 3",
        "`chain.retarget.asert.window` is not a known key",
        "window",
        "unknown",
        "the keys in [chain.retarget.asert] are half_life_days",
    ),
    (
        "[chain.fees.knots]",
        "[chain.retarget.lwma]\n[chain.fees.knots]",
        "`chain.retarget` is both `asert` and `lwma`",
        "asert",
        "one",
        "keep one",
    ),
    (
        "[\"2018-12-01\", 0.2]",
        "[\"2018-12-01\", -0.2]",
        "`chain.fees.knots.points` is -0.2, but must be at least 0",
        "-0.2",
        "must be at least 0",
        "Dates and fees",
    ),
    (
        "[\"2018-12-01\", 0.2]",
        "[\"2018-09-01\", 0.2]",
        "the dates of `chain.fees.knots.points` are not in order",
        "[\"2018-09-01\", 0.2]",
        "not after 2018-09-20",
        "later than the one before",
    ),
    (
        "[\"2018-12-01\", 0.2]",
        "0.2",
        "`chain.fees.knots.points` must be a pair such as [\"2018-09-20\", 6493.0], not a number",
        "0.2",
        "this is a number",
        "Dates and fees",
    ),
    ("[price.knots]", "[pirce.knots]", "`[price]` is missing", "", "", "The coin's price"),
    (
        "[price.knots]\npoints = [[\"2018-09-01\", 7000.0], [\"2018-09-20\", 6493.0], [\"2019-03-20\", 4000.0]]",
        "[price.gbm]\nvolatility_per_year = 0.7",
        "`price.gbm.start_usd` is missing",
        "[price.gbm]",
        "needs `start_usd`",
        "Price at the start",
    ),
    (
        "[\"2019-03-20\", 4000.0]",
        "[\"2019-03-20\", 0]",
        "`price.knots.points` is 0, but must be at least 1e-6",
        "0",
        "must be at least 1e-6",
        "Dates and prices",
    ),
    (
        "at = \"2018-11-14\"",
        "at = \"2019-11-14\"",
        "`event.crash.price_shock.at` is outside the run",
        "\"2019-11-14\"",
        "the run is from 2018-09-20 to 2019-03-19",
        "enabled = false",
    ),
    (
        "half_life_days = 2.0",
        "half_life_days = -2",
        "`chain.retarget.asert.half_life_days` is -2, but must be at least 0.001",
        "-2",
        "must be at least 0.001",
        "Time behind schedule",
    ),
    (
        "[chain.retarget.asert]\nhalf_life_days = 2.0",
        "[chain.retarget.fixed_window]\nwindow = 0",
        "`chain.retarget.fixed_window.window` is 0, but must be at least 1",
        "0",
        "must be at least 1",
        "Blocks between retargets",
    ),
    (
        "[chain.retarget.asert]\nhalf_life_days = 2.0",
        "[chain.retarget.fixed_window]\nwindow = 1",
        "`chain.retarget.fixed_window.window` has no gap to measure",
        "1",
        "one block has no gap before the next",
        "gaps = ",
    ),
    (
        "[chain.retarget.asert]\nhalf_life_days = 2.0",
        "[chain.retarget.fixed_window]\nclamp = 0.5",
        "`chain.retarget.fixed_window.clamp` is 0.5, but must be above 1",
        "0.5",
        "must be above 1",
        "Largest factor",
    ),
    (
        "[chain.retarget.asert]\nhalf_life_days = 2.0",
        "[chain.retarget.fixed_window]\ngaps = \"all\"",
        "`chain.retarget.fixed_window.gaps` must be one of window-1, window",
        "\"all\"",
        "unknown",
        "Gaps measured",
    ),
    (
        "[chain.retarget.asert]\nhalf_life_days = 2.0",
        "[chain.retarget.lwma]\nwindow = 0",
        "`chain.retarget.lwma.window` is 0, but must be at least 2",
        "0",
        "must be at least 2",
        "Blocks averaged",
    ),
    (
        "[chain.retarget.asert]\nhalf_life_days = 2.0",
        "[chain.retarget.lwma]\nwindow = 100001",
        "`chain.retarget.lwma.window` is 100001, but must be at most 100000",
        "100001",
        "must be at most 100000",
        "Blocks averaged",
    ),
    (
        "[event.crash.price_shock]\nat = \"2018-11-14\"\nfactor = 0.6",
        "[event.crash.curtailment]\nat = \"2018-11-14\"\nshare = 0",
        "`event.crash.curtailment.share` is 0, but must be above 0",
        "0",
        "must be above 0",
        "Share of the affected running hashrate",
    ),
    (
        "[event.crash.price_shock]\nat = \"2018-11-14\"\nfactor = 0.6",
        "[event.crash.curtailment]\nat = \"2018-11-14\"\nshare = 45",
        "`event.crash.curtailment.share` is 45, but must be at most 1",
        "45",
        "must be at most 1",
        "Share of the affected running hashrate",
    ),
    (
        "[event.crash.price_shock]\nat = \"2018-11-14\"\nfactor = 0.6",
        "[event.crash.curtailment]\nat = \"2018-11-14\"\nclasses = [\"hmoe\"]",
        "`event.crash.curtailment.classes` names `hmoe`, which no miner has",
        "[\"hmoe\"]",
        "unknown",
        "there are home, public",
    ),
    (
        "[event.crash.price_shock]\nat = \"2018-11-14\"\nfactor = 0.6",
        "[event.crash.curtailment]\nat = \"2018-11-14\"\nregions = [\"moon\"]",
        "`event.crash.curtailment.regions` names `moon`, which no miner has",
        "[\"moon\"]",
        "unknown",
        "there are world",
    ),
    (
        "[event.crash.price_shock]",
        "[event.crash.shock]",
        "`event.crash.shock` is not a known key",
        "shock",
        "unknown",
        "the keys in [event.crash] are enabled, price_shock, curtailment",
    ),
    (
        "[event.crash.price_shock]",
        "[event.\"a b\".price_shock]",
        "`a b` cannot be a name",
        "\"a b\"",
        "not a name",
        "letters, digits",
    ),
    (
        "share = 0.7",
        "share = 0.5",
        "class shares add up to 0.8, not 1",
        "0.3",
        "0.8 in all: 0.2 is missing",
        "fractions of the network's hashrate",
    ),
    (
        "share = 0.7",
        "share = 1.7",
        "`class.public.share` is 1.7, but must be at most 1",
        "1.7",
        "must be at most 1",
        "Share of installed hashrate",
    ),
    (
        "share = 0.4",
        "share = 0.5",
        "fleet shares add up to 1.1, not 1",
        "0.5",
        "0.6 so far, this adds 0.5",
        "installed hashrate",
    ),
    (
        "option = 0.5",
        "option = 0.6",
        "the rules of `class.public.rules` add up to 1.1, not 1",
        "0.6",
        "0.5 so far, this adds 0.6",
        "lots that follow it",
    ),
    (
        "firms = 10",
        "firms = 1000000000000000000",
        "`class.home.firms` is 1e18, but must be at most 1000000",
        "1000000000000000000",
        "must be at most 1000000",
        "Number of agents.",
    ),
    ("firms = 10", "firms = 1000000", "there are more than 1000000 firms", "1000000", "1000016 with these", "weight"),
    (
        "[class.home]\nshare = 0.3\nfirms = 10",
        "[class.pool]\nshare = 0.3",
        "`class.pool.firms` is missing",
        "[class.pool]",
        "needs `firms`",
        "Number of agents.",
    ),
    (
        "cash_months = 4",
        "",
        "`class.public.cash_months` is missing",
        "[class.public]",
        "needs `cash_months`",
        "in months of running",
    ),
    (
        "machine = \"Antminer S9 (13.5Th)\"",
        "machine = \"Antminer S9 (13.6Th)\"",
        "`Antminer S9 (13.6Th)` is not in the machine catalogue",
        "\"Antminer S9 (13.6Th)\"",
        "did you mean `Antminer S9 (13.5Th)`?",
        "shakeout hardware",
    ),
    (
        "machine = \"Antminer S9 (13.5Th)\"",
        "machine = \"Antminer S9 (13.5Th)\"\neco = true",
        "`fleet.s9` has no eco mode",
        "true",
        "released 2017-09, before 2019",
        "2019",
    ),
    (
        "hashrate_th_per_s = 20.0",
        "",
        "`fleet.own` needs a `machine`, or own `hashrate_th_per_s` and `efficiency_j_per_th`",
        "[fleet.own]",
        "no machine",
        "not both",
    ),
    (
        "[60, 2], [14]",
        "[6, 2], [14]",
        "`operation.restart_delays` is not in order",
        "[6, 2]",
        "not above 7",
        "off for longer",
    ),
    (
        "question = \"Who stays?\"",
        "power = 3",
        "`power` must be a table, not a whole number",
        "3",
        "this is a whole number",
        "write `[power]` on a line of its own",
    ),
];

#[test]
fn every_mistake_is_shown_at_its_bytes() {
    for (from, to, message, underlined, label, help) in CASES {
        let mut text = changed(from, to);
        if to == "power = 3" {
            text = text.replace("[power]\npue = 1.05\n", "");
        }
        let problems = bad(&text);
        let rendered = problems.render(false, 100);
        let problem = problems
            .iter()
            .find(|problem| problem.message == message)
            .unwrap_or_else(|| panic!("`{message}` is not among\n{rendered}"));
        let bytes = problem.labels.first().map_or("", |label| problems.underlined(label));
        assert_eq!(bytes, underlined, "{rendered}");
        assert_eq!(problem.labels.first().map_or("", |label| label.text.as_str()), label, "{rendered}");
        assert!(problem.help.contains(help), "{rendered}");
        assert!(problems.len() <= 2, "one mistake, more than two problems:\n{rendered}");
    }
}

#[test]
fn all_mistakes_are_found_in_one_pass() {
    let text = changed("days = 180", "days = -1")
        .replace("arrivals = \"poisson\"", "arrivals = \"often\"")
        .replace("share = 0.4", "share = 0.9")
        .replace("pue = 1.05", "pue = 0.5\nupe = 2");
    let problems = bad(&text);
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    let wanted = [
        "`run.days` is -1, but must be above 0",
        "`chain.arrivals` must be one of fluid, poisson, exact",
        "fleet shares add up to 1.5, not 1",
        "`power.pue` is 0.5, but must be at least 1",
        "`power.upe` is not a known key",
    ];
    assert_eq!(messages, wanted);
}

#[test]
fn an_empty_file_lacks_each_required_part_once() {
    let problems = bad("");
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    let wanted = [
        "`format` is missing",
        "`title` is missing",
        "`[run]` is missing",
        "`[chain]` is missing",
        "`[price]` is missing",
        "there is no `[class.NAME]`",
        "there is no `[fleet.NAME]`",
    ];
    assert_eq!(messages, wanted);
}

#[test]
fn every_syntax_error_is_shown() {
    let problems = bad(&changed("days = 180", "days = = 180").replace("pue = 1.05", "pue = 1.0.5"));
    assert!(problems.len() >= 2, "{}", problems.render(false, 100));
    assert!(problems.iter().all(|problem| problem.code == "scenario::syntax" && !problem.labels.is_empty()));
}

#[test]
fn no_text_at_all_makes_it_panic() {
    // Every prefix of the example, and the example with every line dropped or doubled.
    for end in (0..GOOD.len()).step_by(7).filter(|&end| GOOD.is_char_boundary(end)) {
        let _ = Shelf::default().read_str(&GOOD[..end], &[]).map_err(|problems| problems.render(false, 80));
    }
    let lines: Vec<&str> = GOOD.lines().collect();
    for left_out in 0..lines.len() {
        let text: Vec<&str> =
            lines.iter().enumerate().filter(|(index, _)| *index != left_out).map(|(_, line)| *line).collect();
        let _ = Shelf::default().read_str(&text.join("\n"), &[]).map_err(|problems| problems.render(false, 80));
        let text: Vec<&str> = lines
            .iter()
            .enumerate()
            .flat_map(|(index, line)| std::iter::repeat_n(*line, 1 + usize::from(index == left_out)))
            .collect();
        let _ = Shelf::default().read_str(&text.join("\n"), &[]).map_err(|problems| problems.render(false, 80));
    }
}

#[test]
fn any_value_in_place_of_any_other_is_a_problem_or_fine_but_no_panic() {
    for line in GOOD.lines().filter(|line| line.contains(" = ")) {
        let (key, _) = line.split_once(" = ").expect("the line has one");
        for value in [
            "nan",
            "-inf",
            "1e308",
            "-1",
            "0",
            "1e-300",
            "9223372036854775807",
            "\"\"",
            "\"x\"",
            "true",
            "[]",
            "[[]]",
            "{}",
            "[{}]",
            "2018-09-20",
            "[[1, 2, 3]]",
            "[[inf]]",
        ] {
            let text = GOOD.replacen(line, &format!("{key} = {value}"), 1);
            let _ = Shelf::default().read_str(&text, &[]).map_err(|problems| problems.render(false, 80));
        }
    }
}
