//! What a reader says will happen before sending, compared with what happened.

use super::exchange::Exchange;

/// A prediction: a status, and whether the data will be different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// The status code.
    pub status: u16,
    /// Whether a user is added, changed or removed.
    pub changes: bool,
}

/// How right a prediction was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PredictionResult {
    /// The status came.
    pub status_right: bool,
    /// The data did what was said.
    pub rows_right: bool,
}

impl PredictionResult {
    /// Whether all of it came true.
    #[must_use]
    pub fn is_right(self) -> bool {
        self.status_right && self.rows_right
    }
}

impl Prediction {
    /// Reads the fields of the form; `None` when one is missing or makes no sense.
    #[must_use]
    pub fn parse(status: &str, changes: &str) -> Option<Prediction> {
        Some(Prediction {
            status: status.trim().parse().ok()?,
            changes: match changes {
                "yes" => true,
                "no" => false,
                _ => return None,
            },
        })
    }

    /// Compares with what happened.
    #[must_use]
    pub fn compare(self, exchange: &Exchange) -> PredictionResult {
        PredictionResult {
            status_right: self.status == exchange.response.status,
            rows_right: self.changes != exchange.changes.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prediction_is_a_status_and_a_yes_or_no() {
        let prediction = |status, changes| Some(Prediction { status, changes });
        assert_eq!(Prediction::parse("201", "yes"), prediction(201, true));
        assert_eq!(Prediction::parse(" 404 ", "no"), prediction(404, false));
        for (status, changes) in [("", "no"), ("201", ""), ("x", "yes"), ("201", "maybe")] {
            assert_eq!(Prediction::parse(status, changes), None);
        }
    }
}
