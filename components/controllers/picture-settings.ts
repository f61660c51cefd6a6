import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { readPngTexts, withPngTexts } from '../pictures/png-texts.js';
import { bundledModelNames } from '../runtime/bundled-model-names.js';
import type { GenerateRequest, RunResult } from '../worker/protocol.js';

/** What draws a picture again: a run's options as plain values, with the model's defaults filled in. */
export interface PictureSettings {
  /** A bundled model's name, or the address of a model's folder. */
  readonly model: string;
  readonly prompt?: string;
  readonly negativePrompt?: string;
  readonly label?: string | number;
  /** As text where it is above 2^53. */
  readonly seed: number | string;
  readonly steps: number;
  readonly scheduler: string;
  readonly guidanceScale: number;
  readonly eta?: number;
  readonly count?: number;
  readonly width?: number;
  readonly height?: number;
}

const KEYWORD = 'diffusion-elements';
/** Files above this are not looked into. */
const MOST_BYTES = 64e6;
/** What may be asked for beside model and seed, by the type of its value. */
const kinds: Readonly<Partial<Record<keyof PictureSettings, string>>> = {
  ...{ prompt: 'string', negativePrompt: 'string', label: 'string', scheduler: 'string' },
  ...{ steps: 'number', guidanceScale: 'number', eta: 'number', count: 'number' },
  ...{ width: 'number', height: 'number' },
};

/** IPTC's word for pictures that a trained model made, in an XMP packet. */
const XMP = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`;

/** Remembers what drew the last pictures, writes it into their files, and reads it from files. */
export class PictureSettingsController implements ReactiveController {
  #settings: PictureSettings | undefined;
  #running: GenerateRequest | undefined;

  constructor(host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Of the last finished run. */
  get settings(): PictureSettings | undefined {
    return this.#settings;
  }

  /** A run begins. */
  begin(request: GenerateRequest): void {
    this.#running = request;
  }

  /** It is done. */
  finish({ seed, resolved }: RunResult): void {
    if (!this.#running) return;
    const { model, options } = this.#running;
    const [first = 0] = [seed].flat() as (number | bigint)[];
    const given = { ...options, ...resolved };
    this.#settings = {
      model,
      ...Object.fromEntries(
        Object.entries(kinds).flatMap(([name, kind]) => {
          const value = given[name as keyof typeof given];
          return typeof value === kind ? [[name, value]] : [];
        }),
      ),
      seed:
        typeof first === 'bigint' && first > Number.MAX_SAFE_INTEGER
          ? String(first)
          : Number(first),
    } as PictureSettings;
  }

  /** A PNG file with the settings in it; other files as they are. */
  async sign(file: Blob): Promise<Blob> {
    const settings = this.#settings;
    if (!settings || file.type !== 'image/png') return file;
    const texts = {
      parameters: parametersOf(settings),
      [KEYWORD]: JSON.stringify(settings),
      'XML:com.adobe.xmp': XMP,
    };
    const signed = withPngTexts(new Uint8Array(await file.arrayBuffer()), texts);
    return new Blob([signed as BlobPart], { type: file.type });
  }
}

/** In the form that other programs read (AUTOMATIC1111's). */
function parametersOf({ prompt = '', negativePrompt, ...rest }: PictureSettings): string {
  const { steps, scheduler, guidanceScale, seed, model } = rest;
  const values = `Steps: ${steps}, Sampler: ${scheduler}, CFG scale: ${guidanceScale}, Seed: ${seed}, Model: ${model}`;
  return [prompt, ...(negativePrompt ? [`Negative prompt: ${negativePrompt}`] : []), values].join(
    '\n',
  );
}

/**
 * The settings that a PNG file of these elements holds; undefined where it holds none. A file may name a bundled model, and
 * no other address: nothing is fetched because of a picture that somebody sent.
 */
export async function readSettings(file: Blob): Promise<Partial<PictureSettings> | undefined> {
  if (file.size > MOST_BYTES) return undefined;
  const text = readPngTexts(new Uint8Array(await file.arrayBuffer()))[KEYWORD];
  if (text === undefined) return undefined;
  try {
    const { model, seed, ...rest } = Object(JSON.parse(text)) as Record<string, unknown>;
    const known = Object.entries(rest).filter(
      ([name, value]) => typeof value === kinds[name as keyof PictureSettings],
    );
    return {
      ...(Object.fromEntries(known) as Partial<PictureSettings>),
      ...(bundledModelNames.includes(String(model)) && { model: String(model) }),
      ...(/^\d{1,20}$/.test(String(seed)) && { seed: String(seed) }),
    };
  } catch {
    return undefined; // Somebody else's text.
  }
}
