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
  readonly guidanceRescale?: number;
  readonly eta?: number;
  readonly count?: number;
  readonly width?: number;
  readonly height?: number;
  /** It began from a picture that the settings do not hold, or from a part of one. */
  readonly fromImage?: boolean;
}

/** What may be asked for beside model and seed, by the type of its value. */
export const settingKinds: Readonly<Partial<Record<keyof PictureSettings, string>>> = {
  ...{ prompt: 'string', negativePrompt: 'string', label: 'string', scheduler: 'string' },
  ...{ steps: 'number', guidanceScale: 'number', guidanceRescale: 'number', eta: 'number' },
  ...{ count: 'number', width: 'number', height: 'number', fromImage: 'boolean' },
};

/** Under which these elements find their own settings in a PNG file. */
export const KEYWORD = 'diffusion-elements';

/** IPTC's words for pictures that a trained model made, alone or into another picture, in an XMP packet. */
const xmpOf = ({ fromImage }: PictureSettings) => {
  const source = fromImage ? 'compositeWithTrainedAlgorithmicMedia' : 'trainedAlgorithmicMedia';
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/${source}"/></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`;
};

/** The texts of a PNG file: for these elements, for other programs, and for whoever asks what made the picture. */
export function settingsTexts(settings: PictureSettings): Record<string, string> {
  return {
    parameters: parametersOf(settings),
    [KEYWORD]: JSON.stringify(settings),
    'XML:com.adobe.xmp': xmpOf(settings),
  };
}

/** In the form that other programs read (AUTOMATIC1111's). */
function parametersOf({ prompt = '', negativePrompt, ...rest }: PictureSettings): string {
  const { steps, scheduler, guidanceScale, seed, model } = rest;
  const values = `Steps: ${steps}, Sampler: ${scheduler}, CFG scale: ${guidanceScale}, Seed: ${seed}, Model: ${model}`;
  return [prompt, ...(negativePrompt ? [`Negative prompt: ${negativePrompt}`] : []), values].join(
    '\n',
  );
}
