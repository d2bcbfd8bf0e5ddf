//! Durations and sizes as short texts, the same in every language.

/// Returns a duration in microseconds as a text: below one millisecond in microseconds, otherwise in
/// milliseconds with one decimal.
#[must_use]
pub fn duration(microseconds: u64) -> String {
    if microseconds < 1000 {
        return [&microseconds.to_string(), " µs"].concat();
    }
    // Rounded, without floating point.
    let tenths = (microseconds + 50) / 100;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    [&whole.to_string(), ".", &tenth.to_string(), " ms"].concat()
}

/// Returns a number of bytes as a text: below one KiB in bytes, otherwise in KiB with one decimal.
#[must_use]
pub fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    if bytes < KIB {
        return [&bytes.to_string(), " B"].concat();
    }
    let tenths = (bytes * 10 + KIB / 2) / KIB;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    [&whole.to_string(), ".", &tenth.to_string(), " KiB"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_in_microseconds_below_one_millisecond() {
        for (microseconds, text) in [
            (0, "0 µs"),
            (999, "999 µs"),
            (1000, "1.0 ms"),
            (1_049, "1.0 ms"),
            (1_050, "1.1 ms"),
            (12_345, "12.3 ms"),
            (1_234_567, "1234.6 ms"),
        ] {
            assert_eq!(duration(microseconds), text);
        }
    }

    #[test]
    fn sizes_are_in_bytes_below_one_kib() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1586, "1.5 KiB"),
            (65_536, "64.0 KiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
