//! Integers between memory and the wire.

use crate::lwmsg::error::{Result, Status};

/// The largest integer, in bytes.
pub const MAX_SIZE: usize = 16;

/// Whether the machine is big endian.
pub const NATIVE_BIG: bool = cfg!(target_endian = "big");

/// Narrows or widens an integer and changes its byte order.
///
/// Narrowing keeps the value or is OVERFLOW.
pub fn convert(
    input: &[u8],
    input_big: bool,
    output: &mut [u8],
    output_big: bool,
    signed: bool,
) -> Result<()> {
    // Digit 0 is the lowest.
    let digit = |index: usize| input[if input_big { input.len() - 1 - index } else { index }];
    let kept = input.len().min(output.len());
    let negative = kept > 0 && signed && digit(kept - 1) & 0x80 != 0;
    let fill = if negative { 0xff } else { 0 };
    if (kept..input.len()).any(|index| digit(index) != fill) {
        return Err(Status::OVERFLOW);
    }
    let length = output.len();
    for index in 0..length {
        let place = if output_big { length - 1 - index } else { index };
        output[place] = if index < kept { digit(index) } else { fill };
    }
    Ok(())
}

/// The value of an integer of the machine's own order, extended to 64 bits by its sign or with zeroes.
///
/// OVERFLOW when it is larger than that.
pub fn widen(input: &[u8], signed: bool) -> Result<u64> {
    let mut value = [0; 8];
    convert(input, NATIVE_BIG, &mut value, NATIVE_BIG, signed)?;
    Ok(u64::from_ne_bytes(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrow(value: i64, width: usize, signed: bool) -> Result<Vec<u8>> {
        let mut out = vec![0; width];
        convert(&value.to_le_bytes(), false, &mut out, true, signed).map(|()| out)
    }

    #[test]
    fn narrowing_keeps_the_value_or_fails() {
        assert_eq!(narrow(-2, 2, true), Ok(vec![0xff, 0xfe]));
        assert_eq!(narrow(0x1234, 2, false), Ok(vec![0x12, 0x34]));
        assert_eq!(narrow(0x12345, 2, false), Err(Status::OVERFLOW));
        assert_eq!(narrow(-2, 2, false), Err(Status::OVERFLOW));
        assert_eq!(narrow(0x80, 1, true), Err(Status::OVERFLOW));
        assert_eq!(narrow(-0x8001, 2, true), Err(Status::OVERFLOW));
    }

    #[test]
    fn widening_extends_the_sign() {
        let mut out = [0; 4];
        convert(&[0xfe], true, &mut out, true, true).unwrap();
        assert_eq!(out, [0xff, 0xff, 0xff, 0xfe]);
        convert(&[0xfe], true, &mut out, false, false).unwrap();
        assert_eq!(out, [0xfe, 0, 0, 0]);
    }
}
