// Two grants that oidc-provider leaves to its users: assertions (RFC 7523, section 2.1), whose signatures are verified
// with the keys of the client, and token exchange (RFC 8693).

import { createLocalJWKSet, jwtVerify } from 'jose';
import { errors } from 'oidc-provider';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export function addGrants(provider) {
  const issue = async (context, accountId, type) => {
    const { client, params } = context.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId });
    const grantId = await grant.save();
    const token = new provider.AccessToken({ accountId, client, grantId, gty: params.grant_type, scope: params.scope });
    if (params.audience) token.aud = params.audience;
    context.oidc.entity('AccessToken', token);
    context.body = {
      access_token: await token.save(),
      expires_in: token.expiration,
      token_type: 'Bearer',
      ...(type && { issued_token_type: type }),
    };
  };

  const used = new Set();
  provider.registerGrantType(JWT_BEARER, async (context) => {
    const { client, params } = context.oidc;
    let claims;
    try {
      const keys = createLocalJWKSet(client.jwks);
      ({ payload: claims } = await jwtVerify(params.assertion ?? '', keys, {
        audience: provider.issuer,
        issuer: client.clientId,
        requiredClaims: ['sub', 'exp', 'jti'],
      }));
    } catch (error) {
      throw new errors.InvalidGrant(`the assertion is not accepted: ${error.code}`);
    }
    if (used.has(claims.jti)) throw new errors.InvalidGrant('the assertion was used before');
    used.add(claims.jti);
    await issue(context, claims.sub);
  }, ['assertion', 'scope', 'audience']);

  provider.registerGrantType(TOKEN_EXCHANGE, async (context) => {
    const { params } = context.oidc;
    if (params.subject_token_type !== ACCESS_TOKEN) throw new errors.InvalidRequest('unknown subject_token_type');
    const subject = await provider.AccessToken.find(params.subject_token ?? '');
    if (!subject || subject.isExpired) throw new errors.InvalidGrant('the subject token is not accepted');
    await issue(context, subject.accountId, ACCESS_TOKEN);
  }, ['subject_token', 'subject_token_type', 'requested_token_type', 'scope', 'audience']);
}
