use super::*;

#[test]
fn a_bound_belongs_to_the_bucket_below_it() {
    for (index, bound) in BOUNDS_MICROS.into_iter().enumerate() {
        let histogram = Histogram::default();
        let at = Duration::from_micros(bound);
        histogram.observe(at);
        assert_eq!(histogram.counts().buckets[index], 1, "{at:?}");
        histogram.observe(at + Duration::from_nanos(1));
        let counts = histogram.counts();
        let above = counts.buckets.get(index + 1).copied().unwrap_or(counts.unbounded);
        assert_eq!((counts.buckets[index], above), (1, 1), "just above {at:?}");
    }
}

#[test]
fn nothing_is_lost_at_the_ends() {
    let histogram = Histogram::default();
    for duration in [Duration::ZERO, Duration::from_secs(3_600), Duration::from_millis(7)] {
        histogram.observe(duration);
    }
    let counts = histogram.counts();
    assert_eq!((counts.buckets[0], counts.unbounded, counts.total()), (1, 1, 3));
    assert_eq!(counts.sum, Duration::from_millis(3_600_007));
}

#[test]
fn threads_share_one() {
    let histogram = Histogram::default();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1_000).for_each(|_| histogram.observe(Duration::from_micros(300))));
        }
    });
    let counts = histogram.counts();
    assert_eq!((counts.buckets[2], counts.total()), (4_000, 4_000));
    assert_eq!(counts.sum, Duration::from_micros(1_200_000));
}
