use super::{
    convert::{Fault, date, integer, node_of, not_a_choice, number, parsed, path, plain, text, wrong_type},
    other_units::other_unit,
    problem::Problem,
    section::Section,
    shape::{Field, KeyPrior, Range, Spec, Usual, ValueKind, ValueSpec},
    tree::{Node, Place, Value},
};
use crate::units::{Seconds, UnixTime};

/// A key being declared; the last call says its type and reads it.
pub struct Key<'s, 'r> {
    section: &'s mut Section<'r>,
    name: &'static str,
    doc: &'static str,
    spec: ValueSpec,
}

/// What happens when a key is not written.
#[derive(Clone, Copy)]
enum Need<T> {
    Required,
    Optional,
    Default(T),
}

impl<'s, 'r> Key<'s, 'r> {
    pub(super) fn new(section: &'s mut Section<'r>, name: &'static str, doc: &'static str) -> Self {
        Self { section, name, doc, spec: ValueSpec::default() }
    }

    /// Its unit.
    pub fn unit(mut self, unit: &'static str) -> Self {
        self.spec.unit = unit;
        self
    }

    /// Where its default comes from.
    pub fn source(mut self, source: &'static str) -> Self {
        self.spec.source = source;
        self
    }

    /// What numbers are allowed.
    pub fn range(mut self, range: Range) -> Self {
        self.spec.range = range;
        self
    }

    /// Between which numbers it usually lies, and where that comes from: a number outside is run with a warning.
    pub fn usual(mut self, low: f64, high: f64, source: &'static str) -> Self {
        self.spec.usual = Some(Usual { low, high, source });
        self
    }

    /// The same for a range that several keys share.
    pub fn usually(mut self, usual: Usual) -> Self {
        self.spec.usual = Some(usual);
        self
    }

    /// From which distribution it is drawn where nothing else is said.
    pub fn prior(mut self, prior: KeyPrior) -> Self {
        self.spec.prior = Some(prior);
        self
    }

    /// How its default follows from other keys.
    pub fn derived(mut self, how: &'static str) -> Self {
        self.spec.derived = how;
        self
    }

    /// A number that must be written.
    pub fn number(self) -> f64 {
        let range = self.spec.range;
        let placeholder = range.high.map_or(1.0, |(high, _)| high.min(1.0));
        self.settle(Need::Required, |value| Value::Float(*value), |node| number(node, range)).unwrap_or(placeholder)
    }

    /// A number.
    pub fn number_or(self, default: f64) -> f64 {
        let range = self.spec.range;
        self.settle(Need::Default(default), |value| Value::Float(*value), |node| number(node, range)).unwrap_or(default)
    }

    /// A number that need not be.
    pub fn optional_number(self) -> Option<f64> {
        let range = self.spec.range;
        self.settle(Need::Optional, |value| Value::Float(*value), |node| number(node, range))
    }

    /// A whole number that must be written.
    pub fn integer(mut self) -> u64 {
        self.spec.kind = ValueKind::Integer;
        let range = self.spec.range;
        self.settle(Need::Required, |value| Value::Integer(i128::from(*value)), |node| integer(node, range))
            .unwrap_or(1)
    }

    /// A whole number.
    pub fn integer_or(mut self, default: u64) -> u64 {
        self.spec.kind = ValueKind::Integer;
        let range = self.spec.range;
        self.settle(Need::Default(default), |value| Value::Integer(i128::from(*value)), |node| integer(node, range))
            .unwrap_or(default)
    }

    /// A whole number whose default depends on other keys, or that must be written where they give none.
    pub fn integer_or_else(self, default: Option<u64>) -> u64 {
        let quiet = self.section.is_quiet();
        match default {
            Some(default) => self.integer_or(default),
            None if quiet => self.integer_or(1),
            None => self.integer(),
        }
    }

    /// Text that must be written.
    pub fn text(mut self) -> String {
        self.spec.kind = ValueKind::Text;
        self.settle(Need::Required, |text| Value::Text(text.clone()), text).unwrap_or_default()
    }

    /// Text.
    pub fn text_or(mut self, default: &str) -> String {
        self.spec.kind = ValueKind::Text;
        self.settle(Need::Default(default.to_owned()), |text| Value::Text(text.clone()), text).unwrap_or_default()
    }

    /// Text that need not be.
    pub fn optional_text(mut self) -> Option<String> {
        self.spec.kind = ValueKind::Text;
        self.settle(Need::Optional, |text| Value::Text(text.clone()), text)
    }

    /// A file's path, given as relative to the file that names it and kept as relative to the scenario's own folder.
    pub fn path(mut self) -> String {
        self.spec.kind = ValueKind::Text;
        let reading = self.section.reading;
        self.settle(Need::Required, |path: &String| Value::Text(path.clone()), |node| path(node, reading))
            .unwrap_or_default()
    }

