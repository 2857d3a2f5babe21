//! Tables for other programs without a copy: the Arrow C data interface over the columns in memory.
//!
//! The structs are those of the [specification](https://arrow.apache.org/docs/format/CDataInterface.html), which asks for raw pointers and
//! callbacks; that is why this file, and no other, has `unsafe`. It replaces an export through csv, by which 200 replicas with all their
//! tables take a third more CPU (measured in the package's README). Each exported struct holds a share of the table, so that the buffers
//! live as long as anyone reads them.
#![expect(
    unsafe_code,
    reason = "the Arrow C data interface is made of raw pointers; through csv 200 replicas take a third more CPU"
)]

use crate::columns::{Column, Frame};
use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    ptr,
    sync::Arc,
};

/// A cell of a column may be empty.
const NULLABLE: i64 = 2;

/// `struct ArrowSchema` of the specification.
#[repr(C)]
pub struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private_data: *mut c_void,
}

/// `struct ArrowArray` of the specification.
#[repr(C)]
pub struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Option<unsafe extern "C" fn(*mut Array)>,
    private_data: *mut c_void,
}

/// `struct ArrowArrayStream` of the specification.
#[repr(C)]
pub struct Stream {
    get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private_data: *mut c_void,
}

/// What a schema points to.
struct OwnedSchema {
    format: CString,
    name: CString,
    metadata: Vec<u8>,
    children: Vec<*mut Schema>,
}

/// What an array points to.
struct OwnedArray {
    _frame: Arc<Frame>,
    buffers: Vec<*const c_void>,
    children: Vec<*mut Array>,
}

/// What a stream of one batch has left to give.
struct OwnedStream {
    frame: Arc<Frame>,
    is_given: bool,
}

// SAFETY: the pointers are to memory that the struct owns or shares by an `Arc`, none of which is changed after it is made.
unsafe impl Send for Schema {}
// SAFETY: as above.
unsafe impl Send for Array {}
// SAFETY: as above; the consumer calls a stream from one thread at a time, as the specification asks.
unsafe impl Send for Stream {}

impl Schema {
    /// That of a whole table: a struct whose fields are the columns.
    pub fn of_frame(frame: &Frame) -> Self {
        Self::new(c"+s", "", &[], 0, frame.columns().iter().map(Self::of_column).collect())
    }

    /// That of a column, with its unit and definition as metadata.
    pub fn of_column(column: &Column) -> Self {
        let flags = if column.may_be_empty() { NULLABLE } else { 0 };
        Self::new(column.format(), column.name(), &column.metadata(), flags, Vec::new())
    }

    fn new(format: &CStr, name: &str, metadata: &[(&str, &str)], flags: i64, children: Vec<Self>) -> Self {
        let mut owned = Box::new(OwnedSchema {
            format: format.to_owned(),
            // A name comes from a key of TOML, which may hold any character but this.
            name: CString::new(name.replace('\0', "")).unwrap_or_default(),
            metadata: encoded(metadata),
            children: children.into_iter().map(|child| Box::into_raw(Box::new(child))).collect(),
        });
        Self {
            format: owned.format.as_ptr(),
            name: owned.name.as_ptr(),
            metadata: if metadata.is_empty() { ptr::null() } else { owned.metadata.as_ptr().cast() },
            flags,
            n_children: length(owned.children.len()),
            children: owned.children.as_mut_ptr(),
            dictionary: ptr::null_mut(),
            release: Some(release_schema),
            private_data: Box::into_raw(owned).cast(),
        }
    }
}

impl Array {
    /// The rows of a whole table.
    pub fn of_frame(frame: &Arc<Frame>) -> Self {
        let children = (0..frame.columns().len()).map(|place| Self::of_column(frame, place)).collect();
        Self::new(frame, 0, vec![ptr::null()], children)
    }

    /// The cells of one column.
    pub fn of_column(frame: &Arc<Frame>, place: usize) -> Self {
        let column = &frame.columns()[place];
        let validity = column.validity().map_or(ptr::null(), |bits| bits.as_ptr().cast());
        let mut buffers = vec![validity];
        buffers.extend(column.buffers().into_iter().map(<*const u8>::cast::<c_void>));
        Self::new(frame, column.empty_cells(), buffers, Vec::new())
    }

