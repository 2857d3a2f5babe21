use std::fs;

use ::parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::Field,
};

use super::*;
use crate::output::table::Table;

const COLUMNS: &[Column] = &[
    Column { name: std::borrow::Cow::Borrowed("replica"), unit: "", kind: Kind::Count, doc: "Number of the history" },
    Column { name: std::borrow::Cow::Borrowed("time_utc"), unit: "", kind: Kind::Time, doc: "End of the day" },
    Column { name: std::borrow::Cow::Borrowed("price_usd"), unit: "USD/BTC", kind: Kind::Number, doc: "Price" },
    Column {
        name: std::borrow::Cow::Borrowed("duration_days"),
        unit: "d",
        kind: Kind::OptionalNumber,
        doc: "Duration",
    },
    Column { name: std::borrow::Cow::Borrowed("exit_time_utc"), unit: "", kind: Kind::OptionalTime, doc: "Exit" },
    Column { name: std::borrow::Cow::Borrowed("firm"), unit: "", kind: Kind::Text, doc: "Firm" },
];

/// The twin of a table of these rows.
fn write(folder: &Path, name: &'static str, columns: &[Column], rows: &[Vec<&str>]) -> PathBuf {
    let mut recorded = Columns::new(columns.to_vec(), UnixTime::default());
    for row in rows {
        recorded.push_texts(row.iter().copied()).expect("each is of its column");
    }
    let mut twin =
        Twin::create(folder, (name, columns.to_vec()), UnixTime::default(), &[("shakeout.version", "0.1.0")])
            .expect("it is begun");
    twin.add(&[], &recorded).expect("it takes rows");
    twin.finish().expect("it is written");
    folder.join(format!("{name}.parquet"))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn reader(path: &Path) -> SerializedFileReader<File> {
    SerializedFileReader::new(File::open(path).expect("it is there")).expect("it is Parquet")
}

fn rows(path: &Path) -> Vec<Vec<(String, Field)>> {
    let reader = reader(path);
    let rows = reader.get_row_iter(None).expect("it has rows");
    rows.map(|row| {
        let row = row.expect("it can be read");
        row.get_column_iter().map(|(name, field)| (name.clone(), field.clone())).collect()
    })
    .collect()
}

#[test]
fn what_is_read_back_is_what_was_recorded() {
    let folder = folder();
    let recorded = [
        vec!["7", "2018-09-20T00:00:00Z", "6400.1", "15.5", "2018-12-31T23:59:59Z", "Bit, Dig & Co"],
        vec!["8", "1969-12-31T23:59:59Z", "1e-7", "", "", ""],
    ];
    let path = write(folder.path(), "epochs", COLUMNS, &recorded);
    let named =
        |values: [Field; 6]| -> Vec<_> { COLUMNS.iter().map(|column| column.name.to_string()).zip(values).collect() };
    assert_eq!(
        rows(&path),
        [
            named([
                Field::Long(7),
                Field::TimestampMillis(1_537_401_600_000),
                Field::Double(6400.1),
                Field::Double(15.5),
                Field::TimestampMillis(1_546_300_799_000),
                Field::Str("Bit, Dig & Co".to_owned()),
            ]),
            named([
                Field::Long(8),
                Field::TimestampMillis(-1_000),
                Field::Double(1e-7),
                Field::Null,
                Field::Null,
                Field::Str(String::new()),
            ]),
        ]
    );
    let reader = reader(&path);
    let metadata = reader.metadata().file_metadata();
    let pairs = metadata.key_value_metadata().expect("it has some");
    let value = |key: &str| pairs.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.as_deref());
    assert_eq!(value("shakeout.version"), Some("0.1.0"));
    assert_eq!(value("unit.price_usd"), Some("USD/BTC"));
    assert_eq!(value("doc.duration_days"), Some("Duration"));
    assert_eq!(metadata.created_by(), Some(concat!("shakeout ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn row_groups_are_bounded_and_bytes_repeat() {
    let folder = folder();
    let numbers: Vec<_> = (0..ROWS_PER_GROUP + 10).map(|n| (n.to_string(), format!("{}.5", n * 3))).collect();
    let rows_of = |(n, price)| vec![n, "2018-09-20T00:00:00Z", price, "1.0", "", "firm"];
    let lines: Vec<_> = numbers.iter().map(|(n, price)| rows_of((n.as_str(), price.as_str()))).collect();
    let one = write(folder.path(), "one", COLUMNS, &lines);
    let two = write(folder.path(), "two", COLUMNS, &lines);
    assert_eq!(fs::read(&one).expect("it is there"), fs::read(&two).expect("it is there"));
    let groups: Vec<_> = reader(&one)
        .metadata()
        .row_groups()
        .iter()
        .map(::parquet::file::metadata::RowGroupMetaData::num_rows)
        .collect();
    assert_eq!(groups, [65_536, 10]);
    assert_eq!(rows(&one).last().map(|row| row[2].1.clone()), Some(Field::Double(196_635.5)));
}

#[test]
fn a_table_without_rows_has_columns() {
    let folder = folder();
    for table in Table::ALL {
        let path = write(folder.path(), table.name(), &table.columns(), &[]);
        assert!(rows(&path).is_empty());
        let reader = reader(&path);
        let schema = reader.metadata().file_metadata().schema_descr();
        let names: Vec<_> = schema.columns().iter().map(|column| column.name().to_owned()).collect();
        assert_eq!(names, table.columns().iter().map(|column| column.name.to_string()).collect::<Vec<_>>());
    }
}

#[test]
fn a_column_of_gaps_alone_keeps_its_rows() {
    let folder = folder();
    let column = Column {
        name: std::borrow::Cow::Borrowed("duration_days"),
        unit: "d",
        kind: Kind::OptionalNumber,
        doc: "Duration",
    };
    let path = write(folder.path(), "gaps", &[column], &[vec![""], vec![""]]);
    assert_eq!(rows(&path), vec![vec![("duration_days".to_owned(), Field::Null)]; 2]);
}
