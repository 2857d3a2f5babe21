use super::{
    convert::{Fault, date, integer, node_of, not_a_choice, number, parsed, path, plain, text, wrong_type},
    other_units::other_unit,
    problem::Problem,
    section::{Named, Section},
    series,
    shape::{Field, Spec, ValueKind, ValueSpec},
    shares::{at_most_one, must_add_up},
    tree::{Node, Place, Value},
};
use crate::{
    declare::{ClockOf, Form, Key, KeyKind, ReadKeys, Regular, RunSpan},
    units::{Days, Seconds, UnixTime},
};

/// What happens when a key is not written.
#[derive(Clone, Copy)]
enum Need<T> {
    Required,
    Optional,
    Default(T),
}

fn text_of<T: ToString>(value: &T) -> Value {
    Value::Text(value.to_string())
}

impl ReadKeys for Section<'_> {
    fn number(&mut self, key: Key) -> f64 {
        let placeholder = key.range.high.map_or(1.0, |(high, _)| high.min(1.0));
        self.settle_number(key, Need::Required).unwrap_or(placeholder)
    }

    fn number_or(&mut self, key: Key, default: f64) -> f64 {
        self.settle_number(key, Need::Default(default)).unwrap_or(default)
    }

    fn optional_number(&mut self, key: Key) -> Option<f64> {
        self.settle_number(key, Need::Optional)
    }

    fn optional_numbers(&mut self, key: Key) -> Option<Vec<f64>> {
        self.settle_all(key, ValueKind::Numbers, Need::Optional, Vec::new(), |item| number(item, key.range))
    }

    fn integer(&mut self, key: Key) -> u64 {
        self.settle_integer(key, Need::Required).unwrap_or(1)
    }

    fn integer_or(&mut self, key: Key, default: u64) -> u64 {
        self.settle_integer(key, Need::Default(default)).unwrap_or(default)
    }

    fn boolean_or(&mut self, key: Key, default: bool) -> bool {
        let read = |node: &Node| match node.value {
            Value::Boolean(value) => Ok(value),
            _ => Err(wrong_type(node, "true or false")),
        };
        let need = Need::Default(default);
        self.settle(key, ValueKind::Boolean, need, |value| Value::Boolean(*value), read).unwrap_or(default)
    }

    fn text(&mut self, key: Key) -> String {
        self.settle(key, ValueKind::Text, Need::Required, text_of, text).unwrap_or_default()
    }

    fn text_or(&mut self, key: Key, default: &str) -> String {
        self.settle(key, ValueKind::Text, Need::Default(default.to_owned()), text_of, text).unwrap_or_default()
    }

    fn optional_text(&mut self, key: Key) -> Option<String> {
        self.settle(key, ValueKind::Text, Need::Optional, text_of, text)
    }

    fn form_or<T: Form>(&mut self, key: Key, default: T) -> T {
        self.form(key, Need::Default(default.clone())).unwrap_or(default)
    }

    fn optional_form<T: Form>(&mut self, key: Key) -> Option<T> {
        self.form(key, Need::Optional)
    }

    fn date(&mut self, key: Key) -> UnixTime {
        self.settle(key, ValueKind::Date, Need::Required, text_of, date).unwrap_or_default()
    }

    fn optional_date(&mut self, key: Key) -> Option<UnixTime> {
        self.settle(key, ValueKind::Date, Need::Optional, text_of, date)
    }

    fn texts(&mut self, key: Key) -> Vec<String> {
        self.settle_all(key, ValueKind::Texts, Need::Default(()), Vec::new(), text).unwrap_or_default()
    }

    fn choice_or<T: Copy + PartialEq>(&mut self, key: Key, default: T, choices: &[(&'static str, T)]) -> T {
        let names: Vec<&'static str> = choices.iter().map(|(name, _)| *name).collect();
        let write = |value: &T| {
            let (name, _) =
                choices.iter().find(|(_, choice)| choice == value).expect("the value is one of the choices");
            Value::Text((*name).to_owned())
        };
        let read = |node: &Node| {
            let word = text(node)?;
            let chosen = choices.iter().find(|(name, _)| *name == word);
            chosen.map(|(_, value)| *value).ok_or_else(|| not_a_choice(node, &word, &names))
        };
        self.settle(key, ValueKind::Choice(names.clone()), Need::Default(default), write, read).unwrap_or(default)
    }

    fn kind<T>(&mut self, default: Option<&'static str>, kinds: &[KeyKind<'_, Self, T>]) -> Option<T> {
        self.read_kind(default, kinds)
    }

    fn optional_table<T>(&mut self, name: &'static str, doc: &'static str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.subtable(name, doc, false, read)
    }

    fn table_if_written<T>(
        &mut self,
        name: &'static str,
        doc: &'static str,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let mut child = self.child(name);
        let is_written = self.entry(name).is_some();
        child.mute_unless(is_written);
        let value = read(&mut child);
        let shape = child.finish();
        self.shape.fields.push(Field { name, doc, required: false, spec: Spec::Table(shape) });
        is_written.then_some(value)
    }

    fn each<T>(&mut self, name: &'static str, doc: &'static str, read: &dyn Fn(&mut Self) -> T) -> Vec<T> {
        self.read_each(name, doc, read)
    }

    fn day_steps_or(&mut self, key: Key, default: &[(f64, f64)]) -> Vec<(Seconds, Seconds)> {
        let mark = self.reading.mark();
        let steps = self.day_pairs_or(key, default);
        let clean = self.reading.clean_since(mark);
        for pair in steps.windows(2) {
            if clean && pair[1].0.get() <= pair[0].0.get() {
                let message = format!("`{}` is not in order", self.name_of(key.name));
                let label = if pair[0].0.get().is_finite() {
                    format!("not above {}", Days::from(pair[0].0).get())
                } else {
                    "nothing can follow the last".to_owned()
                };
                let help = "each pair is for lots that were off for longer than the one before";
                self.report(Problem::new("scenario::order", message).at(pair[1].2, label).help(help));
            }
        }
        steps.into_iter().map(|(to, value, _)| (to, value)).collect()
    }

    fn tables<T>(&mut self, key: Key, read: impl Fn(&mut Self) -> T) -> Vec<T> {
        let mut described = Section::description(self.reading);
        read(&mut described);
        let mut values = Vec::new();
        let entry = self.entry(key.name);
        if let Some(items) = entry.and_then(|entry| entry.node.value.as_list()) {
            for (index, item) in items.iter().enumerate().filter(|(_, item)| item.value.as_table().is_some()) {
                let mut section = self.item(key.name, index, item);
                values.push(read(&mut section));
                section.finish();
            }
        }
        self.settle_all(key, ValueKind::Tables(described.finish()), Need::Default(()), Vec::new(), |item| {
            item.value.as_table().map(|_| ()).ok_or_else(|| wrong_type(item, "a table"))
        });
        values
    }

    fn points(&mut self, key: Key) -> Vec<(Seconds, f64)> {
        series::points(self, key, true)
    }

    fn optional_points(&mut self, key: Key) -> Vec<(Seconds, f64)> {
        series::points(self, key, false)
    }

    fn series(&mut self, key: Key, column: &'static [&'static str]) -> Vec<(Seconds, f64)> {
        series::series(self, key, column)
    }

    fn daily(&mut self, key: Key, column: &'static [&'static str]) -> Option<Vec<f64>> {
        series::daily(self, key, column)
    }

    fn regular(&mut self, key: Key, column: &'static [&'static str], clock: ClockOf) -> Regular {
        series::regular(self, key, column, clock)
    }

    fn regions(&mut self, key: Key) -> Vec<String> {
        self.named(key, false)
    }

    fn classes(&mut self, key: Key) -> Vec<String> {
        self.named(key, true)
    }

    fn run(&self) -> RunSpan {
        self.reading.run.get()
    }

    fn is_description(&self) -> bool {
        self.is_quiet()
    }

    fn is_written(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    fn name(&self) -> String {
        self.path().join(".")
    }

    fn last_name(&self) -> &str {
        self.path().last().map_or("", String::as_str)
    }

    fn name_of(&self, key: &str) -> String {
        let mut name = self.path().join(".");
        if !name.is_empty() {
            name.push('.');
        }
        name + key
    }

    fn must_add_up(&self, what: &str, shares: &[(f64, String)], help: &str) {
        must_add_up(self, what, &self.placed(shares), help);
    }

    fn at_most_one(&self, what: &str, shares: &[(f64, String)], help: &str) {
        at_most_one(self, what, &self.placed(shares), help);
    }

    fn problems(&self) -> usize {
        self.reading.mark()
    }

    fn refuse(&self, code: &'static str, message: String, (key, label): (&str, String), help: &str) {
        self.report(Problem::new(code, message).at(self.place_of(key), label).help(help));
    }
}

