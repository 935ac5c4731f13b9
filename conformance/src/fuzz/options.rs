//! Any options with any values on sockets of all kinds, against the kernel's own word.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use moonsocket_core::{
    Backend, Descriptor, Error, ErrorKind, Handle, Kind, Mode, Opt, OptionKind, Value,
};

use crate::suite::stage::{has_v6, listener, pair};
use crate::suite::system::{raw_option, unix_pair};

const INTS: [i32; 14] = [0, 1, -1, 2, 3, 6, 7, 64, 255, 256, 65_535, 1 << 24, i32::MAX, i32::MIN];
const TIMES: [Duration; 8] = [
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_nanos(999_999_999),
    Duration::from_millis(1500),
    Duration::from_secs(3),
    Duration::from_secs(i32::MAX as u64),
    Duration::from_secs(u64::MAX),
    Duration::MAX,
];
const NAMES: [&[u8]; 5] = [b"", b"lo", b"no such", b"exactly16bytes!!", b"l\0o"];
const IPS: [IpAddr; 6] = [
    IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251)),
    IpAddr::V4(Ipv4Addr::BROADCAST),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb)),
];
const KINDS: [Kind; 6] = [
    Kind::stream(libc::AF_INET),
    Kind::stream(libc::AF_INET6),
    Kind::datagram(libc::AF_INET),
    Kind::datagram(libc::AF_INET6),
    Kind::stream(libc::AF_UNIX),
    Kind::datagram(libc::AF_UNIX),
];

/// Sets and reads options as `input` says.
///
/// # Panics
/// When an error changed something, or a success something else; when core reads what the kernel does not say.
pub fn options<B: Backend>(b: &B, input: &[u8]) {
    let mut input = Input(input);
    let mut sockets = sockets(b, input.byte());
    while !input.0.is_empty() {
        let option = input.pick(Opt::ALL);
        let value = value(&mut input, option);
        let at = usize::from(input.byte()) % sockets.len();
        set(&mut sockets[at], option, value);
        remember(b, input.pick(&KINDS), option, value);
    }
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.byte()) % from.len()]
    }
}

fn sockets<B: Backend>(b: &B, which: u8) -> Vec<Handle<B>> {
    let family = if has_v6(b) && which & 1 != 0 { libc::AF_INET6 } else { libc::AF_INET };
    let kind = KINDS[usize::from(which >> 1) % KINDS.len()];
    let (one, other) = match which >> 6 {
        0 => pair(b, family),
        1 => unix_pair(b, libc::SOCK_STREAM),
        2 => unix_pair(b, libc::SOCK_DGRAM),
        _ => (listener(b, family).0, Handle::unopened(b)),
    };
    let alone = Handle::open(b, kind).unwrap_or_else(|_| Handle::unopened(b));
    vec![one, other, alone]
}

fn value(input: &mut Input<'_>, option: Opt) -> Value {
    let any = [
        OptionKind::Flag,
        OptionKind::Int,
        OptionKind::Linger,
        OptionKind::Time,
        OptionKind::Error,
        OptionKind::Name,
        OptionKind::Interface,
        OptionKind::Join,
        OptionKind::Credentials,
    ];
    let kind = if input.byte() < 200 { option.kind() } else { input.pick(&any) };
    let mut name = [0; 16];
    match kind {
        OptionKind::Flag => Value::Flag(input.byte() & 1 == 0),
        OptionKind::Int => Value::Int(match input.byte() {
            small if small < 100 => small.into(),
            _ => input.pick(&INTS),
        }),
        OptionKind::Linger => Value::Linger((input.byte() > 50).then(|| input.pick(&TIMES))),
        OptionKind::Time => Value::Time((input.byte() > 50).then(|| input.pick(&TIMES))),
        OptionKind::Error => Value::Error((input.byte() > 50).then_some(libc::EPIPE)),
        OptionKind::Name => {
            let text = input.pick(&NAMES);
            name[..text.len()].copy_from_slice(text);
            Value::Name(name)
        }
        OptionKind::Interface => Value::Ip(input.pick(&IPS)),
        OptionKind::Join => {
            let (group, index) = (input.pick(&IPS), input.pick(&[0, 1, 99, u32::MAX]));
            let interface = input.pick(&[Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST]);
            Value::Join { group, interface, index }
        }
        OptionKind::Credentials => Value::Credentials { pid: 1, uid: 2, gid: 3 },
    }
}

/// What the kernel says of every option that can be read without a change.
type Known = Vec<(Opt, Result<Vec<u8>, i32>)>;

fn known(descriptor: Descriptor) -> Known {
    let read = |&option: &Opt| (option, raw_option(descriptor, option.code()));
    Opt::ALL.iter().filter(|&&option| option != Opt::Error).map(read).collect()
}

