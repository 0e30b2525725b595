//! Errors as the exceptions of `ocpplog.exceptions`.

use crate::error::Error;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

/// The exceptions are Python classes, so that they can be pickled; here they only have names.
mod classes {
    #![allow(missing_docs)]
    pyo3::import_exception!(ocpplog.exceptions, InputError);
    pyo3::import_exception!(ocpplog.exceptions, InternalError);
    pyo3::import_exception!(ocpplog.exceptions, LogFormatError);
    pyo3::import_exception!(ocpplog.exceptions, MissingInputError);
    pyo3::import_exception!(ocpplog.exceptions, OptionError);
    pyo3::import_exception!(ocpplog.exceptions, TooManyRejectsError);
    pyo3::import_exception!(ocpplog.exceptions, UnknownLayoutError);
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Option { .. } | Error::Messages(_) => classes::OptionError::new_err(message),
            Error::Missing { .. } => classes::MissingInputError::new_err(message),
            Error::Input { .. } => classes::InputError::new_err(message),
            Error::UnknownLayout { .. } => classes::UnknownLayoutError::new_err(message),
            Error::Format { file, line, byte, reason, .. } => {
                classes::LogFormatError::new_err((message, file, line, byte, reason))
            }
            Error::TooManyRejects { .. } => classes::TooManyRejectsError::new_err(message),
            Error::Cancelled => PyKeyboardInterrupt::new_err(()),
            Error::Internal(_) => classes::InternalError::new_err(message),
        }
    }
}
