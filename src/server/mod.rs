//! The HTTP server: accepts connections, composes the layers, and serves pages, API and files.
//!
//! [`create_site`] is the place to begin: it lists what a request passes from the outside in.

mod assets;
mod author;
mod by_address;
mod capacity;
pub mod check;
mod coding;
mod compression;
mod connection;
mod connection_deadline;
mod content;
mod dispatch;
mod events;
pub mod exercises;
mod guarded_body;
mod headers;
mod health;
mod hosts;
pub mod lessons;
pub mod limits;
pub mod listen;
mod live_site;
mod members_only;
mod origin;
mod pictures;
mod policy;
mod prepare;
mod protocol;
mod refusal;
mod reload;
mod response_cache;
mod router;
mod serve;
mod session;
mod site;

pub use connection::HttpService;
pub use content::Content;
pub use prepare::prepare;
pub use router::create_site;
pub use serve::serve;
pub use site::Site;
