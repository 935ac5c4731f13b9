//! A program may have several backends in one thread, and wait with one for what is in the care of another.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use moonsocket_core::ops::Receive;
use moonsocket_core::{Bound, Handle, Interest, Limit, Need, Net, Parking, Pattern, Stream};
use moonsocket_mio::Mio;

const SOON: Limit = Limit::after(Duration::from_secs(10));

fn pair(net: &Net<Mio>) -> (Stream<Mio>, Stream<Mio>) {
    let mut listener = net.listen("127.0.0.1:0").expect("a free port");
    let at = listener.address().expect("it is bound");
    let near = net.connect_to(at, SOON).expect("somebody listens");
    (near, listener.accept(SOON).expect("somebody connects").0)
}

#[test]
fn a_socket_in_the_care_of_another_backend_is_waited_for() {
    let (one, other) = (Net::from(Mio::new()), Net::from(Mio::new()));
    let (mut near, mut far) = pair(&one);
    let late = near.duplicate().expect("descriptors");
    let late = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        Net::from(Mio::new()).stream(late).send("late\n").expect("it is read");
    });
    let mut line = Receive::new(Pattern::TEXT_LINE);
    let line = other.run(&mut line, far.handle(), SOON).expect("it comes");
    assert_eq!(line.into_vec(far.handle()), b"late");
    late.join().expect("it is sent");

    let (socket, _) = far.into_parts().expect("it is open");
    let far = Rc::new(RefCell::new(Handle::adopt(one.backend(), socket, 0)));
    let mut parking = Parking::default();
    let line = Bound::new(Receive::new(Pattern::TEXT_LINE), Rc::clone(&far));
    parking.park(other.backend(), line, Need::Io(Interest::READ), SOON.into());
    parking.wait(other.backend(), Some(Instant::now())).expect("no signal");
    assert!(parking.next(other.backend()).is_none(), "nothing has come");
    near.send("parked\n").expect("it is read");
    while !parking.is_empty() {
        parking.wait(other.backend(), None).expect("no signal");
        if let Some((_, mut line)) = parking.next(other.backend()) {
            let line = line.take().expect("it is done").expect("it comes");
            assert_eq!(line.into_vec(&mut far.borrow_mut()), b"parked");
        }
    }
}
