use std::sync::Arc;

use super::*;
use crate::quota::Quota;

#[test]
fn texts_end_at_their_limit_and_count_while_they_are_made() {
    let quota = Quota::new(1 << 20);
    let made = |length: usize, bytes_max| {
        to_text(&"a".repeat(length), bytes_max, Arc::clone(&quota).part(None))
    };
    assert_eq!(made(8, 10).unwrap().get(), "\"aaaaaaaa\"");
    let refused = made(9, 10).unwrap_err();
    assert!(matches!(refused, ApiError::AnswerTooLarge { maximum: 10 }), "{refused}");
    // Half of the quota is one client's.
    assert!(made(400_000, usize::MAX).is_ok());
    let refused = made(600_000, usize::MAX).unwrap_err();
    assert!(matches!(refused, ApiError::UnsentFull { maximum: 0x10_0000 }), "{refused}");
    assert_eq!(quota.total(), 0);
}

#[test]
fn what_is_too_long_is_not_made_to_its_end() {
    /// Counts how often it is looked at.
    struct Endless(std::cell::Cell<usize>);

    impl Serialize for Endless {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq((0..1_000_000).inspect(|_| self.0.set(self.0.get() + 1)))
        }
    }

    let endless = Endless(std::cell::Cell::new(0));
    assert!(to_text(&endless, 100, Quota::new(0).part(None)).is_err());
    assert!(endless.0.get() < 100, "{}", endless.0.get());
}
