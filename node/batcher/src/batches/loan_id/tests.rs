use super::*;

#[test]
fn an_id_is_read_as_it_is_displayed() {
    let id = LoanId(0x0123_4567_89ab_cdef);
    let text = id.to_string();
    assert_eq!(text, "00000000000000000123456789abcdef");
    assert_eq!(LoanId::parse(&text), Some(id));
    for other in ["", "1", &text[1..], &format!("+{}", &text[1..]), &text.to_uppercase()] {
        assert_eq!(LoanId::parse(other), None, "{other}");
    }
}

#[test]
fn no_two_loans_have_the_same() {
    assert_ne!(LoanId::random().unwrap(), LoanId::random().unwrap());
}
