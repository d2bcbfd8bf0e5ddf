//! Routes and full pages.
