import { esbuildPlugin } from '@web/dev-server-esbuild';
import { playwrightLauncher } from '@web/test-runner-playwright';
import { bareModel } from './test/helpers/bare-model.mjs';
import { brokenModels } from './test/helpers/broken-models.mjs';
import { chromiumFlags, findChromium } from './test/helpers/find-chromium.mjs';
import { faultyFiles } from './test/helpers/faulty-files.mjs';
import { folderServers } from './test/helpers/folder-servers.mjs';
import { nodePictures } from './test/helpers/node-pictures.mjs';
import { touchCommand } from './test/helpers/touch.mjs';

const minutes = 60_000;

/** The glue of onnxruntime-web imports Node's modules where it runs in Node; here they stay as they are. */
const leaveRuntimeAlone = {
  name: 'leave-runtime-alone',
  resolveImport: ({ source, context }) =>
    context.path.startsWith('/dist/runtime/') ? source : undefined,
};

/** So that a test can load the package from another origin, as from a CDN; `?no-cors` is a server that forbids it. */
function allowOtherOrigins(context, next) {
  if (context.querystring !== 'no-cors') context.set('Access-Control-Allow-Origin', '*');
  return next();
}

export default {
  files: ['test/**/*.test.ts', '!test/{cli,demo,fuzz,networks,node,readme}/**'],
  nodeResolve: { exportConditions: ['browser', 'import'] },
  plugins: [
    leaveRuntimeAlone,
    touchCommand,
    esbuildPlugin({ ts: true, target: 'esnext', tsconfig: 'tsconfig.json' }),
  ],
  middleware: [
    allowOtherOrigins,
    bareModel,
    brokenModels,
    faultyFiles,
    folderServers,
    nodePictures,
  ],
  browsers: [
    playwrightLauncher({
      product: 'chromium',
      concurrency: 1,
      launchOptions: { executablePath: findChromium(), args: chromiumFlags },
    }),
  ],
  concurrency: 1,
  testFramework: { config: { timeout: process.env.TEST_TIMEOUT ?? `${2 * minutes}` } },
  testsFinishTimeout: 10 * minutes,
  browserStartTimeout: minutes,
};
