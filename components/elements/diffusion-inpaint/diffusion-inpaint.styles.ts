import { css } from 'lit';

export const styles = css`
  .board {
    position: relative;
    border-radius: var(--radius);
  }

  .board.dropping {
    outline: 3px dashed var(--accent);
    outline-offset: 2px;
  }

  .board.empty {
    display: grid;
    place-items: center;
    aspect-ratio: 1;
    padding: 1rem;
    border: 1px dashed var(--border);
    background: var(--background);
    color: var(--text);
    text-align: center;
  }

  canvas {
    display: block;
    width: 100%;
    border-radius: var(--radius);
    image-rendering: pixelated;
  }

  diffusion-mask:not([hidden]) {
    display: block;
    width: 100%;
  }

  .comparison {
    position: relative;
    margin-top: 0.5rem;
  }

  /* With the slider below. */
  .place {
    flex: none;
    aspect-ratio: 1;
    margin-bottom: 2.85rem;
    border-radius: var(--radius);
    background: var(--background);
  }

  .before {
    position: absolute;
    inset: 0;
    background: var(--background);
    clip-path: inset(0 calc(100% - var(--split)) 0 0);
  }

  .comparison canvas {
    height: 100%;
    max-height: 80vh;
    object-fit: contain;
  }

  .split input {
    direction: ltr;
    min-height: 1.5rem;
    padding: 0;
  }

  .choices {
    display: flex;
    flex-wrap: wrap;
    gap: 0.35rem;
    margin-top: 0.5rem;
  }

  .choices button {
    width: 3.5rem;
    padding: 2px;
  }

  .choices button[aria-pressed='true'] {
    border-color: var(--accent);
    box-shadow: inset 0 0 0 1px var(--accent);
  }

  .progress {
    margin-top: 0.5rem;
  }

  /* In the room of the slider, which comes when the progress has gone. */
  .place + .progress {
    margin-top: -2.35rem;
  }

  .plot {
    display: block;
    width: 100%;
    height: 3rem;
    color: var(--accent);
  }

  .cost {
    margin: 0.35rem 0 0;
    font-size: 0.8em;
  }
`;
