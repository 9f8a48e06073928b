//! The server that perennial is tested against.
