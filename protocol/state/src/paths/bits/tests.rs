use super::{BitReader, BitWriter, PathsError};

fn written(write: impl Fn(&mut BitWriter)) -> Vec<u8> {
    let mut bits = BitWriter::default();
    write(&mut bits);
    bits.finish()
}

#[test]
fn words_are_as_specified() {
    // Pairs of share and count, and the word.
    for (right, count, word) in [
        (0, 1, "0"),
        (1, 1, "1"),
        (1, 2, "0"),
        (2, 2, "10"),
        (0, 2, "11"),
        (1, 3, "00"),
        (2, 3, "01"),
        (0, 3, "10"),
        (3, 3, "11"),
        (2, 4, "00"),
        (3, 4, "01"),
        (1, 4, "10"),
        (4, 4, "110"),
        (0, 4, "111"),
    ] {
        let bytes = written(|bits| bits.share(right, count));
        let expected = format!("{word:0<8}");
        assert_eq!(format!("{:08b}", bytes[0]), expected, "{right} of {count}");
    }
    for (number, word) in [(1, "1"), (2, "010"), (3, "011"), (4, "00100"), (9, "0001001")] {
        let bytes = written(|bits| bits.number(number));
        assert_eq!(format!("{:08b}", bytes[0]), format!("{word:0<8}"), "{number}");
    }
}

#[test]
fn words_are_read_as_they_were_written() {
    let counts = (1..=70).chain([255, 256, 257, 1000, 65_536]).chain([u32::MAX - 1, u32::MAX]);
    for count in counts {
        let shares = (0..=count.min(300)).chain(count.saturating_sub(300)..=count);
        for right in shares.chain([count / 2, count / 2 + 1]) {
            let bytes = written(|bits| {
                bits.number(count);
                bits.share(right, count);
                bits.number(5);
            });
            let mut bits = BitReader::new(&bytes);
            assert_eq!(bits.number(), Ok(count));
            assert_eq!(bits.share(count), Ok(right), "{count}");
            assert_eq!(bits.number(), Ok(5));
            assert_eq!(bits.finish(), Ok(()));
        }
    }
}

#[test]
fn numbers_end_at_32_bits() {
    assert_eq!(BitReader::new(&[0; 5]).number(), Err(PathsError::TooMany));
    assert_eq!(BitReader::new(&[0; 4]).number(), Err(PathsError::TooMany));
    assert_eq!(BitReader::new(&[0; 3]).number(), Err(PathsError::Truncated));
    assert_eq!(BitReader::new(&[0, 0, 0, 1, 0]).number(), Err(PathsError::Truncated));
}