    /// The same, that need not be.
    pub fn optional_path(mut self) -> Option<String> {
        self.spec.kind = ValueKind::Text;
        let reading = self.section.reading;
        self.settle(Need::Optional, |path: &String| Value::Text(path.clone()), |node| path(node, reading))
    }

    /// Text in a form of its own, that need not be.
    pub fn optional_parsed<T: Clone>(
        mut self,
        write: impl Fn(&T) -> String,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.spec.kind = ValueKind::Text;
        self.settle(Need::Optional, |value| Value::Text(write(value)), |node| parsed(node, &parse))
    }

    /// Text in a form of its own.
    pub fn parsed_or<T: Clone>(
        mut self,
        default: T,
        write: impl Fn(&T) -> String,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        self.spec.kind = ValueKind::Text;
        self.settle(Need::Default(default.clone()), |value| Value::Text(write(value)), |node| parsed(node, &parse))
            .unwrap_or(default)
    }

    /// A day or an instant that must be written.
    pub fn date(mut self) -> UnixTime {
        self.spec.kind = ValueKind::Date;
        self.settle(Need::Required, |date| Value::Text(date.to_string()), date).unwrap_or_default()
    }

    /// A day or an instant that need not be.
    pub fn optional_date(mut self) -> Option<UnixTime> {
        self.spec.kind = ValueKind::Date;
        self.settle(Need::Optional, |date| Value::Text(date.to_string()), date)
    }

    /// True or false.
    pub fn boolean_or(mut self, default: bool) -> bool {
        self.spec.kind = ValueKind::Boolean;
        let read = |node: &Node| match node.value {
            Value::Boolean(value) => Ok(value),
            _ => Err(wrong_type(node, "true or false")),
        };
        self.settle(Need::Default(default), |value| Value::Boolean(*value), read).unwrap_or(default)
    }

