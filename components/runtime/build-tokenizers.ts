import { Tokenizer } from '@huggingface/tokenizers';
import { handOver } from './import-script.js';

handOver('tokenizers', { Tokenizer });
