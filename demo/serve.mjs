// Serves the repository, so that the demo finds dist/ beside it, and prints the address.
import { fileURLToPath } from 'node:url';
import { startDevServer } from '@web/dev-server';

const rootDir = fileURLToPath(new URL('..', import.meta.url));
const port = process.env.PORT ? Number(process.env.PORT) : undefined;
const server = await startDevServer({
  config: { rootDir, port, watch: false, open: false },
  readCliArgs: false,
  readFileConfig: false,
  logStartMessage: false,
});
console.log(`The demo is at http://localhost:${server.config.port}/demo/ (stop with Ctrl+C)`);
