import { Readable, Transform } from 'node:stream';

/** Middleware of a server that all its answers together pass so many bytes a second. */
export function slowLine(bytesPerSecond) {
  let free = 0;
  const pace = () =>
    new Transform({
      transform(chunk, _encoding, done) {
        free = Math.max(free, performance.now()) + (1000 * chunk.length) / bytesPerSecond;
        setTimeout(done, free - performance.now(), undefined, chunk);
      },
    });
  return async (context, next) => {
    await next();
    const { body, length } = context;
    if (typeof body === 'string' || !body) return;
    context.body = (body instanceof Readable ? body : Readable.from([body])).pipe(pace());
    if (length !== undefined) context.length = length;
  };
}
