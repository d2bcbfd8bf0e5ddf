//! The users REST API.
