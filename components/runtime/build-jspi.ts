import * as ort from 'onnxruntime-web/jspi';
import { handOver } from './import-script.js';
import { provideModule } from './build-source.js';
import { provideRest } from './join-modules.js';

handOver('jspi', { ort, provideModule, provideRest, url: import.meta.url });
