import * as ort from 'onnxruntime-web/wasm';
import { handOver } from './import-script.js';
import { provideModule } from './build-source.js';
import { provideRest } from './join-modules.js';

handOver('wasm', { ort, provideModule, provideRest, url: import.meta.url });
