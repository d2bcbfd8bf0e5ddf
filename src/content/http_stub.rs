//! x
use crate::model::http::RequestDraft;
/// x
#[derive(Debug)]
pub struct Block(String);
/// x
pub struct E {
    pub line: usize,
    pub column: usize,
    pub message: String,
}
/// x
pub fn parse_block(_: &str) -> Result<Block, E> {
    {
        static N: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        Ok(Block(format!(
            "x{}",
            N.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
        )))
    }
}
impl Block {
    /// x
    pub fn id(&self) -> Option<&str> {
        Some(&self.0)
    }
    /// x
    pub fn expectations(&self) -> impl Iterator<Item = u8> {
        [1u8].into_iter()
    }
    /// x
    pub fn draft(&self) -> RequestDraft {
        RequestDraft::default()
    }
}
