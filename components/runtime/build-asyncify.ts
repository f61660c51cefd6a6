import * as ort from 'onnxruntime-web/webgpu';
import { handOver } from './import-script.js';
import { provideModule } from './build-source.js';

handOver('asyncify', { ort, provideModule, url: import.meta.url });