    /// One of some words.
    pub fn choice_or<T: Clone + PartialEq>(mut self, default: &'static str, choices: &[(&'static str, T)]) -> T {
        let names: Vec<&'static str> = choices.iter().map(|(name, _)| *name).collect();
        self.spec.kind = ValueKind::Choice(names.clone());
        let default =
            choices.iter().find(|(name, _)| *name == default).expect("the default is one of the choices").1.clone();
        let write = |value: &T| {
            let (name, _) =
                choices.iter().find(|(_, choice)| choice == value).expect("the value came from the choices");
            Value::Text((*name).to_owned())
        };
        let read = |node: &Node| {
            let word = text(node)?;
            choices
                .iter()
                .find(|(name, _)| *name == word)
                .map(|(_, value)| value.clone())
                .ok_or_else(|| not_a_choice(node, &word, &names))
        };
        self.settle(Need::Default(default.clone()), write, read).unwrap_or(default)
    }

    /// A list of numbers.
    pub fn optional_numbers(mut self) -> Option<Vec<f64>> {
        self.spec.kind = ValueKind::Numbers;
        let range = self.spec.range;
        self.settle_all(Need::Optional, Vec::new(), |item| number(item, range))
    }

    /// A list of texts.
    pub fn texts(mut self) -> Vec<String> {
        self.spec.kind = ValueKind::Texts;
        self.settle_all(Need::Default(()), Vec::new(), text).unwrap_or_default()
    }

    /// A list of (date, number); each with its place.
    pub fn dated_numbers(self) -> Vec<(UnixTime, f64, Place)> {
        self.dated(Need::Required).unwrap_or_default()
    }

    /// A list of (date, number) that need not be; each with its place.
    pub fn optional_dated_numbers(self) -> Option<Vec<(UnixTime, f64, Place)>> {
        self.dated(Need::Optional)
    }

    fn dated(mut self, need: Need<()>) -> Option<Vec<(UnixTime, f64, Place)>> {
        self.spec.kind = ValueKind::DatedNumbers;
        let range = self.spec.range;
        self.settle_all(need, Vec::new(), |item| match item.value.as_list() {
            Some([first, second]) => Ok((date(first)?, number(second, range)?, item.place)),
            _ => Err(wrong_type(item, "a pair such as [\"2018-09-20\", 6493.0]")),
        })
    }

    /// A list of (from, to) in days, whose last may lack its first or have `inf` there.
    pub fn day_pairs_or(mut self, default: &[(f64, f64)]) -> Vec<(Seconds, Seconds, Option<Place>)> {
        self.spec.kind = ValueKind::NumberPairs;
        let range = self.spec.range;
        let days = |days: f64| Seconds::new(days * 86_400.0);
        let written = default.iter().map(|(first, second)| {
            let numbers = if first.is_infinite() { vec![*second] } else { vec![*first, *second] };
            Value::List(numbers.into_iter().map(|number| node_of(Value::Float(number))).collect())
        });
        let written = written.map(node_of).collect();
        let unwritten = || default.iter().map(|(first, second)| (days(*first), days(*second), None)).collect();
        let read = self.settle_all(Need::Default(()), written, |item| match item.value.as_list() {
            Some([second]) => Ok((f64::INFINITY, number(second, range)?, item.place)),
            Some([first, second]) if first.value.as_number() == Some(f64::INFINITY) => {
                Ok((f64::INFINITY, number(second, range)?, item.place))
            }
            Some([first, second]) => Ok((number(first, range)?, number(second, range)?, item.place)),
            _ => Err(wrong_type(item, "a pair such as [7, 0.25], or for the last only the delay, [14]")),
        });
        match read {
            Some(pairs) => {
                pairs.into_iter().map(|(first, second, place)| (days(first), days(second), Some(place))).collect()
            }
            None => unwritten(),
        }
    }

    /// A list of tables.
    pub fn tables<T>(mut self, read: impl Fn(&mut Section<'r>) -> T) -> Vec<T> {
        let mut described = Section::description(self.section.reading);
        read(&mut described);
        self.spec.kind = ValueKind::Tables(described.finish());
        let mut values = Vec::new();
        let entry = self.section.entry(self.name);
        if let Some(items) = entry.and_then(|entry| entry.node.value.as_list()) {
            for (index, item) in items.iter().enumerate().filter(|(_, item)| item.value.as_table().is_some()) {
                let mut section = self.section.item(self.name, index, item);
                values.push(read(&mut section));
                section.finish();
            }
        }
        self.settle_all(Need::Default(()), Vec::new(), |item| {
            item.value.as_table().map(|_| ()).ok_or_else(|| wrong_type(item, "a table"))
        });
        values
    }

    fn settle_all<T>(
        mut self,
        need: Need<()>,
        default: Vec<Node>,
        convert: impl Fn(&Node) -> Result<T, Fault>,
    ) -> Option<Vec<T>> {
        if matches!(need, Need::Default(())) {
            self.spec.default = Some(Value::List(default.clone()));
        }
        self.declare(matches!(need, Need::Required));
        let Some(entry) = self.section.entry(self.name) else {
            match need {
                Need::Required => self.missing(),
                Need::Default(()) => self.section.record(self.name, self.doc, &self.spec, Value::List(default), None),
                Need::Optional => {}
            }
            return None;
        };
        let Some(items) = entry.node.value.as_list() else {
            self.fault(wrong_type(&entry.node, "a list"));
            return None;
        };
        let mut values = Vec::new();
        for item in items {
            match convert(item) {
                Ok(value) => values.push(value),
                Err(fault) => self.fault(fault),
            }
        }
        let plain = plain(&entry.node.value, &self.spec.kind);
        self.section.record(self.name, self.doc, &self.spec, plain, Some(entry.node.place));
        Some(values)
    }

    fn settle<T: Clone>(
        mut self,
        need: Need<T>,
        write: impl Fn(&T) -> Value,
        convert: impl Fn(&Node) -> Result<T, Fault>,
    ) -> Option<T> {
        if let Need::Default(default) = &need
            && self.spec.derived.is_empty()
        {
            self.spec.default = Some(write(default));
        }
        self.declare(matches!(need, Need::Required));
        let Some(entry) = self.section.entry(self.name) else {
            return match need {
                Need::Required => {
                    self.missing();
                    None
                }
                Need::Optional => None,
                Need::Default(default) => {
                    self.section.record(self.name, self.doc, &self.spec, write(&default), None);
                    Some(default)
                }
            };
        };
        match convert(&entry.node) {
            Ok(value) => {
                self.section.record(self.name, self.doc, &self.spec, write(&value), Some(entry.node.place));
                Some(value)
            }
            Err(fault) => {
                self.fault(fault);
                None
            }
        }
    }

    fn declare(&mut self, required: bool) {
        let spec = Spec::Value(self.spec.clone());
        self.section.shape.fields.push(Field { name: self.name, doc: self.doc, required, spec });
    }

    fn help(&self) -> String {
        let unit = if self.spec.unit.is_empty() { String::new() } else { format!(", in {}", self.spec.unit) };
        format!("{}{unit}: {}", self.name, self.doc)
    }

    fn missing(&self) {
        let problem = Problem::new("scenario::missing", format!("`{}` is missing", self.section.name_of(self.name)));
        self.section.report(problem.at(self.section.header(), format!("needs `{}`", self.name)).help(self.help()));
    }

    fn fault(&self, fault: Fault) {
        let problem = Problem::new(fault.code, format!("`{}` {}", self.section.name_of(self.name), fault.message));
        let meant = fault.value.and_then(|value| other_unit(self.name, value, &self.spec));
        let help = meant.map_or_else(|| self.help(), |meant| format!("{meant}; {}", self.help()));
        self.section.report(problem.at(fault.place, fault.label).help(help));
    }
}
