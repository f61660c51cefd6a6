// Draws every emoji of five sets at 64 x 64 and writes them with their names:
//   npm install --prefix models/training/emoji
//   node models/training/emoji/render.mjs --out runs/emoji
// pictures.bin.gz: RGBA bytes, straight alpha, one picture after the other; pictures.json: what each shows.
// The rasterizer ends the whole process on some pictures, so it runs in a child, and those are left out.

import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const SETS = ['noto', 'fluent-emoji', 'fluent-emoji-flat', 'twemoji', 'emojione'];
const SIZE = 64;
const LEFT_OUT_GROUPS = ['component', 'flags'];
const LEFT_OUT_SUBGROUPS = ['keycap', 'alphanum'];

const require = createRequire(import.meta.url);

/** The emoji that are drawn: names, keywords and groups, by code point as the icon sets write it. */
function readEmoji() {
  const { groups, subgroups } = require('emojibase-data/meta/groups.json');
  const emoji = new Map();
  for (const entry of require('emojibase-data/en/data.json')) {
    const group = groups[entry.group];
    const subgroup = subgroups[entry.subgroup];
    if (group === undefined || LEFT_OUT_GROUPS.includes(group)) continue;
    if (LEFT_OUT_SUBGROUPS.includes(subgroup)) continue;
    const { label, tags = [], emoji: character, order } = entry;
    emoji.set(plain(entry.hexcode), { label, tags, emoji: character, order, group, subgroup });
  }
  return emoji;
}

/** A code point sequence in lower case, without variation selectors. */
function plain(hexcode) {
  return hexcode
    .toLowerCase()
    .split('-')
    .filter((code) => code !== 'fe0f')
    .join('-');
}

/** Code points by the names that icon sets and emojibase give them; some sets name pictures only. */
function codesByName(emoji) {
  const codes = new Map();
  for (const set of SETS) {
    for (const [code, name] of Object.entries(require(`@iconify-json/${set}/chars.json`))) {
      codes.set(name, plain(code));
    }
  }
  for (const [code, { label }] of emoji) {
    codes.set(label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, ''), code);
  }
  return codes;
}

function listPictures() {
  const emoji = readEmoji();
  const codes = codesByName(emoji);
  const pictures = [];
  for (const set of SETS) {
    const names = new Map();
    const { icons, aliases = {} } = require(`@iconify-json/${set}/icons.json`);
    for (const name of [...Object.keys(icons), ...Object.keys(aliases)]) {
      const code = codes.get(name);
      if (emoji.has(code) && !names.has(code)) names.set(code, name);
    }
    for (const [code, name] of names) pictures.push({ set, name, code, ...emoji.get(code) });
  }
  return pictures;
}

/** The icon in the middle of a square. */
function svgOf(set, name) {
  const data = require(`@iconify-json/${set}/icons.json`);
  const icon = data.icons[name] ?? data.icons[data.aliases[name].parent];
  const { width = data.width, height = data.height } = icon;
  const side = Math.max(width, height);
  const viewBox = [(width - side) / 2, (height - side) / 2, side, side].join(' ');
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${viewBox}">${icon.body}</svg>`;
}

/** The child: draws what it is sent, one at a time. */
async function drawForParent() {
  const { Resvg } = await import('@resvg/resvg-js');
  process.on('message', ({ set, name }) => {
    const drawn = new Resvg(svgOf(set, name), { fitTo: { mode: 'width', value: SIZE } }).render();
    process.send(straight(drawn.pixels));
  });
}

/** Premultiplied RGBA to straight alpha. */
function straight(pixels) {
  const result = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3];
    for (let c = 0; c < 3; c++) {
      result[i + c] = alpha ? Math.min(255, Math.round((pixels[i + c] * 255) / alpha)) : 0;
    }
    result[i + 3] = alpha;
  }
  return result;
}

function startChild() {
  return fork(fileURLToPath(import.meta.url), ['--child'], { serialization: 'advanced' });
}

/** One picture's pixels, or undefined where the child died of it. */
function draw(child, { set, name }) {
  return new Promise((resolve) => {
    const done = (pixels) => {
      child.off('exit', died);
      resolve(pixels);
    };
    const died = () => {
      child.off('message', done);
      resolve(undefined);
    };
    child.once('message', done);
    child.once('exit', died);
    child.send({ set, name });
  });
}

async function render(out) {
  const drawn = [];
  const pixels = [];
  let child = startChild();
  for (const picture of listPictures()) {
    const rgba = await draw(child, picture);
    if (rgba) {
      drawn.push(picture);
      pixels.push(rgba);
    } else {
      console.error(`left out ${picture.set}:${picture.name}`);
      child = startChild();
    }
  }
  child.disconnect();
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'pictures.bin.gz'), gzipSync(Buffer.concat(pixels), { level: 9 }));
  writeFileSync(join(out, 'pictures.json'), JSON.stringify({ size: SIZE, pictures: drawn }) + '\n');
  const counts = SETS.map((set) => `${set} ${drawn.filter((p) => p.set === set).length}`);
  console.log(`${drawn.length} pictures: ${counts.join(', ')}`);
}

if (process.argv.includes('--child')) await drawForParent();
else {
  const { values } = parseArgs({ options: { out: { type: 'string', default: 'runs/emoji' } } });
  await render(values.out);
}
