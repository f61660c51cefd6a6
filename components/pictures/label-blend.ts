const NAME = String.raw`([^,@\s](?:[^,@]*[^,@\s])?)`;
const BLEND = new RegExp(String.raw`^\s*${NAME}\s*,\s*${NAME}\s*@\s*([\d.]+)\s*$`);

/** A place between two classes; undefined for text that names none. */
export function parseBlend(
  text: string,
): { readonly from: string; readonly to: string; readonly share: number } | undefined {
  const [, from, to, at] = BLEND.exec(text) ?? [];
  const share = Number(at);
  if (from === undefined || to === undefined || !(share <= 1)) return undefined;
  return { from, to, share };
}

/** The name of a class that may be given by its number. */
export function labelName(labels: readonly string[], label: string): string {
  return labels.includes(label)
    ? label
    : (labels[/^\s*\d+\s*$/.test(label) ? Number(label) : -1] ?? label);
}
