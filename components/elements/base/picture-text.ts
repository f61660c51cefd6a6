import type { LanguageController } from '../../controllers/language.js';
import { parseBlend } from '../../pictures/label-blend.js';

/** What so many pictures show, in words; a place between two classes as its share. */
export function pictureText(
  language: LanguageController,
  { label, prompt }: { readonly label?: string; readonly prompt?: string },
  count: number,
): string {
  const placed = parseBlend(label ?? '');
  const share = Math.round(100 * (placed?.share ?? 0));
  const what = placed
    ? `${placed.from}, ${language.text('blendPlace', { to: placed.to, share })}`
    : label || prompt || '';
  const one = what ? 'pictureOf' : 'picture';
  const several = what ? 'picturesOf' : 'pictures';
  return language.text(count > 1 ? several : one, { count, label: what });
}
