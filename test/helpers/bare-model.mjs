// Serves the Fashion-MNIST model as people have folders, under /bare/model/: no files.json, no scheduler, and one variant;
// what is not there is answered by the app's page. /bare/version?N changes the version that the server names.
import { readFile } from 'node:fs/promises';

const there = ['model_index.json', 'unet/config.json', 'unet/model.onnx'];
let version = '1';

export async function bareModel(context, next) {
  if (context.path === '/bare/version') {
    version = context.querystring;
    context.body = version;
    return undefined;
  }
  const [, file] = /^\/bare\/model\/(.+)$/.exec(context.path) ?? [];
  if (!file) return next();
  const isThere = there.includes(file);
  const body = isThere ? await readFile(`models/fashion-mnist/${file}`) : '<!doctype html><p>App';
  context.respond = false;
  context.res.writeHead(200, {
    'content-type': isThere ? 'application/octet-stream' : 'text/html',
    'cache-control': 'no-store',
    etag: `"${version}"`,
  });
  context.res.end(context.method === 'HEAD' ? undefined : body);
  return undefined;
}
