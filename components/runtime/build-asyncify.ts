import * as ort from 'onnxruntime-web/webgpu';
import { handOver } from './import-script.js';
import { provideModule } from './build-source.js';
import { provideRest } from './join-modules.js';

handOver('asyncify', { ort, provideModule, provideRest, url: import.meta.url });
