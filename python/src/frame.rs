//! Tables and columns as Python holds them.

use crate::{
    arrow::{Array, Schema, Stream},
    columns::{Column, Frame, Parts},
};
use pyo3::{
    prelude::*,
    types::{PyBytes, PyCapsule, PyDict, PyString, PyTuple},
};
use shakeout::{declare::Values, study::MemoryTable, units::UnixTime};
use std::sync::Arc;

/// A table.
#[pyclass(frozen, module = "shakeout._native")]
#[derive(Clone, Debug)]
pub struct NativeFrame(Arc<Frame>);

impl NativeFrame {
    pub fn of(table: MemoryTable) -> Self {
        Self(Arc::new(Frame::of(table)))
    }

    /// The values as the library keeps them, instants counted from `start`.
    pub fn values(&self, start: UnixTime) -> Vec<Values> {
        self.0.values(start)
    }
}

#[pymethods]
impl NativeFrame {
    /// A table from the columns that [`Self::__reduce__`] gives.
    #[new]
    fn new(rows: usize, columns: Vec<Parts>) -> PyResult<Self> {
        let frame = Frame::of_parts(rows, columns);
        let told = || pyo3::exceptions::PyValueError::new_err("these are the columns of no table");
        Ok(Self(Arc::new(frame.ok_or_else(told)?)))
    }

    /// How it is pickled.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let parts = self.0.columns().iter().map(|column| {
            let (name, unit, definition, is_optional, absent, kind, cells, text, validity) = column.parts();
            let bytes = |bytes: Vec<u8>| PyBytes::new(py, &bytes);
            (name, unit, definition, is_optional, absent, kind, bytes(cells), text, validity.map(bytes))
        });
        (py.get_type::<Self>(), (self.0.len(), parts.collect::<Vec<_>>())).into_pyobject(py)
    }

    /// Nobody changes it, so that a copy can be the same.
    fn __deepcopy__(&self, memo: &Bound<'_, PyAny>) -> Self {
        let _ = memo;
        self.clone()
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// The columns, in order.
    fn columns(&self) -> Vec<NativeColumn> {
        (0..self.0.columns().len()).map(|place| NativeColumn { frame: Arc::clone(&self.0), place }).collect()
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        PyCapsule::new_with_value(py, Schema::of_frame(&self.0), c"arrow_schema")
    }

    /// The specification allows to give another schema than the one that is asked for.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        PyCapsule::new_with_value(py, Stream::of_frame(&self.0), c"arrow_array_stream")
    }
}

/// A column of a table.
#[pyclass(frozen, module = "shakeout._native")]
#[derive(Clone, Debug)]
pub struct NativeColumn {
    frame: Arc<Frame>,
    place: usize,
}

impl NativeColumn {
    fn column(&self) -> &Column {
        &self.frame.columns()[self.place]
    }
}

#[pymethods]
impl NativeColumn {
    /// The column at this place of a table.
    #[new]
    fn new(frame: &NativeFrame, place: usize) -> PyResult<Self> {
        let told = || pyo3::exceptions::PyIndexError::new_err("there is no such column");
        frame.0.columns().get(place).ok_or_else(told)?;
        Ok(Self { frame: Arc::clone(&frame.0), place })
    }

    /// How it is pickled: with its table.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let frame = NativeFrame(Arc::clone(&self.frame));
        (py.get_type::<Self>(), (frame, self.place)).into_pyobject(py)
    }

    /// Nobody changes it, so that a copy can be the same.
    fn __deepcopy__(&self, memo: &Bound<'_, PyAny>) -> Self {
        let _ = memo;
        self.clone()
    }

    #[getter]
    fn name(&self) -> &str {
        self.column().name()
    }

    /// Unit, type and definition, and what an empty cell of a metric means.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let pairs = PyDict::new(py);
        self.column().metadata().into_iter().try_for_each(|(key, value)| pairs.set_item(key, value))?;
        Ok(pairs)
    }

    /// How many cells are empty.
    #[getter]
    fn empty_cells(&self) -> usize {
        self.column().empty_cells()
    }

    /// A bit for each row, 1 where there is a value, the first in the lowest bit; `None` where every cell has one.
    #[getter]
    fn validity(&self) -> Option<&[u8]> {
        self.column().validity()
    }

    /// The texts of a column of texts.
    fn texts<'py>(&self, py: Python<'py>) -> Option<Vec<Bound<'py, PyString>>> {
        self.column().texts(py)
    }

    fn __len__(&self) -> usize {
        self.frame.len()
    }

    /// How `NumPy` reads the values in place; of texts there is none.
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let Some((kind, address)) = self.column().plain() else {
            return Err(pyo3::exceptions::PyAttributeError::new_err("a column of texts has no values in place"));
        };
        let order = if cfg!(target_endian = "little") { '<' } else { '>' };
        let interface = PyDict::new(py);
        interface.set_item("version", 3)?;
        interface.set_item("shape", (self.frame.len(),))?;
        interface.set_item("typestr", format!("{order}{kind}"))?;
        // Nobody may write into what other tables share.
        interface.set_item("data", (address, true))?;
        Ok(interface)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        PyCapsule::new_with_value(py, Schema::of_column(self.column()), c"arrow_schema")
    }

    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let _ = requested_schema;
        let array = PyCapsule::new_with_value(py, Array::of_column(&self.frame, self.place), c"arrow_array")?;
        PyTuple::new(py, [self.__arrow_c_schema__(py)?, array])
    }
}
