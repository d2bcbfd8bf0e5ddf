//! A row that came back, read by column name.
//!
//! Not here: any mapping to a type of the product. Each table has one `from_row` of its own.

use sqlx::any::{Any, AnyRow, AnyTypeInfoKind};
use sqlx::{Decode, Row as _, Type, TypeInfo as _, ValueRef as _};

use super::DatabaseError;

/// One row. Every reader names its column and fails with [`DatabaseError::Column`] when it is
/// missing, has another type, or (but for `optional_…`) is NULL.
pub struct Row(pub(super) AnyRow);

impl Row {
    /// An integer column; a truth value reads as 0 or 1.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn integer(&self, column: &str) -> Result<i64, DatabaseError> {
        required(self.optional_integer(column)?, column, "INTEGER")
    }

    /// An integer column that may be NULL.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn optional_integer(&self, column: &str) -> Result<Option<i64>, DatabaseError> {
        let kind = self
            .0
            .try_get_raw(column)
            .map(|value| value.type_info().kind());
        // A comparison is boolean on PostgreSQL and an integer on SQLite.
        if matches!(kind, Ok(AnyTypeInfoKind::Bool)) {
            return Ok(self.read::<bool>(column, "BOOLEAN")?.map(i64::from));
        }
        self.read(column, "INTEGER")
    }

    /// A truth value: an integer column that holds 0 or 1.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn truth(&self, column: &str) -> Result<bool, DatabaseError> {
        Ok(self.integer(column)? != 0)
    }

    /// A floating-point column.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn real(&self, column: &str) -> Result<f64, DatabaseError> {
        required(self.read(column, "REAL")?, column, "REAL")
    }

    /// A text column.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn text(&self, column: &str) -> Result<String, DatabaseError> {
        required(self.read(column, "TEXT")?, column, "TEXT")
    }

    /// A text column that may be NULL.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn optional_text(&self, column: &str) -> Result<Option<String>, DatabaseError> {
        self.read(column, "TEXT")
    }

    /// A column of bytes.
    ///
    /// # Errors
    /// [`DatabaseError::Column`].
    pub fn blob(&self, column: &str) -> Result<Vec<u8>, DatabaseError> {
        required(self.read(column, "BLOB")?, column, "BLOB")
    }

    /// A column of bytes that may be NULL.
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
