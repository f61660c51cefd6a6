import * as ort from 'onnxruntime-web/jspi';
import { handOver } from './import-script.js';
import { provideModule } from './build-source.js';

handOver('jspi', { ort, provideModule, url: import.meta.url });
