import type { OnnxRuntime } from './onnxruntime.js';

/** An ONNX network of one operator: the sine of a number. */
const SINE = 'CAg6MgoLCgF4EgF5IgNTaW4SAWdaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgIQEQ==';

/**
 * What a runtime does but once, with its first network, it does with this one: mostly while weights are still on their way. It
 * takes a quarter of the time from the runtime's last byte to the first picture.
 */
export async function startRuntime(ort: OnnxRuntime): Promise<void> {
  const network = Uint8Array.from(atob(SINE), (character) => character.charCodeAt(0));
  const session = await ort.InferenceSession.create(network, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  });
  await session.release();
}
