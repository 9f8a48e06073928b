// What a resource server checks of a token that is bound to a key (RFC 9449, section 4.3).

import { createHash } from 'node:crypto';
import { EmbeddedJWK, calculateJwkThumbprint, jwtVerify } from 'jose';

export class Proofs {
  challenges = 0;
  #serial = 1;
  #seen = new Set();

  get nonce() { return `nonce-${this.#serial}`; }

  // Proofs with the nonce so far are good no more.
  turn() { this.#serial += 1; }

  // Why a proof is not taken; nothing if it is.
  async refuse({ method, address, proof, token, thumbprint }) {
    let payload;
    let protectedHeader;
    try {
      ({ payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { algorithms: ['ES256'], typ: 'dpop+jwt' }));
    } catch {
      return 'invalid_dpop_proof';
    }
    const hash = createHash('sha256').update(token).digest('base64url');
    const isGood = payload.htm === method
      && payload.htu === address
      && payload.ath === hash
      && Math.abs(Date.now() / 1000 - payload.iat) < 60
      && !('d' in protectedHeader.jwk)
      && await calculateJwkThumbprint(protectedHeader.jwk) === thumbprint
      && !this.#seen.has(payload.jti);
    if (!isGood) return 'invalid_dpop_proof';
    this.#seen.add(payload.jti);
    if (payload.nonce !== this.nonce) {
      this.challenges += 1;
      return 'use_dpop_nonce';
    }
    return undefined;
  }
}
