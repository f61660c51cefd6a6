import {
  BufferTarget,
  canEncodeVideo,
  CanvasSource,
  Mp4OutputFormat,
  Output,
  QUALITY_HIGH,
  WebMOutputFormat,
} from 'mediabunny';
import { DiffusionError } from '../errors.js';
import type { Movie } from './recording.js';

const candidates = [
  { codec: 'avc', type: 'video/mp4', format: () => new Mp4OutputFormat() },
  { codec: 'vp9', type: 'video/webm', format: () => new WebMOutputFormat() },
  { codec: 'vp8', type: 'video/webm', format: () => new WebMOutputFormat() },
] as const;

/**
 * A movie as an MP4 where the browser can encode one, else as a WebM.
 *
 * @throws DiffusionError `backend-unavailable` where it can do neither
 */
export async function writeVideo({ frames, framesPerSecond, frame }: Movie): Promise<Blob> {
  const canvas = frame(0);
  const { width, height } = canvas;
  for (const { codec, type, format } of candidates) {
    if (!(await canEncodeVideo(codec, { width, height }))) continue;
    const target = new BufferTarget();
    const output = new Output({ format: format(), target });
    const source = new CanvasSource(canvas, { codec, bitrate: QUALITY_HIGH });
    output.addVideoTrack(source, { frameRate: framesPerSecond });
    await output.start();
    for (let index = 0; index < frames; index++) {
      frame(index);
      await source.add(index / framesPerSecond, 1 / framesPerSecond);
    }
    await output.finalize();
    return new Blob([target.buffer!], { type });
  }
  throw new DiffusionError(
    'backend-unavailable',
    'This browser does not write videos: save a GIF instead.',
  );
}
