//! Results of a sweep in memory, written into a result folder without simulating again.

use super::{
    Folder, OpenSweep, Sweep, SweepResults,
    folder::{Filling, interrupted, rows},
};
use crate::{
    output::keeping::Keeping,
    study::{FolderOutcome, Lost, Sink as _, StudyError, Work},
};

impl SweepResults {
    /// Writes these results of a sweep into a folder. Its tables have the bytes that simulating into the folder gives.
    ///
    /// # Errors
    /// When the folder contains something else, a disk operation fails, or the work is stopped.
    pub fn save(&self, of: &Sweep, folder: &Folder<'_>, work: &mut Work<'_>) -> Result<FolderOutcome, StudyError> {
        if let Some(mut open) = OpenSweep::open(of, folder, work)? {
            open.copy(self, work)?;
            open.finish()?;
        }
        FolderOutcome::of(folder.path.clone(), of.places().end)
    }
}

impl OpenSweep<'_> {
    /// Writes the missing runs from memory.
    fn copy(&mut self, results: &SweepResults, work: &mut Work<'_>) -> Result<(), StudyError> {
        let Self { sweep, folder, partial, twins, .. } = self;
        let (experiment, unfinished, places) =
            (&sweep.experiment, partial.partial().to_owned(), partial.next()..sweep.places().end);
        let row = |place: u64, lost: &Lost| sweep.lost_row(place, lost);
        let row: &dyn Fn(u64, &Lost) -> Vec<u8> = &row;
        let (rows, mut filling) = (rows(sweep, folder), Filling { keeping: Keeping::new(partial, Some(row)), twins });
        let total = places.end;
        for place in places {
            if work.is_stopped() {
                return Err(interrupted(place, &unfinished));
            }
            let (point, replica) = experiment.split(place);
            if let Some((_, lost)) = results.failed.iter().find(|(failed, _)| *failed == (point, replica)) {
                filling.lose(place, lost.clone())?;
            } else {
                filling.accept(place, rows(point, &experiment.values(point), &results.recorded(point, replica)))?;
            }
            work.progress(place + 1, total);
        }
        Ok(())
    }
}
