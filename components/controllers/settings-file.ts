import { readPngTexts, withPngTexts } from '../pictures/png-texts.js';
import { bundledModelNames } from '../runtime/bundled-model-names.js';
import {
  KEYWORD,
  settingKinds,
  settingsTexts,
  type PictureSettings,
} from '../pictures/picture-settings.js';

/** Files above this are not looked into. */
const MOST_BYTES = 64e6;
/** A PNG file with the settings in it, for these elements, for other programs, and for whoever asks what made it. */
export async function signed(file: Blob, settings: PictureSettings): Promise<Blob> {
  const bytes = withPngTexts(new Uint8Array(await file.arrayBuffer()), settingsTexts(settings));
  return new Blob([bytes as BlobPart], { type: file.type });
}

/** Settings of a file; of a model that is not bundled only the name is told. */
export type FileSettings = Partial<PictureSettings> & { readonly otherModel?: string };

/**
 * The settings that a PNG file of these elements holds; undefined where it holds none. A file may name a bundled model, and
 * no other address: nothing is fetched because of a picture that somebody sent.
 */
export async function readSettings(file: Blob): Promise<FileSettings | undefined> {
  if (file.size > MOST_BYTES) return undefined;
  const text = readPngTexts(new Uint8Array(await file.arrayBuffer()))[KEYWORD];
  if (text === undefined) return undefined;
  try {
    const given: unknown = JSON.parse(text);
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
    const { model, seed, ...rest } = given as Record<string, unknown>;
    const known = Object.entries(rest).filter(
      ([name, value]) => typeof value === settingKinds[name as keyof PictureSettings],
    );
    return {
      ...(Object.fromEntries(known) as Partial<PictureSettings>),
      ...(bundledModelNames.includes(String(model))
        ? { model: String(model) }
        : { otherModel: String(model) }),
      // A number above 2^53 was rounded when it was read.
      ...((typeof seed === 'string' || Number.isSafeInteger(seed)) &&
        /^\d[\d.,@]{0,99}$/.test(String(seed)) && { seed: String(seed) }),
    };
  } catch {
    return undefined; // Somebody else's text.
  }
}
