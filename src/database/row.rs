//! Rows of a result, read by column name.
//!
//! The mapping to a type of the application is in the `from_row` function of each table.

use sqlx::any::{Any, AnyRow, AnyTypeInfoKind};
use sqlx::{Decode, Row as _, Type, TypeInfo as _, ValueRef as _};

use super::DatabaseError;

/// One row. Every method fails with [`DatabaseError::Column`] when the column is missing, has
/// another type or, except for `optional_…`, is NULL.
pub struct Row(pub(super) AnyRow);

impl Row {
    /// Returns an integer column; a boolean is returned as 0 or 1.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn integer(&self, column: &str) -> Result<i64, DatabaseError> {
        required(self.optional_integer(column)?, column, "INTEGER")
    }

    /// Returns an integer column that may be NULL.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn optional_integer(&self, column: &str) -> Result<Option<i64>, DatabaseError> {
        let kind = self
            .0
            .try_get_raw(column)
            .map(|value| value.type_info().kind());
        // The result of a comparison is a boolean on PostgreSQL and an integer on SQLite.
        if matches!(kind, Ok(AnyTypeInfoKind::Bool)) {
            return Ok(self.read::<bool>(column, "BOOLEAN")?.map(i64::from));
        }
        self.read(column, "INTEGER")
    }

    /// Returns a boolean from an integer column that contains 0 or 1.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn boolean(&self, column: &str) -> Result<bool, DatabaseError> {
        Ok(self.integer(column)? != 0)
    }

    /// Returns a floating-point column.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn real(&self, column: &str) -> Result<f64, DatabaseError> {
        required(self.read(column, "REAL")?, column, "REAL")
    }

    /// Returns a text column.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn text(&self, column: &str) -> Result<String, DatabaseError> {
        required(self.read(column, "TEXT")?, column, "TEXT")
    }

    /// Returns a text column that may be NULL.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn optional_text(&self, column: &str) -> Result<Option<String>, DatabaseError> {
        self.read(column, "TEXT")
    }

    /// Returns a column of bytes.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn blob(&self, column: &str) -> Result<Vec<u8>, DatabaseError> {
        required(self.read(column, "BLOB")?, column, "BLOB")
    }

    /// Returns a column of bytes that may be NULL.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn optional_blob(&self, column: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
        self.read(column, "BLOB")
    }

    fn read<'r, T>(
        &'r self,
        column: &str,
        expected: &'static str,
    ) -> Result<Option<T>, DatabaseError>
    where
        T: Decode<'r, Any> + Type<Any>,
    {
        let value = self.0.try_get_raw(column);
        if value.is_ok_and(|value| value.is_null() || value.type_info().is_null()) {
            return Ok(None);
        }
        match self.0.try_get::<T, _>(column) {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(mismatch(column, expected)),
        }
    }
}

fn required<T>(value: Option<T>, column: &str, expected: &'static str) -> Result<T, DatabaseError> {
    value.ok_or_else(|| mismatch(column, expected))
}

fn mismatch(column: &str, expected: &'static str) -> DatabaseError {
    DatabaseError::Column {
        column: column.to_owned(),
        expected,
    }
}
