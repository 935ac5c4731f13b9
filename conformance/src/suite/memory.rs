//! Receiving into memory of the caller's and sending from it; and ending all that waits for a descriptor.

use std::cell::RefCell;
use std::rc::Rc;

use moonsocket_core::ops::{Memory, ReceiveInto, SendFrom};
use moonsocket_core::{
    Backend, Bound, Error, ErrorKind, Flags, Handle, Interest, Limit, Need, Parking, Pattern, drive,
};

use super::stage::{SOON, each, pair, receive, send, within};

/// Memory that a test keeps, too.
#[derive(Clone)]
struct Block(Rc<RefCell<Vec<u8>>>);

impl Block {
    fn new(size: usize) -> Self {
        Self(Rc::new(RefCell::new(vec![0; size])))
    }
}

impl Memory for Block {
    fn with<R>(&mut self, f: impl FnOnce(&mut [u8]) -> R) -> R {
        f(&mut self.0.borrow_mut())
    }
}

fn into<B: Backend>(b: &B, handle: &mut Handle<B>, block: &Block) -> Result<usize, ErrorKind> {
    let mut receive = ReceiveInto::new(block.clone());
    drive(b, &mut receive, handle, within(SOON)).map_err(|error| error.kind())
}

pub(crate) fn bytes_go_where_they_belong<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, far, "hello");
        let block = Block::new(4);
        assert_eq!(into(b, near, &block), Ok(4));
        assert_eq!(*block.0.borrow(), b"hell");
        assert_eq!(into(b, near, &block), Ok(1));
        assert_eq!(*block.0.borrow(), b"oell");
        assert_eq!(into(b, near, &Block::new(0)), Ok(0));
        far.close();
        assert_eq!(into(b, near, &block), Err(ErrorKind::EndOfStream));
        near.close();
        assert_eq!(into(b, near, &block), Err(ErrorKind::Closed));
    });
}

/// What another receive has left in the buffer comes first, and a look takes nothing.
pub(crate) fn buffered_bytes_come_first<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    send(b, &mut far, "line\nrest");
    assert_eq!(receive(b, &mut near, Pattern::TEXT_LINE), Ok(b"line".to_vec()));
    let block = Block::new(2);
    let mut look = ReceiveInto::new(block.clone()).flags(Flags::PEEK);
    // It may not have come yet.
    let looked = drive(b, &mut look, &mut near, within(SOON)).expect("something");
    assert_eq!(block.0.borrow()[..looked], b"rest"[..looked]);
    let mut got = Vec::new();
    while got.len() < 4 {
        let count = into(b, &mut near, &block).expect("the rest");
        got.extend_from_slice(&block.0.borrow()[..count]);
    }
    assert_eq!(got, b"rest");
}

pub(crate) fn all_of_it_is_sent<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    let block = Block::new(3 << 20);
    block.0.borrow_mut().iter_mut().zip((0..=250).cycle()).for_each(|(byte, value)| *byte = value);
    let mut parking = Parking::default();
    let near_shared = Rc::new(RefCell::new(std::mem::replace(&mut near, Handle::unopened(b))));
    let sending = Bound::new(SendFrom::all(block.clone()), Rc::clone(&near_shared));
    parking.park(b, sending, Need::Io(Interest::WRITE), Limit::FOREVER.into());
    let mut got = Vec::new();
    let piece = Block::new(100_000);
    let mut sent = None;
    while got.len() < 3 << 20 {
        if sent.is_none() {
            parking.wait(b, Some(b.now())).expect("a turn");
            sent = parking.next(b).map(|(_, mut task)| task.take());
            assert!(!matches!(sent, Some(Some(Err(_)) | None)), "{sent:?}");
        }
        let now = Limit::ZERO.into();
        match drive(b, &mut ReceiveInto::new(piece.clone()), &mut far, now) {
            Ok(count) => got.extend_from_slice(&piece.0.borrow()[..count]),
            Err(error) => assert!(error.is_timeout(), "{error}"),
        }
    }
    assert_eq!(sent, Some(Some(Ok(3 << 20))));
    assert!(got == *block.0.borrow());
}

/// All that wait for a descriptor are told, in their order; what comes then is the next one's.
pub(crate) fn cancelled_waits_lose_nothing<B: Backend>(b: &B) {
    type Reading<B> = Bound<ReceiveInto<Block>, Rc<RefCell<Handle<B>>>, Result<usize, Error>>;
    let (near, mut far) = pair(b, libc::AF_INET);
    let (other, mut other_far) = pair(b, libc::AF_INET);
    let (near, other) = (Rc::new(RefCell::new(near)), Rc::new(RefCell::new(other)));
    let mut parking: Parking<B, Reading<B>> = Parking::default();
    let block = Block::new(10);
    let park = |handle: &Rc<RefCell<Handle<B>>>, parking: &mut Parking<B, Reading<B>>| {
        let task = Bound::new(ReceiveInto::new(block.clone()), Rc::clone(handle));
        parking.park(b, task, Need::Io(Interest::READ), Limit::FOREVER.into())
    };
    let tickets = [park(&near, &mut parking), park(&near, &mut parking)];
    let stays = park(&other, &mut parking);
    let descriptor = near.borrow().descriptor();
    parking.cancel(descriptor);
    for ticket in tickets {
        let (named, mut task) = parking.next(b).expect("finished");
        assert_eq!(named, ticket);
        let out = task.take().expect("a result");
        assert_eq!(out.map_err(|error| error.kind()), Err(ErrorKind::Cancelled));
    }
    assert!(parking.next(b).is_none() && !parking.is_contended(descriptor, Interest::READ));
    send(b, &mut far, "kept");
    let mut again = ReceiveInto::new(block.clone());
    let got = drive(b, &mut again, &mut near.borrow_mut(), within(SOON));
    assert_eq!(got, Ok(4));
    assert_eq!(block.0.borrow()[..4], *b"kept");
    send(b, &mut other_far, "too");
    loop {
        parking.wait(b, Some(b.now() + SOON)).expect("a turn");
        if let Some((named, mut task)) = parking.next(b) {
            assert_eq!(named, stays);
            assert_eq!(task.take(), Some(Ok(3)));
            return;
        }
    }
}