/// What the kernel is known to change along with an option.
fn comes_along(set: Opt, other: Opt) -> bool {
    matches!(
        (set, other),
        // The queue follows the type of service, the buffer its mark; another route may have another MTU.
        (Opt::Ip4Tos, Opt::Priority)
            | (Opt::ReceiveLowWater, Opt::ReceiveBuffer)
            | (Opt::Ip4Tos | Opt::BindToDevice | Opt::DontRoute, Opt::Ip4Mtu | Opt::Ip6Mtu)
    )
}

fn set<B: Backend>(handle: &mut Handle<B>, option: Opt, value: Value) {
    let descriptor = handle.descriptor();
    if descriptor < 0 {
        let outcome = handle.set_option(option, value).map_err(|error| error.kind());
        assert_eq!(outcome, Err(ErrorKind::Closed), "{option:?}");
        return;
    }
    let before = known(descriptor);
    let outcome = handle.set_option(option, value);
    let after = known(descriptor);
    for ((other, was), (_, is)) in before.iter().zip(&after) {
        let may = outcome.is_ok() && (*other == option || comes_along(option, *other));
        assert!(
            may || was == is,
            "{option:?} = {value:?}: {outcome:?}, {other:?}: {was:?}, {is:?}"
        );
    }
    if let Err(error) = outcome {
        typed(error, option);
    }
    for (option, raw) in &after {
        same(*option, handle.option(*option), raw);
        same(*option, handle.option(*option), raw);
    }
}

fn typed(error: Error, option: Opt) {
    assert!(matches!(error.kind(), ErrorKind::Os(1..)), "{option:?}: {error:?}");
}

/// Is what core reads what the kernel says?
fn same(option: Opt, read: Result<Value, Error>, raw: &Result<Vec<u8>, i32>) {
    let (value, bytes) = match (read, raw) {
        (Ok(value), Ok(bytes)) => (value, bytes),
        (Err(error), _) if option.kind() == OptionKind::Join => return typed(error, option),
        (Err(error), Err(code)) => {
            return assert_eq!(error.kind(), ErrorKind::Os(*code), "{option:?}");
        }
        (read, raw) => panic!("{option:?}: {read:?}, the kernel says {raw:?}"),
    };
    // The kernel writes a single byte for some flags, or for a name less than there is room for.
    let word = |at: usize| {
        let mut word = [0; 4];
        let from = bytes.get(at..).unwrap_or(&[]);
        let len = from.len().min(4);
        word[..len].copy_from_slice(&from[..len]);
        word
    };
    let int = |at: usize| i32::from_ne_bytes(word(at));
    // One of two numbers, of four or eight bytes each.
    let half = |which: usize| {
        let half = &bytes[which * bytes.len() / 2..][..bytes.len() / 2];
        half.try_into().map_or_else(|_| int(which * 4) as u64, u64::from_ne_bytes)
    };
    let says = match option.kind() {
        OptionKind::Flag => Value::Flag(int(0) != 0),
        OptionKind::Int => Value::Int(int(0)),
        OptionKind::Linger => {
            let time = Duration::from_secs(u64::try_from(int(4)).unwrap_or(0));
            Value::Linger((int(0) != 0).then_some(time))
        }
        OptionKind::Time => {
            let time = Duration::new(half(0), 0) + Duration::from_micros(half(1));
            Value::Time((!time.is_zero()).then_some(time))
        }
        OptionKind::Name => {
            let mut name = [0; 16];
            name[..bytes.len()].copy_from_slice(bytes);
            Value::Name(name)
        }
        OptionKind::Interface => Value::Ip(Ipv4Addr::from(word(0)).into()),
        OptionKind::Credentials => {
            Value::Credentials { pid: int(0), uid: int(4) as u32, gid: int(8) as u32 }
        }
        OptionKind::Error | OptionKind::Join => panic!("{option:?} cannot be read like this"),
    };
    assert_eq!(value, says, "{option:?}: {bytes:?}");
}

/// An option that was set before there was a descriptor is that of one that has it set afterwards.
fn remember<B: Backend>(b: &B, kind: Kind, option: Opt, value: Value) {
    let mut early = Handle::unopened(b);
    early.remember_option(option, value).expect("without a descriptor nothing refuses");
    let kept = early.option(option).expect("what was remembered");
    assert_eq!(kept, value, "{option:?}");
    let Ok(mut late) = Handle::open(b, kind) else { return };
    early.reopen(b, kind, Mode::Wait).expect("a socket of this kind as well");
    let _ = late.set_option(option, value);
    assert_eq!(known(early.descriptor()), known(late.descriptor()), "{option:?} = {value:?}");
}
