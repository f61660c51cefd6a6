/** With what each element begins in its playground. */
const attributes = {
  'diffusion-sampler': 'controls autoplay label="sneaker" seed="3" trajectory=""',
  'diffusion-inpaint': 'controls src="/pictures/ankle-boot.png" label="ankle boot"',
  'diffusion-canvas': 'controls label="ankle boot" seed="1"',
  'diffusion-mask': 'controls src="/pictures/bag.png"',
  'diffusion-forward': 'label="shirt" marks="0 250 500 750 999"',
  'diffusion-schedule': 'beta-schedule="linear squaredcos_cap_v2" scheduler="ddim" steps="10"',
  'diffusion-interpolate': 'controls autoplay label="sneaker" from-seed="3" to-seed="9"',
  'diffusion-compare':
    'controls schedulers="ddim:5 ddim:20 unipc:10 dpm++:10" label="sneaker" seed="3"',
  'diffusion-train': 'data="moons"',
};

export const startingTag = (tag) => `<${tag} ${attributes[tag] ?? ''}></${tag}>`;

/** The attributes of a tag as it is written. */
export function attributesOf(tag) {
  const [, inside = ''] = /^<[\w-]+([^>]*)>/s.exec(tag) ?? [];
  const pairs = [...inside.matchAll(/([\w-]+)(?:="([^"]*)")?/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, value ?? '']));
}
