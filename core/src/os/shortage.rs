//! Whether descriptors have run out, for callers who can set some free and try again.

use std::cell::Cell;
use std::io;

thread_local! {
    static RAN_OUT: Cell<bool> = const { Cell::new(false) };
}

/// Has this thread wanted a descriptor that there was not (`EMFILE`, `ENFILE`) since this was last asked?
pub fn descriptors_ran_out() -> bool {
    RAN_OUT.replace(false)
}

/// Passes on what made a descriptor, or did not.
pub(super) fn noted<T>(outcome: io::Result<T>) -> io::Result<T> {
    if let Err(error) = &outcome
        && matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
    {
        RAN_OUT.set(true);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once() {
        let _ = noted::<()>(Err(io::Error::from_raw_os_error(libc::ECONNREFUSED)));
        assert!(!descriptors_ran_out());
        let _ = noted::<()>(Err(io::Error::from_raw_os_error(libc::EMFILE)));
        assert!(descriptors_ran_out() && !descriptors_ran_out());
    }
}
