import * as ort from 'onnxruntime-web/wasm';
import { handOver } from './import-script.js';
import { provideModule } from './build-source.js';

handOver('wasm', { ort, provideModule, url: import.meta.url });
