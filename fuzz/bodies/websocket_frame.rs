//! Frame headers, masking and UTF-8: what is accepted is what would be written, and pieces do not matter.

use relink::websocket::frame::{MAX_HEADER, Parsed, parse};
use relink::websocket::mask;
use relink::websocket::utf8::Validator;

pub fn body(data: &[u8]) {
    for cut in 0..data.len().min(MAX_HEADER) {
        if let (Ok(Parsed::Need(need)), Ok(Parsed::Done(_, used))) = (parse(&data[..cut]), parse(data)) {
            assert!(cut < need && need <= used);
        }
    }
    let Ok(Parsed::Done(header, used)) = parse(data) else { return };
    let mut written = [0; MAX_HEADER];
    assert_eq!(header.encode(&mut written), used);
    assert_eq!(written[..used], data[..used]);

    let payload = &data[used..];
    let key = header.mask.unwrap_or([1, 2, 3, 4]);
    let cut = usize::from(data[0]) % (payload.len() + 1);
    let mut whole = payload.to_vec();
    mask::apply(&mut whole, key, 0);
    let mut pieces = payload.to_vec();
    let (first, second) = pieces.split_at_mut(cut);
    mask::apply(first, key, 0);
    mask::apply(second, key, cut as u64);
    assert_eq!(whole, pieces);
    let mut copied = vec![0; payload.len()];
    mask::copy(&mut copied, payload, key, 0);
    assert_eq!(whole, copied);

    let mut validator = Validator::new();
    let verdict = validator.push(&payload[..cut]).and_then(|()| validator.push(&payload[cut..]));
    assert_eq!(verdict.is_ok() && validator.is_complete(), std::str::from_utf8(payload).is_ok());
}
