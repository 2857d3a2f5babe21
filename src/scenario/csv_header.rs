//! Identifies the columns of a file by their names.

use super::nearest::nearest;

/// A column of a csv file.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in messages.
    pub name: &'static str,
    /// Alternative names, in lower case with `_` between words.
    also: &'static [&'static str],
    /// Whether it is required.
    pub required: bool,
}

impl Column {
    /// The column of instants, with the names that price exports use.
    pub const DATE: Self = Self::required("date").or(&[
        "time",
        "timestamp",
        "datetime",
        "date_time",
        "day",
        "date_utc",
        "time_utc",
        "timestamp_utc",
        "datetime_utc",
        "start_time_utc",
        "open_time",
        "snapped_at",
        "unix",
        "unix_time",
        "unix_timestamp",
        "epoch",
    ]);

    /// The column with the beginning of an hour, with the names that power markets use.
    pub const HOUR: Self = Self::required("time").or(&[
        "date",
        "datetime",
        "date_time",
        "timestamp",
        "hour",
        "hour_beginning",
        "interval_start",
        "interval_start_utc",
        "interval_start_local",
        "delivery_start",
        "start",
        "time_utc",
        "timestamp_utc",
        "datetime_utc",
        "datetime_beginning_utc",
        "utc",
        "mtu_utc",
        "unix",
        "unix_time",
        "unix_timestamp",
        "epoch",
    ]);
    /// The column with the time of the first block of a difficulty epoch.
    pub const EPOCH_START: Self =
        Self::required("start_time_utc").or(&["start", "date", "time", "timestamp", "start_time", "datetime"]);
    /// The column with the height of the first block of a difficulty epoch.
    pub const EPOCH_HEIGHT: Self = Self::required("start_height").or(&["height", "block_height"]);

    /// A required column.
    pub const fn required(name: &'static str) -> Self {
        Self { name, also: &[], required: true }
    }

    /// A required column by its names, its own name first.
    pub const fn of(names: &'static [&'static str]) -> Self {
        match names {
            [name, also @ ..] => Self::required(name).or(also),
            [] => panic!("a column has a name"),
        }
    }

    /// An optional column.
    pub const fn optional(name: &'static str) -> Self {
        Self { name, also: &[], required: false }
    }

    /// The same column, but optional.
    #[must_use]
    pub const fn not_required(self) -> Self {
        Self { required: false, ..self }
    }

    /// Adds alternative names.
    #[must_use]
    pub const fn or(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }
}

/// The result of looking for one column in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The column has this index.
    At(usize),
    /// The column does not exist.
    Nowhere,
    /// Several columns match.
    Several(Vec<usize>),
    /// No column matches, but this similar name was probably meant.
    Misspelt(usize),
}

/// Finds each column among the names of a header. Case and the characters between words are ignored: `Price (USD)` is `price_usd`.
/// The name of the column has priority over its alternative names.
pub fn find(columns: &[Column], header: &[String]) -> Vec<Found> {
    let plain: Vec<String> = header.iter().map(|name| plain(name)).collect();
    let found: Vec<Found> = columns.iter().map(|column| find_one(column, &plain)).collect();
    let taken = |index: usize| found.contains(&Found::At(index));
    let misspelt = |column: &Column| {
        let others = || (0..plain.len()).filter(|&index| !taken(index));
        let meant = nearest(column.name, others().map(|index| plain[index].as_str()))?;
        others().find(|&index| plain[index] == meant).map(Found::Misspelt)
    };
    let settle = |(column, found): (&Column, &Found)| match found {
        Found::Nowhere => misspelt(column).unwrap_or(Found::Nowhere),
        _ => found.clone(),
    };
    columns.iter().zip(&found).map(settle).collect()
}

fn find_one(column: &Column, plain: &[String]) -> Found {
    let all =
        |is: &dyn Fn(&str) -> bool| -> Vec<usize> { (0..plain.len()).filter(|&index| is(&plain[index])).collect() };
    let own = all(&|name| name == column.name);
    let found = if own.is_empty() { all(&|name| column.also.contains(&name)) } else { own };
    match found[..] {
        [] => Found::Nowhere,
        [index] => Found::At(index),
        _ => Found::Several(found),
    }
}

/// A name in lower case, with `_` for the characters between its words.
fn plain(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// The separator of a header: the most frequent of comma, semicolon, tab and bar outside quotes.
pub fn delimiter(header: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        if !quoted && let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte) {
            *count += 1;
        }
    }
    // Of equally frequent ones, the first; a comma if there is none.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: [Column; 3] =
        [Column::DATE, Column::required("price_usd").or(&["price", "close"]), Column::optional("weight")];

    fn found(header: &str) -> Vec<Found> {
        let names: Vec<String> = header.split(',').map(str::to_owned).collect();
        find(&PRICE, &names)
    }

    #[test]
    fn a_column_is_found_by_name_among_others() {
        use Found::{At, Misspelt, Nowhere, Several};
        for (header, wanted) in [
            ("date,price_usd", [At(0), At(1), Nowhere]),
            (",Date,Open,High,Low,Close,Adj Close", [At(1), At(5), Nowhere]),
            ("Unix Timestamp,date,Price (USD)", [At(1), At(2), Nowhere]),
            ("snapped_at,price,market_cap,WEIGHT", [At(0), At(1), At(3)]),
            ("time,price,close", [At(0), Several(vec![1, 2]), Nowhere]),
            ("date,date,pirce_usd,wieght", [Several(vec![0, 1]), Misspelt(2), Misspelt(3)]),
            ("a,b", [Nowhere, Nowhere, Nowhere]),
        ] {
            assert_eq!(found(header), wanted, "{header}");
        }
    }

    #[test]
    fn the_delimiter_is_the_most_frequent_separator() {
        for (header, wanted) in [
            ("date,price", b','),
            ("date;price", b';'),
            ("date\tprice", b'\t'),
            ("a|b|c", b'|'),
            ("date", b','),
            ("", b','),
            ("\"a;b;c\",d", b','),
        ] {
            assert_eq!(delimiter(header), wanted, "{header}");
        }
    }
}
