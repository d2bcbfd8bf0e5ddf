//! Predictions: what a learner expects of a request before sending it, compared with the exchange.

use super::exchange::Exchange;

/// A prediction: the status, and whether the request changes data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// The status code.
    pub status: u16,
    /// Whether a user is added, changed or removed; `None` when that was not predicted.
    pub changes: Option<bool>,
}

/// The comparison of a prediction with the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PredictionResult {
    /// Whether the status was predicted correctly.
    pub is_status_right: bool,
    /// Whether the change of data was predicted correctly; `None` when it was not predicted.
    pub is_change_right: Option<bool>,
}

impl PredictionResult {
    /// Returns whether the whole prediction was correct.
    #[must_use]
    pub fn is_right(self) -> bool {
        self.is_status_right && self.is_change_right != Some(false)
    }
}

impl Prediction {
    /// Parses the fields of the form; `None` when the status is missing or one is invalid.
    #[must_use]
    pub fn parse(status: &str, changes: &str) -> Option<Prediction> {
        Some(Prediction {
            status: status.trim().parse().ok()?,
            changes: match changes {
                "yes" => Some(true),
                "no" => Some(false),
                "" => None,
                _ => return None,
            },
        })
    }

    /// Compares the prediction with the exchange.
    #[must_use]
    pub fn compare(self, exchange: &Exchange) -> PredictionResult {
        PredictionResult {
            is_status_right: self.status == exchange.response.status,
            is_change_right: self
                .changes
                .map(|changes| changes != exchange.changes.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prediction_is_parsed_from_a_status_and_yes_or_no() {
        let prediction = |status, changes| Some(Prediction { status, changes });
        assert_eq!(Prediction::parse("201", "yes"), prediction(201, Some(true)));
        assert_eq!(
            Prediction::parse(" 404 ", "no"),
            prediction(404, Some(false))
        );
        assert_eq!(Prediction::parse("201", ""), prediction(201, None));
        for (status, changes) in [("", "no"), ("x", "yes"), ("201", "maybe")] {
            assert_eq!(Prediction::parse(status, changes), None);
        }
    }
}
