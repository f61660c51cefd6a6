// Finds Chromium or Chrome: the variable CHROMIUM first, then the usual names. Where there is none, installs
// Debian's package if this user may, else says the one command that does.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const paths = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

function onPath(name) {
  const { status, stdout } = spawnSync('which', [name], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function search() {
  const { CHROMIUM } = process.env;
  if (CHROMIUM) {
    if (existsSync(CHROMIUM)) return CHROMIUM;
    throw new Error(`CHROMIUM is ${CHROMIUM}, but there is no such file.`);
  }
  return names.map(onPath).find(Boolean) ?? paths.find((path) => existsSync(path));
}

export function findChromium() {
  const found = search();
  if (found) return found;
  if (process.getuid?.() === 0 && onPath('apt-get')) {
    console.log('No Chromium found: installing Debian’s package.');
    const options = { stdio: ['ignore', 'ignore', 'inherit'] };
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', ['install', '-y', '-qq', 'chromium'], options);
    const installed = search();
    if (installed) return installed;
  }
  throw new Error(
    'No Chromium found. Run "sudo apt-get install chromium", or set CHROMIUM to the browser’s path.',
  );
}

/** Flags for a headless run as root, on a closed network, with WebGPU in software. */
export const chromiumFlags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  // A camera that shows a test picture, and that nobody has to allow.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];
