// A real OpenID Connect provider (npm oidc-provider) for the tests: one client,
// one person, the package's own sign-in and consent pages. The folder that
// holds node_modules comes as the first argument; the settings as JSON on
// standard input; the issuer goes to standard output once it listens.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const require = createRequire(pathToFileURL(process.argv[2] + '/'))
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')))
const { clients, person } = JSON.parse(readFileSync(0, 'utf8'))

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...person }) }),
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'HS256'] },
    pkce: { required: () => true },
    cookies: { keys: ['for the tests'] },
  })
  server.on('request', provider.callback())
  console.log(issuer)
})
