//! What happens when nobody reads the output any more: `cargo xtask help ci | head -1`.

use std::panic;
use std::process;

/// What a shell reports of a program that SIGPIPE has ended.
const BROKEN_PIPE: i32 = 141;

/// From here on a reader who has gone ends this program without a word, as other programs do it. `print!` would panic.
pub(crate) fn end_with_the_reader() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let text = info.payload().downcast_ref::<String>();
        if text.is_some_and(|text| text.starts_with("failed printing to std")) {
            process::exit(BROKEN_PIPE);
        }
        usual(info);
    }));
}
