//! What an author expects of a reply, and whether it came.
