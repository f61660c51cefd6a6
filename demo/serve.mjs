// Serves the built site and prints its address.
import { fileURLToPath } from 'node:url';
import { startDevServer } from '@web/dev-server';

const rootDir = fileURLToPath(new URL('_site', import.meta.url));
const port = process.env.PORT ? Number(process.env.PORT) : undefined;
const server = await startDevServer({
  config: { rootDir, port, watch: false, open: false },
  readCliArgs: false,
  readFileConfig: false,
  logStartMessage: false,
});
console.log(`The site is at http://localhost:${server.config.port}/ (stop with Ctrl+C)`);
