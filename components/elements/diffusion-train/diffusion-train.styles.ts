import { css } from 'lit';

export const styles = css`
  :host {
    --wanted-width: 44rem;
    --data: light-dark(#9a9ca8, #6d6f7c);
    --sample: var(--diffusion-series-1, light-dark(#3a5bd9, #8fa6ff));
    --arrow: light-dark(#c9cad4, #43454f);
    --path: var(--diffusion-series-2, light-dark(#c2410c, #fdba74));
  }

  .panels {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr));
    gap: 1rem;
    align-items: start;
  }

  .plane {
    position: relative;
    aspect-ratio: 1;
    overflow: hidden;
    border-radius: var(--radius);
    background: var(--background);
  }

  .plane canvas {
    display: block;
    width: 100%;
    height: 100%;
    /* What is painted there takes its colours from here. */
    outline-color: var(--data);
    column-rule-color: var(--path);
    text-decoration-color: var(--arrow);
    color: var(--sample);
  }

  .plane.drawing {
    cursor: crosshair;
    touch-action: none;
  }

  .hint {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    margin: 0;
    padding: 1rem;
    color: var(--text);
    text-align: center;
    pointer-events: none;
  }

  .side {
    display: grid;
    gap: 0.75rem;
    min-width: 0;
  }

  .loss {
    display: block;
    width: 100%;
    height: 7rem;
    border-radius: var(--radius);
    background: var(--background);
    color: var(--path);
  }

  .counter {
    margin: 0;
    font-variant-numeric: tabular-nums;
  }

  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 0.75em;
    font-variant-numeric: tabular-nums;
  }

  th,
  td {
    padding: 0.15rem 0.25rem;
    border-bottom: 1px solid var(--border);
    text-align: end;
    white-space: nowrap;
  }

  .scroll {
    overflow-x: auto;
  }

  .toolbar label {
    flex: 1 1 5.5rem;
  }

  .run {
    display: flex;
    flex: 1 1 100%;
    flex-wrap: wrap;
    gap: 0.5rem;
  }

  input[type='range'] {
    min-height: 1.5rem;
    padding: 0;
    accent-color: var(--accent);
  }
`;
