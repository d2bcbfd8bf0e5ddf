//! Plain types and rules without I/O, compiled for the server and for the browser. Every other module
//! may import them.

pub mod account;
pub mod behaviors;
pub mod cookie;
pub mod credential;
pub mod diagram;
pub mod exchange;
pub mod exercise;
pub mod expectation;
pub mod explain;
pub mod html;
pub mod http;
pub mod icon;
pub mod json;
pub mod limits;
pub mod locale;
pub mod measure;
pub mod messages;
mod object_reader;
pub mod palette;
pub mod prediction;
pub mod problem;
pub mod saved_requests;
pub mod sql_text;
pub mod starting_data;
pub mod timestamp;
pub mod trace;
pub mod translations;
pub mod user;
