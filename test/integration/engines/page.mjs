// The page's side of the checks: they call these functions by name, in every engine.

/** A stroke is to be on the mask within this time. */
const PATIENCE = 5_000;

const sampler = document.querySelector('diffusion-sampler');
const inpaint = document.querySelector('diffusion-inpaint');
const mask = document.querySelector('diffusion-mask');
const maskEvents = [];

for (const type of ['input', 'change']) {
  mask.addEventListener(type, () => maskEvents.push(type));
}

async function until(condition) {
  const end = performance.now() + PATIENCE;
  while (!condition() && performance.now() < end) await new Promise((done) => setTimeout(done, 20));
}

/** The RGBA bytes of an element's first picture, in base64. */
function bytesOf({ images }) {
  return window.btoa(String.fromCharCode(...images[0].data));
}

window.checks = {
  async draw() {
    await sampler.generate();
    return bytesOf(sampler);
  },

  /** The same model, from a folder like those of others: it needs all of the runtime. */
  async drawFromFolder() {
    sampler.model = 'folder';
    try {
      return await window.checks.draw();
    } finally {
      sampler.model = '';
    }
  },

  /** Fills half of a picture drawn before; gives both. */
  async fill() {
    await sampler.generate();
    await inpaint.load(sampler.images[0]);
    await inpaint.generate();
    return { before: bytesOf(sampler), after: bytesOf(inpaint) };
  },

  /** Puts a picture under the mask, and tells where on the screen it stands. */
  async showMask() {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 56;
    canvas.getContext('2d').fillRect(0, 0, 56, 56);
    mask.src = canvas.toDataURL();
    const stage = mask.shadowRoot.querySelector('.stage');
    await until(() => mask.picture.width === 56 && stage.querySelector('img')?.complete);
    stage.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = stage.getBoundingClientRect();
    return { left, top, width, height };
  },

  /** The mask once so many changes have been reported, or none came in time. */
  async maskAfter(changes) {
    await until(() => maskEvents.filter((type) => type === 'change').length >= changes);
    const { isEmpty, picture } = mask;
    const sample = (x, y) => picture.data[4 * (y * picture.width + x)];
    return {
      isEmpty,
      samples: { top: sample(28, 14), middle: sample(28, 28) },
      events: maskEvents,
    };
  },
};
