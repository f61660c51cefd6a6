// Adopts the package in real apps: installs its tarball in each, builds, serves and opens it in Chromium.
//
//   node test/integration/run.mjs [APP…] [--tarball FILE]
//
// Without names, all apps; without a tarball, packs the package as it is built in dist/.
import { existsSync, rmSync } from 'node:fs';
import { cp, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumFlags, findChromium } from '../helpers/find-chromium.mjs';
import { apps } from './apps.mjs';
import { openApp } from './open.mjs';
import { run } from './processes.mjs';
import { serveCommand, serveFolder } from './serve.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What an app may emit, and its largest file: hosts refuse files of 25 MB. */
const EMITTED_LIMIT = 64e6;
const FILE_LIMIT = 8e6;
const appsFolder = fileURLToPath(new URL('apps', import.meta.url));

async function pack(destination) {
  if (!existsSync(join(root, 'dist/index.js'))) throw new Error('Run "npm run build" first.');
  const command = ['npm', 'pack', '--silent', '--pack-destination', destination];
  const { succeeded, output } = await run(command, { cwd: root });
  if (!succeeded) throw new Error(output);
  return join(destination, output.trim().split('\n').at(-1));
}

/** Copies the app and installs it with the tarball. */
async function install(app, folder, tarball) {
  await cp(join(appsFolder, app.name), folder, { recursive: true });
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  manifest.dependencies['diffusion-elements'] = `file:${tarball}`;
  await writeFile(file, JSON.stringify(manifest));
  const command = ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund'];
  const { succeeded, output } = await run(command, { cwd: folder });
  if (!succeeded) throw new Error(`npm install: ${lastLines(output)}`);
}

async function versionOf(name, folder) {
  const file = join(folder, 'node_modules', name, 'package.json');
  return JSON.parse(await readFile(file, 'utf8')).version;
}

/** Calls the npm scripts, and returns what they warn of. */
async function build(scripts, cwd) {
  const warnings = [];
  for (const script of scripts) {
    const { succeeded, output } = await run(['npm', 'run', '--silent', script], { cwd });
    if (!succeeded) throw new Error(`npm run ${script}: ${lastLines(output)}`);
    const lines = output.split('\n').filter((line) => /\bwarn(ing)?\b|⚠/i.test(line));
    warnings.push(...lines.map((line) => `${script}: ${line.trim()}`));
  }
  return warnings;
}

function lastLines(output) {
  return output.trim().split('\n').slice(-20).join('\n');
}

/** The total and the largest of the files in a folder. */
async function measure(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      // Visitors fetch no source maps.
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
      .map(async ({ parentPath, name }) => ({
        name,
        size: (await stat(join(parentPath, name))).size,
      })),
  );
  return {
    total: files.reduce((sum, { size }) => sum + size, 0),
    largest: files.reduce((largest, file) => (file.size > largest.size ? file : largest)),
  };
}

async function serve({ command, folder: served, headers, otherOrigin }, folder) {
  if (command) return serveCommand(command, folder);
  if (!otherOrigin) return serveFolder(join(folder, served), { headers });
  const other = await serveFolder(join(folder, otherOrigin), {
    headers: { 'access-control-allow-origin': '*' },
  });
  const own = await serveFolder(join(folder, served), { replace: { '%OTHER_ORIGIN%': other.url } });
  return {
    url: own.url,
    close() {
      own.close();
      other.close();
    },
  };
}

