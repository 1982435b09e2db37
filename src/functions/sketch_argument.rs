//! A sketch as an argument.

use crate::ffi::{Arguments, Kind, Result, SqlError, Takes};
use crate::stats::{OutOfMemory, Refused, Sketch};

/// Reads the bytes of a sketch, `None` for what is no BLOB. `refuse` makes the error from what
/// came, `None` standing for the value itself.
pub(crate) fn read_sketch(
    bytes: Option<&[u8]>,
    refuse: impl FnOnce(Option<String>) -> SqlError,
) -> Result<Sketch> {
    bytes.map_or(Err(Refused::Malformed), Sketch::decode).map_err(|refused| match refused {
        Refused::OutOfMemory => OutOfMemory.into(),
        Refused::Malformed => refuse(None),
        Refused::Version(version) => refuse(Some(format!("a sketch of version {version}"))),
        Refused::Scale(scale) => refuse(Some(format!("a sketch of scale {scale}"))),
    })
}

/// Argument 0 as a sketch; `None` for NULL.
pub(super) fn sketch(arguments: &Arguments<'_>) -> Result<Option<Sketch>> {
    let Some(value) = arguments.value(0).filter(|value| value.kind() != Kind::Null) else {
        return Ok(None);
    };
    let bytes = (value.kind() == Kind::Blob).then(|| value.blob());
    let wanted = Takes::Sketch.wanted();
    read_sketch(bytes, |got| match got {
        Some(got) => arguments.error(0, wanted, got),
        None => arguments.unexpected(0, wanted),
    })
    .map(Some)
}
