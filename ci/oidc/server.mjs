// A real OpenID provider for the tests: rotation, reuse revokes the grant, PKCE, device flow, revocation.
// Writes its issuer to the given file when it listens. Its pages take any name and password.

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const server = createServer().listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const counts = { refreshes: 0, granted: 0, reuses: 0, revocations: 0 };

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'cli',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/'],
      },
      {
        client_id: 'service',
        client_secret: 'service-secret',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      },
    ],
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: {
      deviceFlow: { enabled: true },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      introspection: { enabled: true },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    // A refresh token without the consent page's `offline_access`.
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    ttl: { AccessToken: 600, ClientCredentials: 600, DeviceCode: 600, RefreshToken: 3600 },
    cookies: { keys: ['tests'] },
  });

  provider.on('grant.success', (context) => {
    if (context.oidc.params.grant_type === 'refresh_token') counts.granted += 1;
  });
  provider.on('grant.revoked', () => { counts.reuses += 1; });
  provider.use(async (context, next) => {
    const token = context.get('authorization').replace(/^Bearer /, '');
    switch (context.path) {
      // The provider's own user info, and an API behind the provider.
      case '/me':
      case '/api/me': {
        const found = await provider.AccessToken.find(token) ?? await provider.ClientCredentials.find(token);
        if (!found || found.isExpired || expired.has(found.jti)) {
          context.status = 401;
          context.set('WWW-Authenticate', 'Bearer error="invalid_token"');
        } else if (context.path === '/me') {
          await next();
        } else {
          context.body = { sub: found.accountId ?? found.clientId };
        }
        return;
      }
      // Lets every token that is out expire.
      case '/control/expire':
        issued.forEach((jti) => expired.add(jti));
        context.body = {};
        return;
      case '/control/counts':
        context.body = counts;
        return;
      case '/token':
        await next();
        if (context.oidc?.params?.grant_type === 'refresh_token') counts.refreshes += 1;
        return;
      case '/token/revocation':
        counts.revocations += 1;
        await next();
        return;
      default:
        await next();
    }
  });

  const issued = new Set();
  const expired = new Set();
  for (const kind of ['access_token', 'client_credentials']) {
    provider.on(`${kind}.saved`, (token) => issued.add(token.jti));
    provider.on(`${kind}.issued`, (token) => issued.add(token.jti));
  }

  server.on('request', provider.callback());
  writeFileSync(process.argv[2], `${issuer}\n`);
});
