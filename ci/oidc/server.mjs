// A real OpenID provider for the tests: rotation, reuse revokes the grant, PKCE, device flow, DPoP, revocation; and an
// API that takes its tokens. Writes its issuer to the given file when it listens. Its pages take any name and password.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { addGrants } from './grants.mjs';
import { Proofs } from './proof.mjs';

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const native = (id, more) => ({
  client_id: id,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token', DEVICE],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/'],
  ...more,
});
const service = (id, more) => ({
  client_id: id,
  client_secret: `${id}-secret`,
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  ...more,
});

const server = createServer().listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  // Tests run at the same time, each with a client of its own.
  const counted = new Map();
  const countsOf = (client) => {
    if (!counted.has(client)) counted.set(client, { refreshes: 0, granted: 0, reuses: 0, revocations: 0, notes: [] });
    return counted.get(client);
  };
  const bound = new Map();
  const proofsOf = (client) => {
    if (!bound.has(client)) bound.set(client, new Proofs());
    return bound.get(client);
  };

  const provider = new Provider(issuer, {
    clients: [
      native('cli'),
      native('other'),
      native('bound', { dpop_bound_access_tokens: true }),
      native('bound-device', { dpop_bound_access_tokens: true }),
      native('hasty'),
      service('service'),
      service('bound-service', { dpop_bound_access_tokens: true }),
    ],
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: {
      deviceFlow: { enabled: true },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      introspection: { enabled: true },
      // Tests bring the public keys of their clients.
      registration: { enabled: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => false,
        getResourceServerInfo: (_, audience) => ({ audience, scope: 'api:read', accessTokenFormat: 'opaque' }),
      },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    // A refresh token without the consent page's `offline_access`.
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    ttl: {
      AccessToken: 600,
      ClientCredentials: 600,
      DeviceCode: (_, __, client) => (client.clientId === 'hasty' ? 1 : 600),
      RefreshToken: 3600,
    },
    cookies: { keys: ['tests'] },
  });

  addGrants(provider);

  const issued = new Map();
  const expired = new Set();
  for (const kind of ['access_token', 'client_credentials']) {
    for (const event of ['saved', 'issued']) {
      provider.on(`${kind}.${event}`, (token) => issued.set(token.jti, token.clientId));
    }
  }
  provider.on('grant.success', (context) => {
    countsOf(context.oidc.client.clientId).granted += 1;
  });
  provider.on('grant.revoked', (context) => {
    countsOf(context.oidc.client?.clientId).reuses += 1;
  });

  // The token of a request, if the API takes it.
  const admitted = async (context) => {
    const [scheme, token = ''] = context.get('authorization').split(' ');
    const found = await provider.AccessToken.find(token) ?? await provider.ClientCredentials.find(token);
    const proofs = proofsOf(found?.clientId);
    let error;
    if (!found || found.isExpired || expired.has(found.jti)) {
      error = 'invalid_token';
    } else if (found.jkt && context.path !== '/me') {
      error = scheme === 'DPoP' ? await proofs.refuse({
        method: context.method,
        address: `${issuer}${context.path}`,
        proof: context.get('dpop'),
        token,
        thumbprint: found.jkt,
      }) : 'invalid_token';
      context.set('DPoP-Nonce', proofs.nonce);
    }
    if (!error) return found;
    context.status = 401;
    context.set('WWW-Authenticate', `${found?.jkt ? 'DPoP' : 'Bearer'} error="${error}"`);
    return undefined;
  };

  provider.use(async (context, next) => {
    const client = context.query.client ?? 'cli';
    switch (context.path) {
      // The provider's own user info, and an API behind the provider.
      case '/me':
        if (await admitted(context)) await next();
        return;
      case '/api/me': {
        const found = await admitted(context);
        if (found) context.body = { sub: found.accountId ?? found.clientId, aud: found.aud };
        return;
      }
      case '/api/notes': {
        let text = '';
        for await (const piece of context.req) text += piece;
        const found = await admitted(context);
        if (found) countsOf(found.clientId).notes.push(text);
        if (found) context.body = {};
        return;
      }
      // Lets every token of a client expire that is out.
      case '/control/expire':
        issued.forEach((owner, jti) => { if (owner === client) expired.add(jti); });
        context.body = {};
        return;
      case '/control/turn':
        proofsOf(client).turn();
        context.body = {};
        return;
      case '/control/counts':
        context.body = { ...countsOf(client), challenges: proofsOf(client).challenges };
        return;
      case '/token':
        await next();
        // A request that lacks a nonce is turned away before its token is looked at.
        if (context.oidc?.params?.grant_type === 'refresh_token' && context.body?.error !== 'use_dpop_nonce') {
          countsOf(context.oidc.client?.clientId).refreshes += 1;
        }
        return;
      case '/token/revocation':
        await next();
        countsOf(context.oidc?.client?.clientId).revocations += 1;
        return;
      default:
        await next();
    }
  });

  server.on('request', provider.callback());
  writeFileSync(process.argv[2], `${issuer}\n`);
});
