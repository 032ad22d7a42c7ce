//! Decompression that stops at its limit.

use std::io::{BufRead, Read};

use axum::body::Bytes;
use flate2::bufread::MultiGzDecoder;

use super::coding::Coding;
use super::in_flight::{Full, Held};

/// Bytes that are decompressed between two looks at the limits.
pub(in crate::web) const STEP: usize = 256 * 1024;

/// The largest window that a zstd frame may ask for, as a power of two: 8 MiB, what RFC 8878 wants supported.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// Why a body could not be decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum UnpackError {
    /// Truncated, corrupt, or followed by something else.
    Corrupt,
    /// More than the limit comes out.
    TooLarge,
    /// Too much is in memory already.
    Full,
}

/// Decompresses all members (gzip) or frames (zstd) of `packed`, holding each step before it is made.
///
/// At most `bytes_max` bytes and a step come to be, whatever the ratio.
pub(in crate::web) fn unpack(
    packed: &Bytes,
    coding: Coding,
    bytes_max: usize,
    held: &mut Held,
) -> Result<Bytes, UnpackError> {
    match coding {
        Coding::Identity => Ok(packed.clone()),
        Coding::Gzip => read_within(MultiGzDecoder::new(&packed[..]), bytes_max, held),
        Coding::Zstd => read_within(zstd_decoder(&packed[..])?, bytes_max, held),
    }
}

fn zstd_decoder<R: BufRead>(packed: R) -> Result<impl Read, UnpackError> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(|_| UnpackError::Corrupt)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|_| UnpackError::Corrupt)?;
    Ok(decoder)
}

fn read_within(mut decoder: impl Read, bytes_max: usize, held: &mut Held) -> Result<Bytes, UnpackError> {
    let mut whole = Vec::new();
    loop {
        held.grow(STEP).map_err(|Full| UnpackError::Full)?;
        let step = decoder.by_ref().take(STEP as u64).read_to_end(&mut whole);
        match step.map_err(|_| UnpackError::Corrupt)? {
            0 => return Ok(whole.into()),
            _ if whole.len() > bytes_max => return Err(UnpackError::TooLarge),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::in_flight::InFlight;
    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: &[u8], coding: Coding) -> Result<Bytes, UnpackError> {
        let in_flight = InFlight::up_to(4 * STEP);
        unpack(&Bytes::copy_from_slice(packed), coding, 2 * STEP, &mut in_flight.hold())
    }

    #[test]
    fn every_member_and_frame_is_read() {
        let two = [gzip(b"one\n"), gzip(b"two\n")].concat();
        assert_eq!(unpacked(&two, Coding::Gzip).unwrap(), "one\ntwo\n");
        let frame = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
        let two = [frame(b"one\n"), frame(b"two\n")].concat();
        assert_eq!(unpacked(&two, Coding::Zstd).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn what_is_cut_or_followed_by_something_else_is_corrupt() {
        for (whole, coding) in
            [(gzip(b"rows"), Coding::Gzip), (zstd::encode_all(&b"rows"[..], 1).unwrap(), Coding::Zstd)]
        {
            for end in 0..whole.len() {
                // Nothing at all is an empty body to zstd, and no error of this layer's.
                if end > 0 {
                    assert_eq!(
                        unpacked(&whole[..end], coding),
                        Err(UnpackError::Corrupt),
                        "{coding:?} {end}"
                    );
                }
            }
            let followed = [&whole[..], b"garbage"].concat();
            assert_eq!(unpacked(&followed, coding), Err(UnpackError::Corrupt), "{coding:?}");
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = vec![b'\n'; 64 * STEP];
        assert_eq!(unpacked(&gzip(&bomb), Coding::Gzip), Err(UnpackError::TooLarge));
        assert_eq!(
            unpacked(&zstd::encode_all(&bomb[..], 1).unwrap(), Coding::Zstd),
            Err(UnpackError::TooLarge)
        );
        let within = vec![b'\n'; 2 * STEP];
        assert_eq!(unpacked(&gzip(&within), Coding::Gzip).unwrap().len(), within.len());
    }
}
