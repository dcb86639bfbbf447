use super::*;

/// A peer that sends and takes one byte at a time: zeros, after the head of a frame.
struct Trickle {
    head: Vec<u8>,
}

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        std::thread::sleep(Duration::from_millis(1));
        buffer[0] = if self.head.is_empty() { 0 } else { self.head.remove(0) };
        Ok(1)
    }
}

impl Write for Trickle {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        std::thread::sleep(Duration::from_millis(1));
        Ok(1)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn receiver(head: [u8; 4], patience: Duration) -> StreamReceiver<Trickle> {
    let stream = Trickle { head: head.to_vec() };
    StreamReceiver { patience, ..StreamReceiver::new(stream, 1 << 16) }
}

fn first(mut receiver: impl Receiver) -> io::Result<Vec<u8>> {
    loop {
        if let Received::Frame(frame) = receiver.receive()? {
            return Ok(frame);
        }
    }
}

const SHORT: Duration = Duration::from_millis(20);

#[test]
fn a_frame_that_trickles_in_has_a_deadline() {
    assert_eq!(first(receiver([100, 0, 0, 0], FRAME_PATIENCE)).expect("a frame"), [0; 100]);
    let error = first(receiver([100, 0, 0, 0], SHORT)).expect_err("it trickles");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

#[test]
fn a_frame_that_is_taken_slowly_has_a_deadline_and_may_be_given_up() {
    let sender = |patience| StreamSender { stream: Trickle { head: Vec::new() }, patience };
    assert!(sender(FRAME_PATIENCE).send(&[0; 100]).is_ok());
    let late = sender(SHORT).send(&[0; 100]).expect_err("it trickles");
    let over = sender(FRAME_PATIENCE).send_while(&[0; 100], &|| false).expect_err("it is over");
    assert_eq!([late.kind(), over.kind()], [ErrorKind::TimedOut; 2]);
}

#[test]
fn long_frames_have_more_time() {
    assert_eq!(frame_patience(SHORT, RATE_MIN - 1), SHORT);
    assert_eq!(frame_patience(SHORT, 3 * RATE_MIN), SHORT + Duration::from_secs(3));
}

#[test]
fn a_receiver_holds_no_memory_for_a_frame_that_it_gave_away() {
    let mut bytes = vec![0; 1000 + HEAD_SIZE];
    bytes[..HEAD_SIZE].copy_from_slice(&1000_u32.to_le_bytes());
    bytes.extend([1, 0]);
    let mut receiver = StreamReceiver::new(bytes.as_slice(), 1000);
    assert_eq!(receiver.receive().expect("bytes"), Received::Frame(vec![0; 1000]));
    assert!(receiver.buffer == [1, 0] && receiver.buffer.capacity() < 100);
}