/** One run of an app, with all that is wrong with it. */
async function attempt(app, appRun, folder, browser) {
  const result = { built: false, problems: [], warnings: [] };
  try {
    result.warnings.push(...(await build(appRun.scripts ?? [], folder)));
    result.built = true;
    if (appRun.emitted) {
      result.emitted = await measure(join(folder, appRun.emitted));
      const { total, largest } = result.emitted;
      if (total > EMITTED_LIMIT) result.problems.push(`emits ${kilobytes(total)}`);
      if (largest.size > FILE_LIMIT) result.problems.push(`${largest.name} is too large`);
    }
    const server = await serve(appRun, folder);
    try {
      if (app.rendersMarkup) {
        const markup = await (await fetch(server.url)).text();
        if (!markup.includes('<diffusion-sampler')) result.problems.push('no tag in the markup');
      }
      result.page = await openApp(browser, server.url);
    } finally {
      server.close();
    }
    const { state, error, thread, errors, failures, warnings } = result.page;
    if (state !== 'done') result.problems.push(`not drawn: ${error || `state is ${state}`}`);
    const wanted = appRun.thread ?? 'worker';
    if (thread !== wanted) result.problems.push(`thread is ${thread}, not ${wanted}`);
    const expected = (text) => appRun.expects?.test(text);
    result.problems.push(...[...failures, ...errors].filter((text) => !expected(text)));
    result.warnings.push(...warnings);
  } catch (error) {
    result.problems.push(error.message);
  }
  return result;
}

async function runApp(app, temporary, tarball, browser) {
  const folder = join(temporary, app.name);
  const rows = [];
  try {
    await install(app, folder, tarball);
    const version = app.package ? await versionOf(app.package, folder) : '';
    for (const appRun of app.runs) {
      const result = await attempt(app, appRun, folder, browser);
      rows.push({ app: app.name, mode: appRun.mode, package: app.package, version, ...result });
    }
  } catch (error) {
    rows.push({ app: app.name, mode: 'install', problems: [error.message], warnings: [] });
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  return rows;
}

const kilobytes = (bytes) => `${Math.round(bytes / 1000).toLocaleString('en')} kB`;
const oneLine = (text) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 160);

function cells({ app, mode, package: name, version, built, emitted, page, problems }) {
  return {
    app,
    mode,
    bundler: name ? `${name} ${version}` : '',
    builds: built ? 'yes' : 'no',
    draws: page?.state === 'done' ? 'yes' : 'no',
    thread: page?.thread ?? '',
    backend: page?.backend ?? '',
    emitted: emitted ? kilobytes(emitted.total) : '',
    'largest file': emitted ? `${emitted.largest.name}, ${kilobytes(emitted.largest.size)}` : '',
    requests: page?.requests ?? '',
    transferred: page ? kilobytes(page.transferred) : '',
    'first picture': page?.state === 'done' ? `${Math.round(page.endedAt)} ms` : '',
    problems: problems.map(oneLine).join('<br>'),
  };
}

function table(rows) {
  const records = rows.map(cells);
  const names = Object.keys(records[0]);
  const line = (values) => `| ${values.join(' | ')} |`;
  return [
    line(names),
    line(names.map(() => '---')),
    ...records.map((record) => line(Object.values(record))),
  ].join('\n');
}

function progress({ app, mode, problems, warnings }) {
  const details = [...problems, ...warnings.map((text) => `warning: ${text}`)];
  const lines = details.map((text) => `\n  ${text.replaceAll('\n', '\n    ')}`);
  return `${problems.length ? '✗' : '✓'} ${app}, ${mode}${lines.join('')}\n`;
}

const { positionals: names, values } = parseArgs({
  allowPositionals: true,
  options: { tarball: { type: 'string' } },
});
const unknown = names.filter((name) => !apps.some((app) => app.name === name));
if (unknown.length) throw new Error(`No such app: ${unknown.join(', ')}.`);
const chosen = apps.filter(({ name }) => names.length === 0 || names.includes(name));

const temporary = await mkdtemp(join(tmpdir(), 'diffusion-elements-apps-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: chromiumFlags.filter((flag) => !flag.includes('webgpu')),
});
try {
  const tarball = values.tarball ? resolve(values.tarball) : await pack(temporary);
  const rows = [];
  for (const app of chosen) {
    const appRows = await runApp(app, temporary, tarball, browser);
    for (const row of appRows) process.stderr.write(progress(row));
    rows.push(...appRows);
  }
  const failed = rows.filter(({ problems }) => problems.length > 0).length;
  process.stdout.write(`${table(rows)}\n\n${rows.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed ? 1 : 0;
} finally {
  await browser.close();
}
