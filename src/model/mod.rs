//! Ground floor: plain types and rules without I/O, for the server and the browser.

pub mod account;
pub mod behaviors;
pub mod code;
pub mod cookie;
pub mod credential;
pub mod exchange;
pub mod expectation;
pub mod explain;
pub mod html;
pub mod http;
pub mod json;
pub mod limits;
pub mod locale;
mod members;
pub mod prediction;
pub mod problem;
pub mod timestamp;
pub mod trace;
pub mod translations;
pub mod user;
pub mod words;
