//! A folder that goes on without what could not be run.

use super::{
    csv::Rows,
    disk::DiskError,
    folder::PartialFolder,
    sink::{Lost, Sink},
};

/// Makes the row of an item that is lost.
type LostRow<'a> = &'a dyn Fn(u64, &Lost) -> Vec<u8>;

/// Writes a folder's tables, of which `failed` is the last, and what is lost into that one.
pub struct Keeping<'a> {
    folder: &'a mut PartialFolder,
    row: Option<LostRow<'a>>,
}

impl std::fmt::Debug for Keeping<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeping").field("folder", self.folder).finish_non_exhaustive()
    }
}

impl<'a> Keeping<'a> {
    /// With the row of an item that is lost; without one (`--fail-fast`) the first such item ends the queue.
    pub fn new(folder: &'a mut PartialFolder, row: Option<LostRow<'a>>) -> Self {
        Self { folder, row }
    }
}

impl Sink for Keeping<'_> {
    type Output = Rows;
    type Error = DiskError;

    fn accept(&mut self, item: u64, Rows(mut rows): Rows) -> Result<(), DiskError> {
        rows.resize_with(self.folder.table_count(), Vec::new);
        self.folder.accept(item, Rows(rows))
    }

    fn lose(&mut self, item: u64, lost: Lost) -> Result<Option<Lost>, DiskError> {
        let Some(row) = self.row else { return Ok(Some(lost)) };
        let mut rows = vec![Vec::new(); self.folder.table_count()];
        if let Some(last) = rows.last_mut() {
            *last = row(item, &lost);
        }
        self.folder.accept(item, Rows(rows)).map(|()| None)
    }
}
