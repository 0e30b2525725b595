//! The Python module `ocpplog._native`: arguments in, Arrow streams out. No rule of OCPP stands here.

mod error;
mod options;
mod scan;
mod source;
mod stream;
mod verbs;
mod wait;
mod words;

use pyo3::prelude::*;

/// The module; its stub is `python/ocpplog/_native.pyi`.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::scan::{Batches, Scanner};
    #[pymodule_export]
    use super::stream::Table;
    #[pymodule_export]
    use super::verbs::{detect, parse, read, rebuild};
    #[pymodule_export]
    use super::words::{flags, layouts, reasons, rules, schema, tables};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
