//! Each visitor's private copy of the taught data.
