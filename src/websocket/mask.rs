//! Masking (RFC 6455, section 5.3): byte `i` of a payload is combined with byte `i mod 4` of the key.
//!
//! Both directions are the same operation, and a payload may be processed in pieces: `offset` is the
//! position in the payload at which a piece begins.

/// Bytes per step: wide enough for the compiler to use the widest registers of the target.
const STEP: usize = 32;

/// The key twice over, turned so that the byte for position `offset` comes first in memory.
#[inline]
fn pattern(key: [u8; 4], offset: u64) -> u64 {
    let bits = (offset % 4) as u32 * 8;
    let key = u32::from_ne_bytes(key);
    let turned = if cfg!(target_endian = "little") { key.rotate_right(bits) } else { key.rotate_left(bits) };
    u64::from(turned) << 32 | u64::from(turned)
}

/// Masks or unmasks `data` in place.
#[inline]
pub fn apply(data: &mut [u8], key: [u8; 4], offset: u64) {
    let pattern = pattern(key, offset);
    let bytes = pattern.to_ne_bytes();
    let mut wide = data.chunks_exact_mut(STEP);
    for step in &mut wide {
        for word in step.chunks_exact_mut(8) {
            let word: &mut [u8; 8] = word.try_into().expect("exact chunks");
            *word = (u64::from_ne_bytes(*word) ^ pattern).to_ne_bytes();
        }
    }
    let mut words = wide.into_remainder().chunks_exact_mut(8);
    for word in &mut words {
        let word: &mut [u8; 8] = word.try_into().expect("exact chunks");
        *word = (u64::from_ne_bytes(*word) ^ pattern).to_ne_bytes();
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(bytes) {
        *byte ^= key;
    }
}

/// Copies `source` to the start of `target`, masked.
///
/// # Panics
/// When `target` is shorter than `source`.
#[inline]
pub fn copy(target: &mut [u8], source: &[u8], key: [u8; 4], offset: u64) {
    let target = &mut target[..source.len()];
    let pattern = pattern(key, offset);
    let bytes = pattern.to_ne_bytes();
    let mut to = target.chunks_exact_mut(STEP);
    let mut from = source.chunks_exact(STEP);
    for (to, from) in (&mut to).zip(&mut from) {
        for (to, from) in to.chunks_exact_mut(8).zip(from.chunks_exact(8)) {
            let word: [u8; 8] = from.try_into().expect("exact chunks");
            to.copy_from_slice(&(u64::from_ne_bytes(word) ^ pattern).to_ne_bytes());
        }
    }
    let mut to = to.into_remainder().chunks_exact_mut(8);
    let mut from = from.remainder().chunks_exact(8);
    for (to, from) in (&mut to).zip(&mut from) {
        let word: [u8; 8] = from.try_into().expect("exact chunks");
        to.copy_from_slice(&(u64::from_ne_bytes(word) ^ pattern).to_ne_bytes());
    }
    for ((to, from), key) in to.into_remainder().iter_mut().zip(from.remainder()).zip(bytes) {
        *to = from ^ key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_at_every_offset_equals_the_definition() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        let source: Vec<u8> = (0..200u8).collect();
        for length in 0..source.len() {
            for offset in 0..9u64 {
                let expected: Vec<u8> = source[..length]
                    .iter()
                    .enumerate()
                    .map(|(i, byte)| byte ^ key[((offset + i as u64) % 4) as usize])
                    .collect();
                let mut in_place = source[..length].to_vec();
                apply(&mut in_place, key, offset);
                assert_eq!(in_place, expected);
                let mut copied = vec![0; length + 3];
                copy(&mut copied, &source[..length], key, offset);
                assert_eq!(copied[..length], expected);
                assert_eq!(copied[length..], [0, 0, 0]);
            }
        }
    }

    #[test]
    fn the_rfc_example() {
        let mut hello = *b"Hello";
        apply(&mut hello, [0x37, 0xfa, 0x21, 0x3d], 0);
        assert_eq!(hello, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    }
}
