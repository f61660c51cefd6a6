import { readPngTexts, withPngTexts } from '../pictures/png-texts.js';
import { bundledModelNames } from '../runtime/bundled-model-names.js';
import { settingKinds, type PictureSettings } from './picture-settings.js';

const KEYWORD = 'diffusion-elements';
/** Files above this are not looked into. */
const MOST_BYTES = 64e6;
/** IPTC's word for pictures that a trained model made, in an XMP packet. */
const XMP = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`;

/** A PNG file with the settings in it, for these elements, for other programs, and for whoever asks what made it. */
export async function signed(file: Blob, settings: PictureSettings): Promise<Blob> {
  const texts = {
    parameters: parametersOf(settings),
    [KEYWORD]: JSON.stringify(settings),
    'XML:com.adobe.xmp': XMP,
  };
  const bytes = withPngTexts(new Uint8Array(await file.arrayBuffer()), texts);
  return new Blob([bytes as BlobPart], { type: file.type });
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
      ([name, value]) => typeof value === settingKinds[name as keyof PictureSettings],
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
