use super::*;

fn offer(intake: &Intake, byte: u8) -> oneshot::Receiver<Answer> {
    intake.offer(vec![byte]).unwrap()
}

#[test]
fn groups_are_in_order_and_bounded() {
    let intake = Intake::default();
    let receivers: Vec<_> = (0..=GROUP_MAX as u8).map(|byte| offer(&intake, byte)).collect();
    let bytes = |group: Vec<Waiting>| -> Vec<u8> {
        group.iter().flat_map(|waiting| waiting.bytes.clone()).collect()
    };
    let first = intake.take_group().unwrap();
    assert_eq!(bytes(first), (0..GROUP_MAX as u8).collect::<Vec<_>>());
    assert_eq!(bytes(intake.take_group().unwrap()), [GROUP_MAX as u8]);
    drop(receivers);
}

#[test]
fn no_more_wait_than_may() {
    let intake = Intake::default();
    let mut receivers: Vec<_> = (0..WAITING_MAX).map(|_| offer(&intake, 0)).collect();
    let refused = intake.offer(vec![0]);
    assert!(matches!(refused, Err(SubmitError::Overloaded { waiting: WAITING_MAX })));
    drop(intake.take_group());
    receivers.push(offer(&intake, 0));

    let intake = Intake::default();
    let large = intake.offer(vec![0; WAITING_BYTES_MAX]).unwrap();
    assert!(matches!(intake.offer(vec![0]), Err(SubmitError::Overloaded { waiting: 1 })));
    drop((intake.take_group(), large));
    assert!(intake.offer(vec![0]).is_ok());
}

#[test]
fn whoever_waits_when_it_closes_learns_of_it() {
    let intake = Intake::default();
    let waiting = offer(&intake, 1);
    std::thread::scope(|scope| {
        let taken = offer(&intake, 2);
        let group = intake.take_group().unwrap();
        assert_eq!(group.len(), 2);
        let sleeping = scope.spawn(|| intake.take_group().is_none());
        intake.close();
        assert!(sleeping.join().unwrap());
        drop(group);
        assert!(taken.blocking_recv().is_err());
    });
    assert!(waiting.blocking_recv().is_err());
    assert!(matches!(intake.offer(vec![3]), Err(SubmitError::Stopping)));
}
