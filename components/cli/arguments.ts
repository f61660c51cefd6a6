import { parseArgs } from 'node:util';
import { invalidOption } from '../errors.js';

export const usage = `Usage: diffusion-elements generate [options]
       diffusion-elements copy FOLDER [--wasm-only]
       diffusion-elements manifest FOLDER

copy puts what pages fetch at run time into a folder of your site, for configure({ baseUrl }); with --wasm-only
without the runtimes and weights for WebGPU.

manifest writes the files.json of a model's folder, with which downloads are checked and kept.

generate draws pictures with a diffusion model and writes them as one PNG, several as a grid.

  --label NAME           class to draw, by name or number (any by default)
  --prompt TEXT          what to draw, with a model that reads text
  --negative-prompt TEXT what not to draw
  --image FILE           a PNG picture to start from, in the size to be drawn
  --mask FILE            a PNG, white where the picture is to be drawn anew
  --strength X           how much of the picture to change, 0 to 1 (0.8, with a mask 1)
  --width N, --height N  of the pictures in pixels (the model's own)
  --count N              pictures, 1 to 64 (1)
  --steps N              inference steps (the model's default)
  --seed N               seed of the noise (random)
  --scheduler NAME       ddim, ddpm, euler, dpm++, unipc, ... (the model's default)
  --guidance-scale X     how strongly to follow the label or prompt (the model's default)
  --guidance-rescale X   contrast to take back from guidance, 0 to 1 (0)
  --eta X                fresh noise at each step of DDIM, 0 to 1 (0)
  --dtype NAME           int8, q8, fp32, fp16, ... (the first of these that is there)
  --backend NAME         auto, wasm or native (auto: native where onnxruntime-node is installed)
  --model FOLDER         emoji, fashion-mnist, emoji-turbo and fashion-mnist-turbo (distilled: in one to four steps), a
                         folder or URL of a model, or hf:owner/name (fashion-mnist; emoji where there is a prompt)
  --scale N              enlarge each pixel N times (4 for small pictures, else 1)
  --out FILE             where to write (picture.png)
  --help                 this text
`;

export interface ManifestCommand {
  readonly command: 'manifest';
  readonly folder: string;
}

export interface CopyCommand {
  readonly command: 'copy';
  readonly folder: string;
  readonly wasmOnly: boolean;
}

export interface GenerateCommand {
  readonly command: 'generate';
  readonly model?: string;
  readonly label?: string;
  readonly prompt?: string;
  readonly negativePrompt?: string;
  /** PNG files. */
  readonly image?: string;
  readonly mask?: string;
  readonly strength?: number;
  readonly width?: number;
  readonly height?: number;
  readonly count?: number;
  readonly steps?: number;
  readonly seed?: number | bigint | string;
  readonly scheduler?: string;
  readonly guidanceScale?: number;
  readonly guidanceRescale?: number;
  readonly eta?: number;
  readonly dtype?: string;
  readonly backend?: string;
  /** Undefined for one that suits the pictures' size. */
  readonly scale: number | undefined;
  readonly out: string;
}

const text = { type: 'string' } as const;

function toNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === '' || Number.isNaN(number))
    throw invalidOption(`--${name}`, value, 'a number');
  return number;
}

function toSeed(value: string | undefined): number | bigint | string | undefined {
  if (value?.includes('@')) return value;
  const seed = toNumber('seed', value);
  return value && /^\d+$/.test(value) && !Number.isSafeInteger(seed) ? BigInt(value) : seed;
}

export interface HelpCommand {
  readonly command: 'help';
  /** What could not be understood, where nobody asked for help. */
  readonly mistake?: string;
}

/** Reads the command line. */
export function readArguments(
  args: readonly string[],
): CopyCommand | ManifestCommand | GenerateCommand | HelpCommand {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      label: text,
      prompt: text,
      'negative-prompt': text,
      image: text,
      mask: text,
      strength: text,
      width: text,
      height: text,
      backend: text,
      count: text,
      steps: text,
      seed: text,
      scheduler: text,
      'guidance-scale': text,
      'guidance-rescale': text,
      eta: text,
      dtype: text,
      model: text,
      scale: text,
      out: text,
      'wasm-only': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const [command, folder, ...rest] = positionals;
  if (values.help || args.length === 0) return { command: 'help' };
  const said = `This can't be understood: ${positionals.join(' ')}`;
  const needsFolder = (command === 'copy' || command === 'manifest') && !folder;
  const mistake = needsFolder
    ? `${said} (it needs the name of a folder)`
    : command === 'generate' && values.prompt
      ? `${said} (texts of several words stand in quotes: --prompt "a red fox")`
      : said;
  if (rest.length > 0) return { command: 'help', mistake };
  if (command === 'copy' && folder) {
    return { command, folder, wasmOnly: values['wasm-only'] ?? false };
  }
  if (command === 'manifest' && folder) return { command, folder };
  if (command !== 'generate' || folder) return { command: 'help', mistake };
  const scale = toNumber('scale', values.scale);
  if (scale !== undefined && (!Number.isInteger(scale) || scale < 1 || scale > 64)) {
    throw invalidOption('--scale', scale, 'a whole number from 1 to 64');
  }
  const out = values.out ?? 'picture.png';
  if (!/\.png$/i.test(out)) throw invalidOption('--out', out, 'the name of a .png file');
  return {
    command,
    model: values.model,
    label: values.label,
    prompt: values.prompt,
    negativePrompt: values['negative-prompt'],
    image: values.image,
    mask: values.mask,
    strength: toNumber('strength', values.strength),
    width: toNumber('width', values.width),
    height: toNumber('height', values.height),
    count: toNumber('count', values.count),
    steps: toNumber('steps', values.steps),
    seed: toSeed(values.seed),
    scheduler: values.scheduler,
    guidanceScale: toNumber('guidance-scale', values['guidance-scale']),
    guidanceRescale: toNumber('guidance-rescale', values['guidance-rescale']),
    eta: toNumber('eta', values.eta),
    dtype: values.dtype,
    backend: values.backend,
    scale,
    out,
  };
}
