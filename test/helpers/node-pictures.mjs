// Draws in Node what a browser test asks for, under /node-picture?OPTIONS: to compare byte for byte.
let pipelines;

export async function nodePictures(context, next) {
  if (context.path !== '/node-picture') return next();
  pipelines ??= await import('../../dist/node/pipeline.js');
  const { dtype, options } = context.query;
  const pipeline = await pipelines.DiffusionPipeline.fromPretrained('models/fashion-mnist', {
    backend: 'wasm',
    dtype,
  });
  const { images } = await pipeline.generate(JSON.parse(options));
  await pipeline.dispose();
  context.type = 'application/octet-stream';
  context.body = Buffer.concat(images.map(({ data }) => Buffer.from(data.buffer)));
  return undefined;
}
