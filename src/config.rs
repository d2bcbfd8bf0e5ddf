//! Every configuration key, documented once.
