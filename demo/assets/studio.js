// The prompt box of the landing page: what is drawn is kept in this browser, and in an address that draws it again.
import { createStore, delMany, entries, set } from './idb-keyval.js';

const studio = document.querySelector('#studio');
const told = document.querySelector('#told');
const kept = document.querySelector('#kept');
const store = createStore('diffusion-elements-pictures', 'pictures');
/** Pictures that are kept; older ones go. */
const MOST = 60;

/** What an address may say, by the attributes' names. */
const shared = {
  prompt: 'prompt',
  'negative-prompt': 'negativePrompt',
  seed: 'seed',
  steps: 'steps',
  scheduler: 'scheduler',
  'guidance-scale': 'guidanceScale',
};

function tell(text) {
  told.textContent = text;
}

function linkTo(settings) {
  const address = new URL(location.href);
  address.hash = '';
  address.search = '?prompt=';
  for (const [name, key] of Object.entries(shared)) {
    const value = settings[key];
    if (value !== undefined) address.searchParams.set(name, String(value));
  }
  return address;
}

function draw() {
  studio.generate().catch(() => undefined); // The element says what went wrong.
}

/** Draws what an address asked for; values that make no sense are left out. */
function drawAsked() {
  studio.generate().catch(({ code }) => {
    if (code !== 'invalid-option') return;
    for (const name of Object.keys(shared)) if (name !== 'prompt') studio.removeAttribute(name);
    tell('The link asked for something that can’t be drawn; that was left out.');
    draw();
  });
}

/** Draws what the address asks for. */
function readAddress() {
  const { searchParams } = new URL(location.href);
  if (!searchParams.has('prompt')) return false;
  studio.removeAttribute('prompt-style');
  for (const name of Object.keys(shared)) {
    if (searchParams.has(name)) studio.setAttribute(name, searchParams.get(name));
    else studio.removeAttribute(name);
  }
  return true;
}

const pictureOf = (blob, text) => {
  const image = new Image(64, 64);
  image.src = URL.createObjectURL(blob);
  image.alt = text;
  image.onload = image.onerror = () => URL.revokeObjectURL(image.src);
  return image;
};

/** One change of what is kept after the other: a picture that is forgotten while it is being kept does not come back. */
let turn = Promise.resolve();
function inTurn(change) {
  turn = turn.then(change, change);
  return turn;
}

function entry([, { blob, prompt, same }]) {
  const item = document.createElement('li');
  const again = document.createElement('button');
  const text = prompt || 'A picture without a prompt';
  again.className = 'again';
  again.title = text;
  again.append(pictureOf(blob, text));
  again.onclick = async () => {
    await studio.loadSettings(blob);
    studio.scrollIntoView({ block: 'nearest' });
    draw();
  };
  const away = document.createElement('button');
  away.className = 'away';
  away.textContent = '×';
  away.ariaLabel = `Forget: ${text}`;
  away.onclick = () => inTurn(() => forget((picture) => picture.same === same));
  item.append(again, away);
  return item;
}

/** The newest first. */
const readKept = async () => (await entries(store)).sort(([a], [b]) => b - a);

async function showKept() {
  const all = await readKept();
  kept.replaceChildren(...all.map(entry));
  kept.closest('section').hidden = all.length === 0;
}

async function forget(isMeant) {
  const meant = (await readKept()).filter(([, picture]) => isMeant(picture));
  await delMany(
    meant.map(([key]) => key),
    store,
  );
  await showKept();
}

/** @param drawing the picture's file, under way */
async function keep(drawing, settings) {
  const same = JSON.stringify(settings);
  try {
    const blob = await drawing;
    const before = (await readKept()).filter(([, picture]) => picture.same !== same);
    await set(Date.now(), { blob, prompt: settings.prompt, same }, store);
    const all = await readKept();
    const left = [all[0], ...before].slice(0, MOST).map(([key]) => key);
    await delMany(
      all.map(([key]) => key).filter((key) => !left.includes(key)),
      store,
    );
    await showKept();
  } catch (error) {
    const full = error.name === 'QuotaExceededError';
    const why = full ? 'this browser has no more room for it: forget some' : error.message;
    tell(`The picture could not be kept (${why}). It is still there to be saved.`);
  }
}

async function copy(make, what) {
  try {
    await make();
    tell(`${what} copied.`);
  } catch {
    tell(`The browser did not let the ${what.toLowerCase()} be copied.`);
  }
}

document.querySelector('#copy-link').onclick = () =>
  copy(() => navigator.clipboard.writeText(linkTo(studio.settings).href), 'Link');

document.querySelector('#copy-picture').onclick = () =>
  copy(() => {
    // Safari wants the promise itself.
    const picture = new ClipboardItem({ 'image/png': studio.toBlob({ scale: 8 }) });
    return navigator.clipboard.write([picture]);
  }, 'Picture');

const share = document.querySelector('#share');
share.hidden = !navigator.share;
share.onclick = async () => {
  const blob = await studio.toBlob({ scale: 8 });
  const files = [new File([blob], 'picture.png', { type: 'image/png' })];
  const { prompt = '' } = studio.settings;
  const picture = { title: prompt, url: linkTo(studio.settings).href };
  const data = navigator.canShare?.({ files }) ? { ...picture, files } : picture;
  await navigator.share(data).catch((error) => {
    if (error.name !== 'AbortError') tell(`It could not be shared (${error.message}).`);
  });
};

document.querySelector('#forget').onclick = () => {
  if (confirm('Forget all of your pictures here?')) void inTurn(() => forget(() => true));
};

/** Pictures of words that are still being typed come and go. */
let isTyping = false;
studio.addEventListener('input', () => (isTyping = true));
studio.addEventListener('change', () => {
  const wasTyping = isTyping;
  isTyping = false;
  if (wasTyping && studio.state === 'done') settle();
});

function settle() {
  const { settings } = studio;
  history.replaceState(null, '', linkTo(settings));
  const drawing = studio.toBlob();
  drawing.catch(() => undefined); // Told where it is awaited.
  void inTurn(() => keep(drawing, settings));
}

studio.addEventListener('load', () => {
  tell('');
  for (const button of document.querySelectorAll('.tools button')) button.disabled = false;
  if (!isTyping) settle();
  // From here on the page is there without a network, too.
  navigator.serviceWorker?.register(new URL('../sw.js', import.meta.url)).catch(() => undefined);
});

await customElements.whenDefined('diffusion-sampler');
await showKept().catch(() => undefined); // Some browsers keep nothing in private windows.
if (readAddress()) drawAsked();
