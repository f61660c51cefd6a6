// What was measured, from the files of the model, as it stands in the course.
import { readFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(`models/fashion-mnist/${name}`, 'utf8'));

const table = (head, rows) =>
  `<div class="table" tabindex="0"><table><thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead>` +
  `<tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</tbody></table></div>`;

/** The loss of the bundled model over its training, as a drawing. */
export function lossCurve() {
  const log = read('loss.json').filter(({ loss }) => Number.isFinite(loss));
  const [width, height, left, bottom] = [640, 240, 46, 28];
  const most = log.at(-1).images;
  const [low, high] = [0.12, 0.2];
  const x = (images) => left + ((width - left - 8) * images) / most;
  const y = (loss) => 10 + ((height - bottom - 10) * (high - Math.min(high, loss))) / (high - low);
  const points = log.map(({ images, loss }) => `${x(images).toFixed(1)},${y(loss).toFixed(1)}`);
  const ticks = [0.12, 0.14, 0.16, 0.18, 0.2].map(
    (loss) =>
      `<line class="axis" x1="${left}" x2="${width - 8}" y1="${y(loss)}" y2="${y(loss)}"/><text x="${left - 8}" y="${y(loss) + 4}" text-anchor="end">${loss.toFixed(2)}</text>`,
  );
  const times = [250_000, 500_000, 750_000, 1_000_000].map(
    (images) =>
      `<text x="${x(images)}" y="${height - 6}" text-anchor="middle">${images / 1000}k</text>`,
  );
  return `<svg class="measured" viewBox="0 0 ${width} ${height}" role="img" aria-label="The loss of the model over the pictures that it has seen">${ticks.join('')}${times.join('')}<polyline points="${points.join(' ')}"/></svg>`;
}

const names = {
  fixed_small: 'fixed, small',
  fixed_large: 'fixed, large',
  learned_range: 'learned',
};

export function varianceTable() {
  const { rows } = read('variance.json');
  return table(
    ['steps', 'variance', 'bits per dimension', 'Fréchet distance', 'as asked'],
    rows.map((row) => [
      row.steps,
      names[row.variance],
      row.bitsPerDimension.toFixed(2),
      row.frechetDistance.toFixed(2),
      row.classifiedAsAsked.toFixed(2),
    ]),
  );
}

export function guidanceTable() {
  const rows = read('guidance.json').rows.toSorted(
    (a, b) =>
      (a.classifierScale ?? 0) - (b.classifierScale ?? 0) || a.guidanceScale - b.guidanceScale,
  );
  return table(
    ['guidance', 'scale', 'Fréchet distance', 'as asked', 'network runs a step'],
    rows.map((row) => [
      row.classifierScale ? 'by classifier' : row.guidanceScale === 1 ? 'none' : 'classifier-free',
      row.classifierScale ?? row.guidanceScale,
      row.frechetDistance.toFixed(2),
      row.classifiedAsAsked.toFixed(3),
      row.classifierScale ? '1 + 1 small' : row.guidanceScale === 1 ? '1' : '2',
    ]),
  );
}

export function samplersTable() {
  const rows = read('metrics.json').rows.filter(
    (row) => row.count === 500 && row.dtype === 'int8' && row.guidanceScale === 1,
  );
  const steps = [5, 10, 20];
  const by = (name, count) => rows.find((row) => row.scheduler === name && row.steps === count);
  const listed = [...new Set(rows.map((row) => row.scheduler))].filter((name) =>
    steps.every((s) => by(name, s)),
  );
  listed.sort((a, b) => by(a, 20).frechetDistance - by(b, 20).frechetDistance);
  return table(
    ['sampler', ...steps.map((count) => `${count} steps`)],
    listed.map((name) => [
      `<code>${name}</code>`,
      ...steps.map((count) => by(name, count).frechetDistance.toFixed(2)),
    ]),
  );
}
