//! Signs every message on its way out, so that a key can be replaced while e-mails wait.

use std::sync::Arc;

use super::{Accepted, Failure, Parcel, Transport};
use crate::mail::dkim::Signer;

/// Puts a signature before each message and hands it on.
pub struct SigningTransport {
    next: Arc<dyn Transport>,
    signer: Signer,
}

impl SigningTransport {
    /// Signs, then delivers by `next`.
    pub fn new(next: Arc<dyn Transport>, signer: Signer) -> SigningTransport {
        SigningTransport { next, signer }
    }
}

impl Transport for SigningTransport {
    fn deliver(&self, parcel: &Parcel<'_>) -> Result<Accepted, Failure> {
        let signed = self
            .signer
            .sign(parcel.message)
            .ok_or_else(|| Failure::Misconfigured("the message could not be signed (mail.dkim)".to_owned()))?;
        self.next.deliver(&Parcel { message: &signed, ..*parcel })
    }
}
