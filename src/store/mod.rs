//! The portal's tables: accounts and sessions.