    fn new(frame: &Arc<Frame>, null_count: usize, buffers: Vec<*const c_void>, children: Vec<Self>) -> Self {
        let children: Vec<_> = children.into_iter().map(|child| Box::into_raw(Box::new(child))).collect();
        let mut owned = Box::new(OwnedArray { _frame: Arc::clone(frame), buffers, children });
        Self {
            length: length(frame.len()),
            null_count: length(null_count),
            offset: 0,
            n_buffers: length(owned.buffers.len()),
            n_children: length(owned.children.len()),
            buffers: owned.buffers.as_mut_ptr(),
            children: owned.children.as_mut_ptr(),
            dictionary: ptr::null_mut(),
            release: Some(release_array),
            private_data: Box::into_raw(owned).cast(),
        }
    }
}

impl Stream {
    /// A stream of one batch, the whole table.
    pub fn of_frame(frame: &Arc<Frame>) -> Self {
        let owned = Box::new(OwnedStream { frame: Arc::clone(frame), is_given: false });
        Self {
            get_schema: Some(stream_schema),
            get_next: Some(stream_next),
            get_last_error: Some(stream_error),
            release: Some(release_stream),
            private_data: Box::into_raw(owned).cast(),
        }
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: it is released once; whoever moves the struct out leaves no callback behind.
            unsafe { release(self) }
        }
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: as for a schema.
            unsafe { release(self) }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: as for a schema.
            unsafe { release(self) }
        }
    }
}

unsafe extern "C" fn release_schema(schema: *mut Schema) {
    // SAFETY: the consumer calls this once with a struct that `Schema::new` made.
    unsafe {
        let owned = Box::from_raw((*schema).private_data.cast::<OwnedSchema>());
        (*schema).release = None;
        owned.children.iter().for_each(|&child| drop(Box::from_raw(child)));
    }
}

unsafe extern "C" fn release_array(array: *mut Array) {
    // SAFETY: the consumer calls this once with a struct that `Array::new` made. A child that was moved out has no callback left.
    unsafe {
        let owned = Box::from_raw((*array).private_data.cast::<OwnedArray>());
        (*array).release = None;
        owned.children.iter().for_each(|&child| drop(Box::from_raw(child)));
    }
}

unsafe extern "C" fn release_stream(stream: *mut Stream) {
    // SAFETY: the consumer calls this once with a struct that `Stream::of_frame` made.
    unsafe {
        drop(Box::from_raw((*stream).private_data.cast::<OwnedStream>()));
        (*stream).release = None;
    }
}

unsafe extern "C" fn stream_schema(stream: *mut Stream, out: *mut Schema) -> c_int {
    // SAFETY: the stream is not released, and `out` is room for a struct.
    unsafe {
        let owned = &*(*stream).private_data.cast::<OwnedStream>();
        out.write(Schema::of_frame(&owned.frame));
    }
    0
}

unsafe extern "C" fn stream_next(stream: *mut Stream, out: *mut Array) -> c_int {
    // SAFETY: the stream is not released, and `out` is room for a struct. A struct without a callback is the end.
    unsafe {
        let owned = &mut *(*stream).private_data.cast::<OwnedStream>();
        if std::mem::replace(&mut owned.is_given, true) {
            ptr::write_bytes(out, 0, 1);
        } else {
            out.write(Array::of_frame(&owned.frame));
        }
    }
    0
}

/// Nothing here can fail.
unsafe extern "C" fn stream_error(_: *mut Stream) -> *const c_char {
    ptr::null()
}

/// Pairs as the specification has them: their number, then each text behind its length.
fn encoded(pairs: &[(&str, &str)]) -> Vec<u8> {
    let length = |length: usize| i32::try_from(length).unwrap_or(i32::MAX).to_ne_bytes();
    let mut bytes = length(pairs.len()).to_vec();
    for text in pairs.iter().flat_map(|&(key, value)| [key, value]) {
        bytes.extend_from_slice(&length(text.len()));
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
