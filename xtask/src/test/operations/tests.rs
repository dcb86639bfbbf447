use super::*;

#[test]
fn comparisons_say_whether_they_hold() {
    let expression = "a{b=\"c\"} > 0 and on (instance) time() - d >= 60";
    let compared = compared(expression);
    assert_eq!(compared, "a{b=\"c\"} > bool 0 and on (instance) time() - d >= bool 60");
}
