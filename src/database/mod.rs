//! Opens the pools of either engine, migrates, and runs every statement.
