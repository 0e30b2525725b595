//! The order in which people expect numbered files: `log.2` before `log.10`.

use std::cmp::Ordering;

/// Compares two names; runs of digits count as numbers.
#[must_use]
pub fn natural_order(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left.as_bytes(), right.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (number_a, number_b) = (digits(&mut a), digits(&mut b));
                // Without leading zeros the longer number is the larger one, however long they are.
                let order = number_a.len().cmp(&number_b.len()).then_with(|| number_a.cmp(number_b));
                if order != Ordering::Equal {
                    return order;
                }
            }
            (Some(x), Some(y)) if x == y => (a, b) = (&a[1..], &b[1..]),
            (None, None) => return left.cmp(right),
            (x, y) => return x.cmp(&y),
        }
    }
}

/// Takes the leading digits off `text`; returns them without leading zeros.
fn digits<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (head, tail) = text.split_at(length);
    *text = tail;
    let zeros = head.iter().take_while(|&&byte| byte == b'0').count();
    &head[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["log.10", "log.2", "log", "log.02", "b/1", "a/2", "a/10", "log.2.gz"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["a/2", "a/10", "b/1", "log", "log.02", "log.2", "log.2.gz", "log.10"]);
    }

    proptest::proptest! {
        #[test]
        fn prop_it_is_an_order(a in "[a0-2.]{0,5}", b in "[a0-2.]{0,5}", c in "[a0-2.]{0,5}") {
            proptest::prop_assert_eq!(natural_order(&a, &b), natural_order(&b, &a).reverse());
            proptest::prop_assert_eq!(natural_order(&a, &b) == Ordering::Equal, a == b);
            if natural_order(&a, &b).is_le() && natural_order(&b, &c).is_le() {
                proptest::prop_assert!(natural_order(&a, &c).is_le());
            }
        }
    }
}
