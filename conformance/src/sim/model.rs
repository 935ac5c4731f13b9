//! The naive reference: what a receive must return, byte by byte, without buffers or chunks.

use std::time::Duration;

use moonsocket_core::{Cr, ErrorKind, Pattern};

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) pattern: Pattern,
    pub(crate) prefix: Vec<u8>,
    pub(crate) maximum: usize,
    pub(crate) peek: bool,
    pub(crate) dont_wait: bool,
    pub(crate) tell_signals: bool,
    pub(crate) whole: Option<Duration>,
    pub(crate) each: Option<Duration>,
}

/// How the stream ends after its last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Not at all.
    Open,
    Finished,
    Reset,
}

/// What a pattern makes of some bytes.
#[derive(Debug, PartialEq, Eq)]
struct Naive {
    value: Vec<u8>,
    /// How many bytes completed it.
    complete: Option<usize>,
}

fn naive(asked: &Asked, bytes: &[u8]) -> Naive {
    let mut value = asked.prefix.clone();
    if matches!(asked.pattern, Pattern::Exact(count) if count <= value.len()) {
        return Naive { value, complete: Some(0) };
    }
    for (at, &byte) in bytes.iter().enumerate() {
        let complete = match asked.pattern {
            Pattern::Until { end, cr } if byte == end => {
                if cr == Cr::Keep && end == b'\n' {
                    value.push(byte);
                } else if cr == Cr::DropLast && value.last() == Some(&b'\r') {
                    value.pop();
                }
                true
            }
            Pattern::Until { cr: Cr::DropAll, .. } if byte == b'\r' => false,
            Pattern::Until { .. } | Pattern::Some(_) | Pattern::All => {
                value.push(byte);
                false
            }
            Pattern::Exact(count) => {
                value.push(byte);
                value.len() == count
            }
        };
        if complete {
            return Naive { value, complete: Some(at + 1) };
        }
    }
    Naive { value, complete: None }
}

/// Checks a receive. `rest`: what the peer sends after what was consumed before; `used`: how many bytes of it
/// this receive consumed.
pub(crate) fn check(
    asked: &Asked,
    outcome: &Result<Vec<u8>, (ErrorKind, Vec<u8>)>,
    rest: &[u8],
    used: usize,
    ending: Ending,
) {
    let show =
        || format!("{asked:?} -> {outcome:?}, {used} of {:?}", rest.escape_ascii().to_string());
    assert!(used <= rest.len(), "bytes from nowhere: {}", show());
    if asked.peek {
        return check_look(asked, outcome, rest, used);
    }
    let taken = naive(asked, &rest[..used]);
    let all = naive(asked, rest);
    let too_long = all.value.len() > asked.maximum;
    match outcome {
        Ok(value) => {
            match asked.pattern {
                Pattern::Some(most) => {
                    assert!((1.min(most)..=most).contains(&used), "{}", show());
                }
                Pattern::All => {
                    let whole = used == rest.len() && used > 0 && ending == Ending::Finished;
                    assert!(whole, "{}", show());
                }
                _ => assert_eq!(taken.complete, Some(used), "{}", show()),
            }
            assert_eq!(value, &taken.value, "{}", show());
            let fits = value.len() <= asked.maximum || used == 0;
            assert!(fits, "more than the maximum: {}", show());
        }
        Err((kind, partial)) => {
            let some = matches!(asked.pattern, Pattern::Some(_));
            // A signal is told before anything else is done.
            let told = matches!(kind, ErrorKind::Signal(_));
            assert!(
                told || taken.complete.is_none_or(|at| at > used),
                "it was complete: {}",
                show()
            );
            assert!(!some || used == 0 || *kind == ErrorKind::Oversized, "{}", show());
            assert_eq!(partial, &taken.value, "the partial result: {}", show());
            match kind {
                ErrorKind::EndOfStream => {
                    let over = used == rest.len() && ending == Ending::Finished;
                    assert!(over, "an end that is none: {}", show());
                    let none = asked.pattern != Pattern::All || used == 0;
                    assert!(none, "the end completes it: {}", show());
                }
                ErrorKind::Os(libc::ECONNRESET) => {
                    assert!(used == rest.len() && ending == Ending::Reset, "{}", show());
                }
                ErrorKind::Oversized => {
                    // A text line keeps the CR that may belong to its end.
                    let text = matches!(asked.pattern, Pattern::Until { cr: Cr::DropLast, .. });
                    let most = (asked.maximum + usize::from(text)).max(asked.prefix.len());
                    assert!(too_long && partial.len() <= most, "{}", show());
                    assert!(partial.len() >= asked.maximum, "it would fit: {}", show());
                }
                ErrorKind::Os(libc::EAGAIN) => assert!(asked.dont_wait, "{}", show()),
                ErrorKind::Timeout => assert!(asked.whole.is_some(), "{}", show()),
                ErrorKind::Cancelled => {}
                ErrorKind::Signal(_) => assert!(asked.tell_signals, "{}", show()),
                other => panic!("{other:?}: {}", show()),
            }
        }
    }
}

fn check_look(
    asked: &Asked,
    outcome: &Result<Vec<u8>, (ErrorKind, Vec<u8>)>,
    rest: &[u8],
    used: usize,
) {
    assert_eq!(used, 0, "a look takes nothing: {asked:?} -> {outcome:?}");
    if matches!(outcome, Err((ErrorKind::EndOfStream, _))) {
        assert!(rest.is_empty(), "an end that is none: {asked:?} -> {outcome:?}");
    }
    if let Ok(value) = outcome {
        let seen = value.strip_prefix(&asked.prefix[..]).expect("the prefix comes first");
        assert!(rest.starts_with(seen), "{asked:?} -> {outcome:?}");
        assert!(value.len() <= asked.maximum || seen.is_empty(), "{asked:?} -> {outcome:?}");
        let wanted = match asked.pattern {
            Pattern::Exact(count) => count,
            Pattern::Some(most) => asked.prefix.len() + most,
            _ => usize::MAX,
        };
        assert!(value.len() <= wanted.max(asked.prefix.len()), "{asked:?} -> {outcome:?}");
    }
}

/// Never early, and at most one tick late. `quiet`: how long nothing had come.
pub(crate) fn check_time(
    timed_out: bool,
    whole: Option<Duration>,
    each: Option<Duration>,
    spent: Duration,
) {
    const TICK: Duration = Duration::from_millis(1);
    if let Some(whole) = whole {
        assert!(spent <= whole + TICK, "late: {spent:?} of {whole:?}");
    }
    if timed_out {
        let limit = match (whole, each) {
            (Some(whole), Some(each)) => whole.min(each),
            (whole, each) => whole.or(each).expect("a limit ran out, so there is one"),
        };
        assert!(spent >= limit, "early: {spent:?} of {whole:?}, {each:?} each");
    }
}
