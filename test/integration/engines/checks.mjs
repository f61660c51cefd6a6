// What is checked in every engine. A check opens the page anew, throws where something is wrong, and returns
// what its line should add.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

/** The pictures of the first engine, by name: every other one must draw the same bytes. */
const reference = new Map();

/** Fails unless the bytes are those that the first engine drew; returns their hash. */
function sameAsReference(name, bytes, engine) {
  if (engine.isReference) reference.set(name, bytes);
  const expected = reference.get(name);
  assert(expected, 'the first engine has drawn nothing to compare with');
  if (!bytes.equals(expected)) {
    const differences = [...bytes].map((byte, i) => Math.abs(byte - expected[i])).filter(Boolean);
    const most = Math.max(...differences);
    throw new Error(
      `${differences.length} of ${bytes.length} bytes differ from the first engine's, by up to ${most}`,
    );
  }
  return `sha256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

const fromBase64 = (text) => Buffer.from(text, 'base64');

async function drawsPicture(browser, engine) {
  const bytes = fromBase64(await browser.evaluate('checks.draw()'));
  assert(Math.max(...bytes.filter((_, i) => i % 4 < 3)) > 120, 'the picture is dark');
  assert(Math.min(...bytes) < 60, 'the picture is bright');
  return sameAsReference('drawn', bytes, engine);
}

async function drawsFromFolder(browser, engine) {
  const bytes = fromBase64(await browser.evaluate('checks.drawFromFolder()'));
  return sameAsReference('drawn', bytes, engine);
}

async function fillsMask(browser, engine) {
  const { before, after } = await browser.evaluate('checks.fill()');
  assert.notEqual(after, before, 'nothing was filled');
  return sameAsReference('filled', fromBase64(after), engine);
}

async function paintsMask(browser) {
  const { left, top, width, height } = await browser.evaluate('checks.showMask()');
  const at = (x, y) => [Math.round(left + x * width), Math.round(top + y * height)];
  const blank = await browser.evaluate('checks.maskAfter(0)');
  assert(blank.isEmpty, 'the mask is painted already');

  await browser.drag([at(0.2, 0.5), at(0.5, 0.25), at(0.8, 0.5)]);
  const painted = await browser.evaluate('checks.maskAfter(1)');
  assert(!painted.isEmpty, 'the stroke has left no paint');
  assert.deepEqual(
    painted.samples,
    { top: 255, middle: 0 },
    'the paint is not where the mouse was',
  );
  assert(painted.events.includes('input'), 'there was no input event');
  assert.equal(painted.events.at(-1), 'change', 'the stroke ended without a change event');

  await browser.press('Control', 'z');
  const undone = await browser.evaluate('checks.maskAfter(2)');
  assert(undone.isEmpty, 'Ctrl+Z has not taken the stroke back');
  assert.equal(undone.events.length, painted.events.length + 1, 'Ctrl+Z gave no change event');
  return `events: ${undone.events.join(', ')}`;
}

export const checks = [
  { name: 'draws a picture', run: drawsPicture },
  { name: 'draws it from a folder of others', run: drawsFromFolder },
  { name: 'fills a mask', run: fillsMask },
  { name: 'paints a mask, and takes it back', run: paintsMask },
];