impl Section<'_> {
    /// A file's path, given as relative to the file that names it and kept as relative to the scenario's own folder.
    pub fn path_of(&mut self, key: Key) -> String {
        let reading = self.reading;
        self.settle(key, ValueKind::Text, Need::Required, text_of, |node| path(node, reading)).unwrap_or_default()
    }

    /// A path that may be left out.
    pub fn optional_path(&mut self, key: Key) -> Option<String> {
        let reading = self.reading;
        self.settle(key, ValueKind::Text, Need::Optional, text_of, |node| path(node, reading))
    }

    /// Names of regions or classes, which are checked when the miners have been read.
    fn named(&mut self, key: Key, are_classes: bool) -> Vec<String> {
        let names = self.texts(key);
        if !self.is_quiet() {
            let (key, place) = (self.name_of(key.name), self.place_of(key.name));
            self.reading.named.borrow_mut().push(Named { names: names.clone(), are_classes, key, place });
        }
        names
    }

    fn form<T: Form>(&mut self, key: Key, need: Need<T>) -> Option<T> {
        self.settle(key, ValueKind::Text, need, |value| Value::Text(value.write()), |node| parsed(node, T::parse))
    }

    /// A list of (date, number); each with its place.
    pub(super) fn dated_numbers(&mut self, key: Key, required: bool) -> Vec<(UnixTime, f64, Place)> {
        let need = if required { Need::Required } else { Need::Optional };
        let read = self.settle_all(key, ValueKind::DatedNumbers, need, Vec::new(), |item| match item.value.as_list() {
            Some([first, second]) => Ok((date(first)?, number(second, key.range)?, item.place)),
            _ => Err(wrong_type(item, "a pair such as [\"2018-09-20\", 6493.0]")),
        });
        read.unwrap_or_default()
    }

    /// Shares with the places of their keys, in the order in which they are written, so that the one that overshoots is the one that a reader would
    /// name.
    fn placed(&self, shares: &[(f64, String)]) -> Vec<(f64, Option<Place>)> {
        let mut placed: Vec<_> = shares.iter().map(|(share, key)| (*share, self.place_below(key))).collect();
        placed.sort_by_key(|(_, place)| place.map(|place| (place.source, place.start)));
        placed
    }

    /// A list of (up to, value) in days, whose last may lack its first or have `inf` there.
    fn day_pairs_or(&mut self, key: Key, default: &[(f64, f64)]) -> Vec<(Seconds, Seconds, Option<Place>)> {
        let days = |days: f64| Seconds::new(days * 86_400.0);
        let written = default.iter().map(|(first, second)| {
            let numbers = if first.is_infinite() { vec![*second] } else { vec![*first, *second] };
            Value::List(numbers.into_iter().map(|number| node_of(Value::Float(number))).collect())
        });
        let written = written.map(node_of).collect();
        let unwritten = || default.iter().map(|(first, second)| (days(*first), days(*second), None)).collect();
        let second_of = |node: &Node| number(node, key.range);
        let read = self.settle_all(key, ValueKind::NumberPairs, Need::Default(()), written, |item| {
            match item.value.as_list() {
                Some([second]) => Ok((f64::INFINITY, second_of(second)?, item.place)),
                Some([first, second]) if first.value.as_number() == Some(f64::INFINITY) => {
                    Ok((f64::INFINITY, second_of(second)?, item.place))
                }
                Some([first, second]) => Ok((number(first, key.range)?, second_of(second)?, item.place)),
                _ => Err(wrong_type(item, "a pair such as [7, 0.25], or for the last only the delay, [14]")),
            }
        });
        match read {
            Some(pairs) => {
                pairs.into_iter().map(|(first, second, place)| (days(first), days(second), Some(place))).collect()
            }
            None => unwritten(),
        }
    }

    fn settle_number(&mut self, key: Key, need: Need<f64>) -> Option<f64> {
        self.settle(key, ValueKind::Number, need, |value| Value::Float(*value), |node| number(node, key.range))
    }

    fn settle_integer(&mut self, key: Key, need: Need<u64>) -> Option<u64> {
        self.settle(
            key,
            ValueKind::Integer,
            need,
            |value| Value::Integer(i128::from(*value)),
            |node| integer(node, key.range),
        )
    }

    fn settle_all<T>(
        &mut self,
        key: Key,
        kind: ValueKind,
        need: Need<()>,
        default: Vec<Node>,
        convert: impl Fn(&Node) -> Result<T, Fault>,
    ) -> Option<Vec<T>> {
        let has_default = matches!(need, Need::Default(()));
        let spec = ValueSpec { key, kind, default: has_default.then(|| Value::List(default.clone())) };
        self.declare(&spec, matches!(need, Need::Required));
        let Some(entry) = self.entry(key.name) else {
            match need {
                Need::Required => self.missing(&key),
                Need::Default(()) => self.record(&key, Value::List(default), None),
                Need::Optional => {}
            }
            return None;
        };
        let Some(items) = entry.node.value.as_list() else {
            self.fault(&spec, wrong_type(&entry.node, "a list"));
            return None;
        };
        let mut values = Vec::new();
        for item in items {
            match convert(item) {
                Ok(value) => values.push(value),
                Err(fault) => self.fault(&spec, fault),
            }
        }
        self.record(&key, plain(&entry.node.value, &spec.kind), Some(entry.node.place));
        Some(values)
    }

    fn settle<T: Clone>(
        &mut self,
        key: Key,
        kind: ValueKind,
        need: Need<T>,
        write: impl Fn(&T) -> Value,
        convert: impl Fn(&Node) -> Result<T, Fault>,
    ) -> Option<T> {
        let default = match &need {
            Need::Default(default) if key.derived.is_empty() => Some(write(default)),
            _ => None,
        };
        let spec = ValueSpec { key, kind, default };
        self.declare(&spec, matches!(need, Need::Required));
        let Some(entry) = self.entry(key.name) else {
            return match need {
                Need::Required => {
                    self.missing(&key);
                    None
                }
                Need::Optional => None,
                Need::Default(default) => {
                    self.record(&key, write(&default), None);
                    Some(default)
                }
            };
        };
        match convert(&entry.node) {
            Ok(value) => {
                self.record(&key, write(&value), Some(entry.node.place));
                Some(value)
            }
            Err(fault) => {
                self.fault(&spec, fault);
                None
            }
        }
    }

    fn declare(&mut self, spec: &ValueSpec, required: bool) {
        let Key { name, doc, .. } = spec.key;
        self.shape.fields.push(Field { name, doc, required, spec: Spec::Value(spec.clone()) });
    }

    fn missing(&self, key: &Key) {
        let problem = Problem::new("scenario::missing", format!("`{}` is missing", self.name_of(key.name)));
        self.report(problem.at(self.header(), format!("needs `{}`", key.name)).help(help(key)));
    }

    fn fault(&self, spec: &ValueSpec, fault: Fault) {
        let key = &spec.key;
        let problem = Problem::new(fault.code, format!("`{}` {}", self.name_of(key.name), fault.message));
        let meant = fault.value.and_then(|value| other_unit(value, spec));
        let help = meant.map_or_else(|| help(key), |meant| format!("{meant}; {}", help(key)));
        self.report(problem.at(fault.place, fault.label).help(help));
    }
}

fn help(key: &Key) -> String {
    let unit = if key.unit.is_empty() { String::new() } else { format!(", in {}", key.unit) };
    format!("{}{unit}: {}", key.name, key.doc)
}
